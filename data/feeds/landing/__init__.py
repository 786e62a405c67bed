"""One delivery becomes records: read, checked, placed, put into the table of its kind; what cannot be used is counted and told."""

"""Turns columns into checked values: dates, keys, categories, geometry. Rows that cannot be used are rejected with a reason."""

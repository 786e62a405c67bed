"""The data hub: the matrix, the feeds, and what departments send."""

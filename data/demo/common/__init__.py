"""Common parts of the demo city: its plane and random numbers, its sizes, names and categories."""

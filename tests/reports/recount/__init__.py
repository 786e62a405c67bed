"""Counts what a report says again, from raw rows with pandas: nothing here asks what the product counts with."""

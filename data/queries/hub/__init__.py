"""Statements of the data hub."""

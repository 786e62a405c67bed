"""Statements for cases near others: likely duplicates, and earlier ones."""

"""Imports published files into the database: profiles, readers, checks, cells, joins."""

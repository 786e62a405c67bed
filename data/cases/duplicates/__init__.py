"""Likely duplicates: cases that may be about the same thing."""

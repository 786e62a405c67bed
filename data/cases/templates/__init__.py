"""Texts that are used again and again."""

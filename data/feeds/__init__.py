"""Feeds: what departments deliver, when it was expected, and how each feed stood on each day."""

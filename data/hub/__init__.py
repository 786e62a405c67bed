"""The data hub: how the feeds of all departments stand, and everything about one feed."""

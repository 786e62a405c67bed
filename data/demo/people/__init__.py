"""The people of the demo city, and their invented numbers."""

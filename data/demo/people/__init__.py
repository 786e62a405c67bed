"""The people of the demo city, and the numbers that nobody has."""

"""Writes checked rows to the tables of the city, and updates the figures."""

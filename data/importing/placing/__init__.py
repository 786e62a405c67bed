"""Assigns rows to areas: the tree of areas, grid cells, homes, and the cell that contains a point."""

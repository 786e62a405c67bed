"""Geometry: map datums, exact tilings, grid cells, and apportioning published figures to areas."""

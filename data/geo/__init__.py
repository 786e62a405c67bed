"""Geometry without a city: map datums, exact tilings, grid cells, sharing published figures out over areas."""

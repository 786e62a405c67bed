"""Places on the map: search, cards, outlines and vector tiles."""

"""What the map fetches: tiles, shapes, and the map library."""

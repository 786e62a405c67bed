"""Routes that the map asks: tiles, shapes, and the map library."""

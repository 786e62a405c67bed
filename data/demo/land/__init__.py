"""The ground of the demo city: water, roads, areas, buildings, addresses, and the map around them."""

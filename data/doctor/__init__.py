"""Is everything well? Checks of the installation and of each city's data, one small function each."""

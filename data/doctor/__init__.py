"""The doctor: checks of the installation and of each city's data, one small function each."""

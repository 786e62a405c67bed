"""The machine interface: areas with their figures, health, and the page that documents both."""

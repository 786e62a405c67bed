"""The machine door: areas with their figures, health, and the page that documents it."""

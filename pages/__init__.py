"""What does a person see? Pure functions from (viewer, view) to components."""

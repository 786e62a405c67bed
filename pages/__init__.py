"""What does a person see on the page? Pure functions from (viewer, view) to components."""

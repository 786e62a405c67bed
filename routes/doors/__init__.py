"""Pages outside the map, as plain HTML without any script: signing in, one's own account, everybody's accounts."""

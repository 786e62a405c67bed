"""What people keep for themselves at the desk: filters with names, and how their table looks."""

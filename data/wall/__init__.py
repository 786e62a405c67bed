"""The wall of a command centre: its figures, and the scenes and screens of its tour."""

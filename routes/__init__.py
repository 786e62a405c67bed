"""What answers beside Dash? Sign-in, health, the machine door, tiles, shapes."""

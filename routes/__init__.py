"""What answers requests, apart from Dash? Sign-in, health, the machine interface, tiles, shapes."""

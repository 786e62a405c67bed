"""What stands in front of every route: who asks, how much, how often, and what every answer tells the browser."""

"""Middleware in front of every route: sign-in, limits on the size and number of requests, and headers of every answer."""

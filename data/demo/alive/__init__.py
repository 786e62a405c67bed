"""The invented crew that works in the demo city: ``./gridwell up --alive``."""

"""The cases of the demo city: when and where they happen, and how far each has come."""

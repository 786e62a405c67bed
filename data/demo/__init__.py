"""The invented city: the same streets, people and cases from the same seed, every time."""

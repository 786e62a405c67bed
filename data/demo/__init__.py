"""The invented demo city: the same seed always gives the same streets, people and cases."""

"""Steps on many cases at once: which can take one, where each would go, and why the others cannot."""

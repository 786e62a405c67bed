"""A pack's ``pack.toml``: read, checked with a sentence and a line for whatever is wrong, and made into frozen models."""

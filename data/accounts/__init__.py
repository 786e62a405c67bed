"""Accounts: who may sign in, by which means, and for how long."""

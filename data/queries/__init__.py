"""Builds SQL statements: pure functions without input or output. ``data.database.transactions.fetch`` runs the statements."""

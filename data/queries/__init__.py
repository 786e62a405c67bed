"""Arguments to statement: pure functions, no input or output. ``data.database.transactions.fetch`` runs what they return."""

"""Arguments to statement: pure functions, no input or output. ``data.db.fetch`` runs what they return."""

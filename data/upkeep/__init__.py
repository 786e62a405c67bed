"""What the server does apart from answering requests: it prepares the database, deletes old rows, and updates deadlines."""

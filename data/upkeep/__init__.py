"""What a server does beside answering: preparing the database, retention, and the clock of deadlines."""

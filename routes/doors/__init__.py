"""What the pages outside the map show (views), for the templates in ``routes/templates``: signing in, accounts, the audit log, errors."""

"""What pages outside the map show (views), for the templates in ``routes/templates``. Signing in, accounts, the audit log, errors."""

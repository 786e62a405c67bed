"""Pages outside the map: what each shows (a view), for the templates in ``routes/templates``. Signing in, accounts, the audit log, errors."""

"""Pictures of reports: maps as vectors."""

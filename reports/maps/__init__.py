"""Maps of reports: what is asked for them, and their legends, notes and descriptions."""

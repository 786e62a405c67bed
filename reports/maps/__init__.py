"""Maps of reports: what is asked for them, how they are drawn, and their legends, notes and descriptions."""

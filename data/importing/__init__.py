"""From published files to rows: profiles, readers, checks, cells, joins."""

"""What the parent of the serving processes does besides: it watches the database server, and drops root's rights."""

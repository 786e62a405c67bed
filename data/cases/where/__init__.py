"""Where cases stand: finding the cell, moving a case, and what follows it."""

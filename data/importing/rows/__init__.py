"""From columns to checked values: dates, keys, categories, geometry; and what is rejected, with the reason."""

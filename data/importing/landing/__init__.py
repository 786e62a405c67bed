"""From checked rows to the tables of the city, and to the figures that follow."""

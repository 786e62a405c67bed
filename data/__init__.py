"""Where does it come from? PostGIS: schema, queries, import, roll-ups, demo city, checks."""

"""The profile of a city: what its files say, column by column."""

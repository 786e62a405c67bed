"""The profile of a city: the meaning of its files, column by column."""

"""The summary of a report: what changed beyond the usual, in plain sentences written from the data. Pure."""

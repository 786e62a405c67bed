"""Rules and calendars as they are changed at the machine door: what a change would do, and carrying it out in the keeper."""

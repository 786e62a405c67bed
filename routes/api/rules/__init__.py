"""The machine door for rules and calendars."""

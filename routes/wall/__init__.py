"""The wall of a command centre: its page, what the page asks for, and where its tour is looked after."""

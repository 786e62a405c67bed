"""The cases of the demo city: time, place, and progress of each."""

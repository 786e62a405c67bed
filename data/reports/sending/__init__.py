"""Sends reports by clock and calendar: schedules, runs, deliveries, and who has seen what."""

"""What happens now: the stream of events."""

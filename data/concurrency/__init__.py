"""Concurrency: background tasks, a cache of answers, queues, and state that belongs to one event loop."""

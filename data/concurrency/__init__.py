"""Work that is shared or waits: background tasks, kept answers, queues, and state that belongs to one event loop."""

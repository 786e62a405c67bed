"""Live data: versions of the data, and notifications when they change."""

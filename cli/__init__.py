"""What happens at a terminal? One file per command of ``./gridwell``."""

"""What can be done at a terminal? One file per command of ``./gridwell``."""

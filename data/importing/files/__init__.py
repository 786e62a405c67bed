"""From a file's bytes to columns: encodings, archives, and a reader for each format."""

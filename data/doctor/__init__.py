"""Is it still true? Checks that prove the data against itself."""

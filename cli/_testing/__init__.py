"""What the test command and the tests share: compiled files, coverage, a folder in memory."""

"""The work on cases: stages and steps, requests of people, the one writer, and reading a case with its history."""

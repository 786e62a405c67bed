"""Small bugs put in on purpose, to see whether the tests notice them: `./gridwell test --mutants ROOM`."""

"""Common parts of all steps of an import: columns, sheets, sentences."""

"""What every step of an import uses: columns, sheets, sentences."""

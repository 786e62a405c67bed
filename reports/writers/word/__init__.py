"""Documents of Word (DOCX): styles, parts, tables and blocks."""

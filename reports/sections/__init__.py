"""Sections of reports: one file each, named in the kinds (``reports/kinds/*.toml``)."""

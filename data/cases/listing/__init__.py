"""The list of cases: pages in any order, filters, search and counts."""

"""Statements of migrations about notices of hazards."""

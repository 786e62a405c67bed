"""Statements for the desk: where cases go, and what people keep."""

"""Statements of migrations about reports."""

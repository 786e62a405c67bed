"""Statements of migrations about theme packs and feeds."""

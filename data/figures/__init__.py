"""Figures of areas: which questions a report asks, and the shape of its answer."""

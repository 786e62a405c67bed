"""Figures of areas: the statements of a report, and the shape of its answer."""

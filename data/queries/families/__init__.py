"""Figures of an area with its family: children, brothers and sisters, and those that are coloured inside it."""

"""Deadlines: working time, calendars and rules (pure), the tables that hold them, and what follows from a change of either.

``working_time``, ``calendar``, ``rules`` and ``explanation`` know no database: they count with values that were read before.
"""

"""Types of the fixtures that make databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager

FreshDatabase = Callable[..., AbstractContextManager[str]]
"""Of the fixture ``fresh_database``: ``with fresh_database() as url`` is a migrated, empty database of one's own."""

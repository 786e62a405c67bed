"""The type of a connection of psycopg whose rows are tuples."""

from typing import TypeAlias

import psycopg
from psycopg.rows import TupleRow

Connection: TypeAlias = psycopg.Connection[TupleRow]
"""A connection that statements are executed on directly; for people see ``data.database.transactions``."""

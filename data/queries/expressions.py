"""Short names for the types of statements and their parts."""

from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Select

Rows: TypeAlias = Select[*tuple[Any, ...]]
"""A statement that gives rows; its docstring names the columns."""
Expression: TypeAlias = ColumnElement[Any]
"""An expression whose type PostgreSQL decides: a geometry, a JSON value, a parameter."""
AnyColumn: TypeAlias = Column[Any]
"""A column of any type."""

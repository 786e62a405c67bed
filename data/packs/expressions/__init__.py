"""The language in which theme packs say rules, indicators, scores and warnings; see docs/packs-expressions.md.

``parse`` turns a text into a typed tree, ``compile_sql`` turns that into a column of a statement. Nothing is ever evaluated as
Python, texts are bound as values, and names are only those that the caller gave.
"""

from data.packs.expressions.errors import ExpressionError
from data.packs.expressions.given import Given, WorkingDays
from data.packs.expressions.parser import RESERVED, parse
from data.packs.expressions.sql import Part, compile_part, compile_sql
from data.packs.expressions.tree import Typed
from data.packs.expressions.types import DATE, MOMENT, MONTH, NUMBER, TEXT, YES_NO, Base, ValueType, code_type, type_of_field

__all__ = [
    "DATE",
    "MOMENT",
    "MONTH",
    "NUMBER",
    "RESERVED",
    "TEXT",
    "YES_NO",
    "Base",
    "ExpressionError",
    "Given",
    "Part",
    "Typed",
    "ValueType",
    "WorkingDays",
    "code_type",
    "compile_part",
    "compile_sql",
    "parse",
    "type_of_field",
]

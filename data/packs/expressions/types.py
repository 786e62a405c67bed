"""Types of values: what a field holds, and what an expression gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Base(StrEnum):
    """What kind of value it is. Whole numbers and decimals are one kind."""

    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    DATE = "date"
    MOMENT = "moment"
    MONTH = "month"
    CODE = "code"


ORDERED = frozenset({Base.NUMBER, Base.TEXT, Base.DATE, Base.MOMENT, Base.MONTH})
"""Kinds of which one value can be less than another."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a value; of a code, also which codes there are."""

    base: Base
    codes: tuple[str, ...] = ()


NUMBER = ValueType(Base.NUMBER)
TEXT = ValueType(Base.TEXT)
YES_NO = ValueType(Base.YES_NO)
DATE = ValueType(Base.DATE)
MOMENT = ValueType(Base.MOMENT)
MONTH = ValueType(Base.MONTH)


def code_type(codes: Iterable[str]) -> ValueType:
    """A code that is one of these."""
    return ValueType(Base.CODE, tuple(codes))


_OF_FIELDS = {
    "integer": NUMBER,
    "decimal": NUMBER,
    "text": TEXT,
    "link": TEXT,
    "yes_no": YES_NO,
    "date": DATE,
    "moment": MOMENT,
    "month": MONTH,
}


def type_of_field(declared: str, codes: Iterable[str] = ()) -> ValueType:
    """The type of a pack's field by its declared one, such as ``integer``. A link is the text of the other record's key.

    Raises:
        KeyError: there is no such type.
    """
    return code_type(codes) if declared == "code" else _OF_FIELDS[declared]

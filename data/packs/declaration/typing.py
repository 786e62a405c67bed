"""Expressions of a pack against its fields: which names each may use, and what is wrong with it."""

from collections.abc import Mapping
from typing import Literal

from data.packs.declaration.model import Kind, Pack
from data.packs.expressions import NUMBER, TEXT, Base, ExpressionError, ValueType, code_type, parse, type_of_field

Names = dict[str, ValueType]
Wanted = Literal["yes_no", "number", "date"]

LEVELS = ("high", "medium", "watch", "normal")
"""Levels of a score, as a warning's condition names them."""


def names_of(pack: Pack, kind: Kind) -> Names:
    """Fields of a kind, and of the kinds that its links lead to, as expressions name them."""
    names = _own_names(kind)
    for field in kind.fields.values():
        other = pack.kinds.get(field.to or "") if field.type == "link" else None
        if other is not None:
            names |= {f"{field.code}.{name}": kept for name, kept in _own_names(other).items()}
    return names


def _own_names(kind: Kind) -> Names:
    return {
        field.code: TEXT if field.type == "code" and not field.codes else type_of_field(field.type, field.codes)
        for field in kind.fields.values()
    }


def names_of_warning() -> Names:
    """What a warning's condition may name."""
    return {"level": code_type(LEVELS), "score": NUMBER}


def find_fault(text: str, names: Mapping[str, ValueType], wants: Wanted | None, aggregate: bool) -> ExpressionError | None:
    """What is wrong with an expression."""
    try:
        parse(text, names, wants=Base(wants) if wants else None, aggregate=aggregate)
    except ExpressionError as error:
        return error
    return None


def names_in(text: str, names: Mapping[str, ValueType]) -> frozenset[str]:
    """The fields that an expression reads, of this period or an earlier one; none of an expression that is wrong."""
    try:
        typed = parse(text, names)
    except ExpressionError:
        return frozenset()
    return typed.names | {name for name, _ in typed.previous}

"""Expressions of a pack against its fields: which names each may use, and what is wrong with it."""

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from data.packs.declaration.model import Kind, Pack

Names = dict[str, Any]
Wanted = Literal["yes_no", "number", "date"]

LEVELS = ("high", "medium", "watch", "normal")
"""Levels of a score, as a warning's condition names them."""


def _find_language() -> ModuleType | None:
    """The language of expressions, if it is there."""
    try:
        return importlib.import_module("data.packs.expressions")
    except ModuleNotFoundError:
        return None


def names_of(pack: Pack, kind: Kind) -> Names:
    """Fields of a kind, and of the kinds that its links lead to, as expressions name them."""
    names = _own_names(kind)
    for field in kind.fields.values():
        other = pack.kinds.get(field.to or "") if field.type == "link" else None
        if other is not None:
            names |= {f"{field.code}.{name}": kept for name, kept in _own_names(other).items()}
    return names


def _own_names(kind: Kind) -> Names:
    language = _find_language()
    if language is None:
        return {}
    return {
        field.code: language.TEXT if field.type == "code" and not field.codes else language.type_of_field(field.type, field.codes)
        for field in kind.fields.values()
    }


def names_of_warning() -> Names:
    """What a warning's condition may name."""
    language = _find_language()
    return {} if language is None else {"level": language.code_type(LEVELS), "score": language.NUMBER}


def find_fault(text: str, names: Mapping[str, Any], wants: Wanted | None, aggregate: bool) -> object | None:
    """What is wrong with an expression; it has ``tell(lang)``."""
    language = _find_language()
    if language is None:
        return None
    try:
        language.parse(text, names, wants=language.Base(wants) if wants else None, aggregate=aggregate)
    except language.ExpressionError as error:
        found: object = error
        return found
    return None


def names_in(text: str, names: Mapping[str, Any]) -> frozenset[str]:
    """The fields that an expression reads, of this period or an earlier one; none of an expression that is wrong."""
    language = _find_language()
    if language is None:
        return frozenset()
    try:
        typed = language.parse(text, names)
    except language.ExpressionError:
        return frozenset()
    return frozenset(typed.names) | frozenset(name for name, _ in typed.previous)

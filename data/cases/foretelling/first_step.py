"""The first step of a case: what filing it and foretelling it have in common."""

from collections.abc import Collection, Mapping
from typing import Any

from data.cases.refusals import Refusal
from data.cases.stages import REPORT
from data.cases.states import Order
from data.core.nearest import find_nearest_word

_GIVEN = ("severity", "condition", "category", "title", "attachments", "remark", "place")


def make_first_order(said: Mapping[str, Any]) -> Order:
    """The order that makes a case, from what is said of it."""
    return Order(REPORT.name, {name: said.get(name) for name in _GIVEN})


def check_category(code: str, known: Collection[str], field: str) -> list[Refusal]:
    """Refuse a category that the city does not have.

    Args:
        code: the category.
        known: codes of the city's categories of cases.
        field: the field that named it.
    """
    return [] if code in known else [Refusal(field, "unknown_category", {"nearest": find_nearest_word(code, known)})]

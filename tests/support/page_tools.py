"""Looking into a page's elements without a browser."""

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from pages.html import Element

Part = Component | Element


def walk(part: Any) -> Iterator[Part]:
    """Every component of a tree, from the top down."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from walk(one)
    elif isinstance(part, Part):
        yield part
        yield from walk(getattr(part, "children", None))


def text(part: Any) -> str:
    """Everything a tree says, in order."""
    if isinstance(part, list | tuple):
        return "".join(text(one) for one in part)
    if isinstance(part, Part):
        return text(getattr(part, "children", None))
    return "" if part is None else str(part)


def of_class(part: Any, name: str) -> list[Part]:
    """The components of a tree that carry a class."""
    return [one for one in walk(part) if name in str(getattr(one, "className", None) or "").split()]


def links(part: Any) -> list[str]:
    """Where all links of a tree lead."""
    return [str(one.href) for one in walk(part) if getattr(one, "href", None)]

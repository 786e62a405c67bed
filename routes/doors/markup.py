"""HTML from Python in which a text can never become markup: everything is escaped that was not made here."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"input", "link", "meta", "br", "img"})


class Markup(str):
    """HTML that was made by ``tag``."""

    __slots__ = ()


Content = str | None | Iterable["Content"]


def tag(element: str, /, *content: Content, **attributes: object) -> Markup:
    """One element.

    Args:
        element: its name.
        content: texts (escaped), elements, ``None``, or lists of them.
        attributes: ``class_`` and ``for_`` for names that Python keeps for itself, ``_`` for ``-``; ``True`` stands for an attribute
            without a value, ``False`` and ``None`` for none.
    """
    opened = "".join(_attribute(key.strip("_").replace("_", "-"), value) for key, value in attributes.items())
    return Markup(f"<{element}{opened}>" if element in _VOID else f"<{element}{opened}>{joined(*content)}</{element}>")


def joined(*content: Content) -> Markup:
    """Several pieces one after the other."""
    return Markup("".join(map(_piece, content)))


def _piece(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return escape(content)
    return joined(*content)


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'

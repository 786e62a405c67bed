"""HTML elements in the form in which Dash sends them to the browser, but made in a fraction of the time.

A page holds about a thousand elements. Dash's own classes check every property of each one against lists, and are converted to
dictionaries when the answer is written; together this took two thirds of the time of a click. Our elements are such dictionaries from
the start. A test makes the pages' elements again with Dash's classes, so Dash's checks are not lost.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from dash.development.base_component import Component


class Element(dict[str, object]):
    """One element: children first, then properties by name (``className``, ``href``, ``aria-label`` …), which can be read as attributes."""

    __slots__ = ()
    namespace: ClassVar[str] = "dash_html_components"

    def __init__(self, children: "Children" = None, /, **props: object) -> None:
        if children is not None:
            props["children"] = children
        super().__init__(type=type(self).__name__, namespace=self.namespace, props=props)

    @property
    def props(self) -> dict[str, Any]:
        """The properties, children among them."""
        return self["props"]  # type: ignore[return-value]  # a dictionary has one type for all its values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.props[name]
        except KeyError:
            raise AttributeError(name) from None


Child: TypeAlias = Element | Component | str | int | float | None
Children: TypeAlias = Sequence[Child] | Child


class A(Element):
    __slots__ = ()


class B(Element):
    __slots__ = ()


class Button(Element):
    __slots__ = ()


class Datalist(Element):
    __slots__ = ()


class Dd(Element):
    __slots__ = ()


class Details(Element):
    __slots__ = ()


class Div(Element):
    __slots__ = ()


class Dl(Element):
    __slots__ = ()


class Dt(Element):
    __slots__ = ()


class Form(Element):
    __slots__ = ()


class H1(Element):
    __slots__ = ()


class H2(Element):
    __slots__ = ()


class I(Element):  # noqa: E742 - the element is called so
    __slots__ = ()


class Input(Element):
    """An input field. It is one of Dash's core components, because a callback cannot change an HTML input element."""

    __slots__ = ()
    namespace = "dash_core_components"


class Label(Element):
    __slots__ = ()


class Li(Element):
    __slots__ = ()


class Ol(Element):
    __slots__ = ()


class Option(Element):
    __slots__ = ()


class Output(Element):
    __slots__ = ()


class P(Element):
    __slots__ = ()


class Small(Element):
    __slots__ = ()


class Span(Element):
    __slots__ = ()


class Summary(Element):
    __slots__ = ()

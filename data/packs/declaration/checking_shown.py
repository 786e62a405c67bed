"""What people get to see: lists, layers, the page, sections of reports, and what is public."""

from collections.abc import Iterable

from data.packs.declaration.locator import Path
from data.packs.declaration.looking import Look
from data.packs.declaration.model import CLOSED, Kind, Layer

_NEEDS = {"points": ("kind",), "areas": ("colour",), "columns": ("height",)}


def check_shown(look: Look) -> None:
    """Everything that is shown."""
    pack = look.pack
    for one in pack.lists.values():
        path: Path = ("lists", one.code)
        look.check_code(path, one.code)
        kind = look.find_kind((*path, "kind"), one.kind)
        look.check_expression((*path, "where"), one.where, kind, "yes_no")
        look.check_expression((*path, "due"), one.due, kind, "date")
        if kind is not None:
            look.check_order((*path, "order"), kind, one.order)
            look.check_order((*path, "columns"), kind, one.columns)
    for layer in pack.layers.values():
        _check_layer(look, layer, ("layers", layer.code))
    page = pack.page
    _check_all(look, ("page", "figures"), "unknown_figure", page.figures, [*pack.indicators, *pack.scores, *pack.warnings])
    _check_all(look, ("page", "map"), "unknown_layer", page.map, pack.layers)
    _check_all(look, ("page", "lists"), "unknown_list", page.lists, pack.lists)
    look.check_known(("page", "trend"), "unknown_colour", page.trend, [*pack.indicators, *pack.scores])
    for section in pack.sections.values():
        path = ("sections", section.code)
        look.check_code(path, section.code)
        _check_all(look, (*path, "indicators"), "unknown_indicator", section.indicators, pack.indicators)
        _check_all(look, (*path, "lists"), "unknown_list", section.lists, pack.lists)
    _check_public(look)


def _check_all(look: Look, path: Path, code: str, names: list[str], known: Iterable[str]) -> None:
    for number, name in enumerate(names):
        look.check_known((*path, number), code, name, known)


def _check_layer(look: Look, layer: Layer, path: Path) -> None:
    look.check_code(path, layer.code)
    for key in _NEEDS[layer.as_]:
        if getattr(layer, key) is None:
            look.add(path, "layer_needs", as_=layer.as_, key=key)
    pack = look.pack
    look.check_known((*path, "height"), "unknown_indicator", layer.height, pack.indicators)
    known = look.check_known((*path, "colour"), "unknown_colour", layer.colour, [*pack.indicators, *pack.scores])
    if layer.as_ != "points" and known and layer.colour is not None and layer.colour not in pack.indicators:
        look.add((*path, "colour"), "layer_areas_score", name=layer.colour)
    kind = look.find_kind((*path, "kind"), layer.kind)
    if kind is None:
        return
    look.check_expression((*path, "where"), layer.where, kind, "yes_no")
    look.check_open((*path, "where"), layer.where, kind, CLOSED, "layer_closed_field")
    if layer.as_ == "points" and look.place_of(kind) is None:
        look.add((*path, "kind"), "layer_no_place", kind=kind.code)
    elif layer.as_ == "points" and look.leads_to_person(kind):
        look.add((*path, "kind"), "layer_person", kind=kind.code)
    for number, name in enumerate(layer.tooltip):
        field = look.find_field((*path, "tooltip", number), kind, name)
        if field is not None and field.class_ in CLOSED:
            look.add((*path, "tooltip", number), "layer_closed_field", field=name, class_=field.class_)


def _check_public(look: Look) -> None:
    for one in look.pack.public.values():
        path: Path = ("public", one.code)
        kind = look.find_kind(path, one.code)
        if kind is None:
            continue
        if kind.subject == "person":
            look.add(path, "public_person", kind=kind.code)
        for number, name in enumerate(one.fields):
            _check_public_field(look, kind, name, (*path, "fields", number))
        look.check_expression((*path, "where"), one.where, kind, "yes_no")
        look.check_open((*path, "where"), one.where, kind, CLOSED, "public_closed_field")
        for number, name in enumerate(one.order):
            _check_public_field(look, kind, name.removeprefix("-"), (*path, "order", number))


def _check_public_field(look: Look, kind: Kind, name: str, path: Path) -> None:
    field = look.find_field(path, kind, name)
    if field is None:
        return
    if field.class_ in CLOSED:
        look.add(path, "public_closed_field", field=name, class_=field.class_)
    elif field.sees is not None:
        look.add(path, "public_some_see", field=name)

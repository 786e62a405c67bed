"""Kinds of records and their fields."""

from data.importing.common.clean_text import fold_word
from data.packs.declaration.locator import Path
from data.packs.declaration.looking import Look
from data.packs.declaration.model import DAYS, NUMBERS, Field, Kind
from data.packs.declaration.names import is_word_code

_INEXACT = ("decimal", "yes_no")
_VIEW = "_seen"
"""The view of a kind's records is called as its table, with this at the end."""
_PLACE_KEYS = {"point": ("lon", "lat"), "building": ("field",), "area": ("field",), "link": ("field",)}
_PLACE_TYPES = {"point": "decimal", "building": "text", "area": "text", "link": "link"}


def check_kinds(look: Look) -> None:
    """Every kind, its key, day and place, its fields, and the links between kinds."""
    for kind in look.pack.kinds.values():
        path: Path = ("kinds", kind.code)
        look.check_code(path, kind.code)
        before = kind.code.removesuffix(_VIEW)
        if before != kind.code and before in look.pack.kinds:
            look.add(path, "taken_by_view", code=kind.code, kind=before)
        for field in kind.fields.values():
            _check_field(look, kind, field, (*path, "fields", field.code))
        _check_names(look, kind, path)
        _check_key(look, kind, path)
        _check_place(look, kind, path)
        look.find_field((*path, "title"), kind, kind.title)
        day = look.find_field((*path, "day"), kind, kind.day)
        if day is not None and day.type not in DAYS:
            look.add((*path, "day"), "day_type", field=day.code, type=day.type)
        elif day is not None and not day.required:
            look.add((*path, "day"), "day_not_required", field=day.code)
    _check_circles(look)


def _check_key(look: Look, kind: Kind, path: Path) -> None:
    for number, name in enumerate(kind.key):
        here = (*path, "key", number) if len(kind.key) > 1 else (*path, "key")
        field = look.find_field(here, kind, name)
        if name in kind.key[:number]:
            look.add(here, "key_twice", field=name, kind=kind.code)
        elif field is not None and field.type in _INEXACT:
            look.add(here, "key_type", field=name, kind=kind.code, type=field.type)
        elif field is not None and not field.required:
            look.add((*path, "fields", name), "key_not_required", field=name, kind=kind.code)


def _check_place(look: Look, kind: Kind, path: Path) -> None:
    place = kind.place
    if place is None:
        return
    path = (*path, "place")
    needed = _PLACE_KEYS[place.by]
    for key, name in (("lon", place.lon), ("lat", place.lat), ("field", place.field)):
        here = (*path, key)
        if name is None and key in needed:
            look.add(path, "place_needs", by=place.by, key=key)
        elif name is not None and key not in needed:
            look.add(here, "place_extra", by=place.by, key=key)
        elif name is not None and (field := look.find_field(here, kind, name)) is not None:
            wanted = _PLACE_TYPES[place.by]
            if field.type != wanted:
                look.add(here, "place_type", field=name, type=field.type, wanted=wanted)
            elif place.by == "link" and field.to in look.pack.kinds and look.pack.kinds[field.to].place is None:
                look.add(here, "place_nowhere", field=name, kind=field.to)


def _check_field(look: Look, kind: Kind, field: Field, path: Path) -> None:
    look.check_code(path, field.code)
    look.check_department((*path, "owner"), field.owner)
    for number, name in enumerate(field.sees or []):
        look.check_department((*path, "sees", number), name)
    if field.type == "code" and not field.codes:
        look.add(path, "code_without_codes", field=field.code)
    if field.codes and field.type != "code":
        look.add((*path, "codes"), "codes_without_code", field=field.code)
    _check_codes(look, field, (*path, "codes"))
    if field.type == "link" and field.to is None:
        look.add(path, "link_without_to", field=field.code)
    if field.to is not None and field.type != "link":
        look.add((*path, "to"), "to_without_link", field=field.code)
    elif field.to is not None:
        other = look.find_kind((*path, "to"), field.to)
        if other is not None and len(other.key) > 1:
            look.add((*path, "to"), "link_many_keys", field=field.code, kind=other.code, found=len(other.key))
    if field.min is not None or field.max is not None:
        if field.type not in NUMBERS:
            look.add(path, "limits_no_number", field=field.code, type=field.type)
        elif field.min is not None and field.max is not None and field.min > field.max:
            look.add((*path, "min"), "min_over_max", field=field.code, min=f"{field.min:g}", max=f"{field.max:g}")


def _check_codes(look: Look, field: Field, path: Path) -> None:
    taken: dict[tuple[str, str], str] = {}
    for code, words in field.codes.items():
        if not is_word_code(code):
            look.add((*path, code), "word_code", code=code, field=field.code)
        for lang, word in (("zh", words.zh), ("en", words.en)):
            first = taken.setdefault((lang, fold_word(word)), code)
            if first != code:
                look.add((*path, code), "codes_same_words", first=first, second=code, field=field.code, words=word)
                break


def _check_names(look: Look, kind: Kind, path: Path) -> None:
    taken: dict[tuple[str, str], str] = {}
    for field in kind.fields.values():
        for lang, word in (("zh", field.name.zh), ("en", field.name.en)):
            first = taken.setdefault((lang, fold_word(word)), field.code)
            if first != field.code:
                look.add((*path, "fields", field.code), "same_name", first=first, second=field.code, kind=kind.code, words=word)
                break


def _check_circles(look: Look) -> None:
    """Every circle of links once, at the link that closes it."""
    done: set[str] = set()
    for start in look.pack.kinds:
        way: list[str] = []
        _follow(look, start, way, done)


def _follow(look: Look, code: str, way: list[str], done: set[str]) -> None:
    if code in done:
        return
    way.append(code)
    for field in look.pack.kinds[code].fields.values():
        if field.type != "link" or field.to not in look.pack.kinds:
            continue
        if field.to in way:
            circle = [*way[way.index(field.to) :], field.to]
            look.add(("kinds", code, "fields", field.code, "to"), "link_circle", circle=" → ".join(circle))
        else:
            _follow(look, field.to, way, done)
    way.pop()
    done.add(code)

"""Reports as JSON, to be kept and written again: nothing is lost, and the same report gives the same bytes.

``{"format": "gridwell-report", "version": 1, "report": {…}}``: every dataclass of ``reports.content`` and ``reports.graphics`` is an object
with its fields, and each block and cell says its ``kind``. Reports are kept for years, so what a version wrote must be read for ever:

- A new field has a default, and is then missing in older files. That needs no new version.
- A field that goes, or means something else, needs one, and ``from_json`` a way from each earlier one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from numbers import Integral
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from data.core.errors import GridwellError
from reports.content import Block, Cell, Report

FORMAT, VERSION = "gridwell-report", 1
MEDIA_TYPE = "application/json"
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which UTF-8 has no bytes for."""


class BrokenReport(GridwellError):
    status, code, sentence = 500, "broken_report", "The stored report cannot be read: {reason}"


class LaterReport(GridwellError):
    status, code = 500, "later_report"
    sentence = "The stored report has the format {version}, which a later Gridwell wrote; this one reads up to {known}."


def _name_kind(one: type) -> str:
    """``KeyFigures`` is ``key_figures``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.__name__).lower()


KINDS: Mapping[type, str] = {one: _name_kind(one) for union in (Block, Cell) for one in get_args(union) if one is not str}
"""What blocks and cells are called in JSON."""


# ---- Written ----


def to_json(report: Report) -> bytes:
    """A report as JSON in UTF-8.

    Raises:
        ValueError: a number is none, or has no end.
    """
    told = {"format": FORMAT, "version": VERSION, "report": _write(report)}
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return _LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", text).encode()


def _write(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        made = {one.name: _write(getattr(value, one.name)) for one in fields(value)}
        return made | {"kind": KINDS[type(value)]} if type(value) in KINDS else made
    if isinstance(value, tuple | list):
        return [_write(one) for one in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return int(value) if isinstance(value, Integral) else float(value)  # numpy has numbers of its own


# ---- Read ----


def from_json(stored: bytes) -> Report:
    """The report that ``to_json`` wrote.

    Raises:
        BrokenReport: it is none, or a part of it is missing, unknown or of another kind; the reason names the place.
        LaterReport: a later Gridwell wrote it.
    """
    try:
        told = json.loads(stored, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # json's own error and that of UTF-8 are ValueErrors
        raise BrokenReport(reason=f"it is no JSON ({error})") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or type(told.get("version")) is not int:
        raise BrokenReport(reason="it does not begin as a report")
    if told["version"] > VERSION:
        raise LaterReport(version=told["version"], known=VERSION)
    if told["version"] != VERSION:
        raise BrokenReport(reason=f"there never was a format {told['version']}")
    report: Report = _read_fields(Report, told.get("report"), "report")
    return report


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _wrong(value: Any, wanted: str, where: str) -> BrokenReport:
    return BrokenReport(reason=f"{where} must be {wanted}, not {json.dumps(value)[:40]}")


@cache
def _list_fields(one: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type, and whether it may be missing, of each field."""
    hints = get_type_hints(one)
    return tuple(
        (field.name, hints[field.name], not (field.default is MISSING and field.default_factory is MISSING)) for field in fields(one)
    )


def _read_fields(one: Any, value: Any, where: str, tagged: bool = False) -> Any:
    if not isinstance(value, dict):
        raise _wrong(value, "an object", where)
    known = _list_fields(one)
    if strange := sorted(value.keys() - {name for name, _, _ in known} - ({"kind"} if tagged else set())):
        raise BrokenReport(reason=f"{where} has a field {strange[0]!r}, which nothing reads")
    if missing := [name for name, _, may_miss in known if not may_miss and name not in value]:
        raise BrokenReport(reason=f"{where} has no field {missing[0]!r}")
    return one(**{name: _read(hint, value[name], f"{where}.{name}") for name, hint, _ in known if name in value})


def _read(hint: Any, value: Any, where: str) -> Any:
    """A value of a type: only what ``reports.content`` uses is known."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        if value not in inner:
            raise _wrong(value, f"one of {', '.join(map(repr, inner))}", where)
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(value, "a list", where)
        hints = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(hints) != len(value):
            raise _wrong(value, f"a list of {len(hints)}", where)
        return tuple(_read(one, part, f"{where}[{at}]") for at, (one, part) in enumerate(zip(hints, value, strict=True)))
    if origin in (UnionType, Union):
        return _read_union(inner, value, where)
    if is_dataclass(hint):
        return _read_fields(hint, value, where)
    allowed = {float: (float, int)}.get(hint, (hint,))
    if type(value) not in allowed:
        raise _wrong(value, _TYPES[hint], where)
    return value


_TYPES: Mapping[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _read_union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    """One of several: ``None``, a text, or an object that says its ``kind``."""
    if value is None and NoneType in kinds:
        return None
    tagged = {KINDS[one]: one for one in kinds if one in KINDS}
    if isinstance(value, dict) and tagged:
        if value.get("kind") not in tagged:
            raise _wrong(value.get("kind"), f"one of {', '.join(sorted(tagged))}", f"{where}.kind")
        return _read_fields(tagged[value["kind"]], value, where, tagged=True)
    plain = [one for one in kinds if one is not NoneType and one not in KINDS]
    if len(plain) != 1:
        raise _wrong(value, "an object", where)
    return _read(plain[0], value, where)

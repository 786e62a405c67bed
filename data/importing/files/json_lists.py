"""Lists of records that lie somewhere inside a JSON file: found by their path, such as ``requests[0].request``."""

import re
from collections.abc import Iterator
from typing import Any

from data.importing.common.sentences import FileProblem

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,9})\]")
_DEEPEST, _WIDEST, _SHOWN = 6, 200, 10
_OTHER_KINDS = ("Topology", "FeatureCollection")
"""JSON that GDAL reads."""


def find_list(parsed: Any, path: str, file: str) -> tuple[Any, Any]:
    """What lies at a path, and the object that holds it. Where the file has no such place, an ordinary layer is meant: the file itself.

    Raises:
        FileProblem: the file is a wrapped list, and has none at this path.
    """
    around, at = parsed, parsed
    for name, number in _STEP.findall(path):
        if name and isinstance(at, dict) and name in at:
            around, at = at, at[name]
        elif number and isinstance(at, list) and int(number) < len(at):
            at = at[int(number)]
        else:
            refuse_wrapped(parsed, file)
            return parsed, parsed
    return around, at


def refuse_wrapped(parsed: Any, file: str) -> None:
    """Say where the lists of records lie in a file that is none itself.

    Raises:
        FileProblem: there are some.
    """
    if not isinstance(parsed, dict) or parsed.get("type") in _OTHER_KINDS or _is_esri(parsed):
        return
    found = list(_list_paths(parsed, "", 0))
    if found:
        shown = ", ".join(f"{path} ({count:,})" for path, count in found[:_SHOWN])
        longest = max(found, key=lambda one: one[1])[0]
        raise FileProblem("wrapped_list", file=file, lists=shown, example=f'layer = "{longest}"')


def _is_esri(parsed: dict[str, Any]) -> bool:
    features = parsed.get("features")
    return isinstance(features, list) and any(isinstance(f, dict) and "attributes" in f for f in features[:1])


def _list_paths(at: Any, path: str, depth: int) -> Iterator[tuple[str, int]]:
    """Paths of lists of objects, with their lengths; a list that only wraps further ones is looked into."""
    if depth > _DEEPEST:
        return
    if isinstance(at, list):
        records = [one for one in at[:_WIDEST] if isinstance(one, dict)]
        inner = [found for i, one in enumerate(records[:3]) for found in _list_paths(one, f"{path}[{i}]", depth + 1)] if len(at) < 3 else []
        if inner:
            yield from inner
        elif records and len(records) == len(at[:_WIDEST]):
            yield path, len(at)
    elif isinstance(at, dict):
        for name, value in list(at.items())[:_WIDEST]:
            yield from _list_paths(value, f"{path}.{name}" if path else str(name), depth + 1)

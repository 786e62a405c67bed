"""A tour as TOML: what people keep, compare and move from one server to another."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from data.core.errors import GridwellError
from data.wall.model import settings_told
from data.wall.scenes import Tour

MOST_BYTES, LONGEST_LINE, MOST_DOTS = 200_000, 2_000, 8
LONGEST_LIST = 300
"""Longer lists are written with a line for each value."""
_WRITTEN = ("name", "name_en", "playlist", "area", "zone", "layers", "measure", "panels", "dwell_s")


# What ``tomllib`` takes for texts and comments. A text without an end takes in the rest: nothing after it is parsed.
_QUOTED = re.compile(
    r"""
      "{3} (?: [^"\\] | \\. | "(?!"") )*+ (?: "{3,5} | \\?\Z )
    | '{3} (?: [^'] | '(?!'') )*+ (?: '{3,5} | \Z )
    | " (?: [^"\\\n] | \\[^\n] )*+ (?: " | \\?\n | \\?\Z )
    | ' [^'\n]*+ (?: ' | \n | \Z )
    | \# [^\n]*+
    """,
    re.VERBOSE | re.DOTALL,
)
_BETWEEN = re.compile(r"[,=\[\]{}\n]")
"""What stands between two keys or values; a number has at most one dot, and so has a moment."""


class UnreadableToml(GridwellError):
    status, code, sentence = 422, "unreadable_toml", "This is not TOML that can be read: {reason}"


def write_toml(tour: Tour) -> str:
    """A tour with its settings; the numbers of scenes are not in it, because they belong to one server."""
    told = settings_told(tour.settings)
    lines = ["# A tour of Gridwell's wall", f"wall = {_text(tour.wall)}", f"alarm = {_value(told['alarm'])}"]
    lines += [
        f"brightness = {_value(told['brightness'])}",
        *_table("interrupt", told["interrupt"]),
        *_table("pixel_shift", told["pixel_shift"]),
    ]
    for rule in told["schedule"]:
        lines += ["", "[[schedule]]", *_fields(rule)]
    for scene in tour.scenes:
        written = {name: scene[name] for name in _WRITTEN if scene[name] not in (None, "", [])}  # type: ignore[literal-required]
        lines += ["", "[[scenes]]", *_fields(written), *_table("scenes.camera", scene["camera"])]
    return "\n".join(lines) + "\n"


def read_toml(raw: bytes) -> tuple[list[Any], dict[str, Any]]:
    """Scenes and settings of a file, as people send them in JSON; they are not checked yet.

    Raises:
        UnreadableToml: it is none.
    """
    if len(raw) > MOST_BYTES:
        raise UnreadableToml(reason=f"> {MOST_BYTES} B")
    try:
        text = raw.decode("utf-8-sig")
        _refuse_costly(text)
        held = tomllib.loads(text)
    except RecursionError:
        raise UnreadableToml(reason="it is nested too deeply") from None
    except ValueError as error:  # also of a number that Python does not make
        raise UnreadableToml(reason=str(error)[:120]) from None
    scenes = held.pop("scenes", [])
    held.pop("wall", None)
    return scenes, held


def _refuse_costly(text: str) -> None:
    """Refuse what takes ``tomllib`` memory by the square of its length: it keeps all beginnings of a key with dots.

    Raises:
        UnreadableToml: a line is too long, or a key has too many dots.
    """
    text = text.replace("\r\n", "\n")
    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise UnreadableToml(reason="a line is too long")
    if any(part.count(".") > MOST_DOTS for part in _BETWEEN.split(_QUOTED.sub('""', text))):
        raise UnreadableToml(reason="a key has too many dots")


def _table(name: str, held: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *_fields(held)]


def _fields(held: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in held.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        parts = [_value(one) for one in value]
        line = f"[{', '.join(parts)}]"
        return line if len(line) <= LONGEST_LIST else "[\n" + "".join(f"    {part},\n" for part in parts) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    """A basic string: texts of tours have no control characters, which are refused when they are written."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

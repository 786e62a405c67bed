"""A TOML file that somebody wrote, as checked plain values: what cannot be read has a line and a sentence, whatever the file is."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.core.careful_files import NotPlain, read_small
from data.importing.common.clean_text import clean_text
from data.packs.declaration.faults import Fault
from data.packs.declaration.locator import Lines
from data.packs.declaration.locator import Path as KeyPath

MOST_BYTES = 1_000_000
LONGEST_LINE = 4_000
MOST_DOTS = 64
"""A line of a thousand dots makes a thousand tables."""
DEEPEST = 12
_JOINERS = "\u200c\u200d"
_KEPT = "\t\n\r"

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TOML_CODES = (
    ("Cannot overwrite", "toml_twice"),
    ("Cannot declare", "toml_twice"),
    ("Cannot mutate", "toml_twice"),
    ("Cannot redefine", "toml_twice"),
    ("Duplicate inline table key", "toml_twice"),
    ("Invalid value", "toml_value"),
    ("Invalid hex value", "toml_value"),
    ("Expected '=' after", "toml_equals"),
    ("Expected newline or end of document", "toml_line_end"),
    ("Invalid initial character for a key", "toml_key"),
    ("Invalid statement", "toml_key"),
    ("Expected ']'", "toml_bracket"),
    ("Unclosed", "toml_bracket"),
    ("Unterminated string", "toml_text"),
    ('Expected "\'"', "toml_text"),
    ("Illegal character", "toml_text"),
    ("Found invalid character", "toml_text"),
    ("Unescaped", "toml_backslash"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file's values with the lines of its keys.

    Attributes:
        file: its name.
        raw: the values, as TOML has them, without invisible characters.
        faults: what kept it from being read, or characters that were taken out.
    """

    file: str
    raw: dict[str, Any]
    lines: Lines
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: KeyPath, code: str, /, **facts: object) -> Fault:
        """A fault at the line of a key."""
        return Fault(self.file, self.lines.line_of(path), code, facts)


def read_toml(path: Path) -> Written:
    """Read a TOML file; what is wrong with it as a file is in ``faults``, and ``raw`` is then empty."""
    try:
        content = read_small(path, most=MOST_BYTES)
    except FileNotFoundError:
        return _unread(path, 1, "no_file", file=path.name)
    except NotPlain as error:
        if "longer than" in str(error):
            return _unread(path, 1, "large_file", file=path.name, most=f"{MOST_BYTES:,}")
        return _unread(path, 1, "no_plain_file", file=path.name)
    except OSError as error:
        if path.is_symlink():
            return _unread(path, 1, "no_plain_file", file=path.name)
        return _unread(path, 1, "unreadable", file=path.name, detail=str(error.strerror))
    try:
        text = content.decode("utf-8-sig")  # Windows' editor begins files with a byte-order mark
    except UnicodeDecodeError as error:
        return _unread(path, content.count(b"\n", 0, error.start) + 1, _guess_encoding(content))
    return _parse(path, text.replace("\r\n", "\n"))


def _unread(path: Path, line: int, code: str, /, **facts: object) -> Written:
    return Written(path.name, {}, Lines(""), [Fault(path.name, line, code, facts)])


def _guess_encoding(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "not_utf8"
    return "gbk"


def _parse(path: Path, text: str) -> Written:
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            return _unread(path, number, "long_line", most=LONGEST_LINE)
        if line.count(".") > MOST_DOTS:
            return _unread(path, number, "many_dots", most=MOST_DOTS)
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        return _unread(path, 1, "too_deep", most=DEEPEST)
    except ValueError as error:
        return _explain_syntax(path, text, str(error))
    if _is_too_deep(raw):
        return _unread(path, 1, "too_deep", most=DEEPEST)
    lines = Lines(text)
    faults: list[Fault] = []
    cleaned = _clean(raw, (), Written(path.name, {}, lines, faults))
    return Written(path.name, cleaned, lines, faults)


def _explain_syntax(path: Path, text: str, told: str) -> Written:
    place = _PLACE.search(told)
    line = int(place[1]) if place and place[1] else text.count("\n") + (not text.endswith("\n"))
    detail = told[: place.start()] if place else told
    code = next((code for begins, code in _TOML_CODES if detail.startswith(begins)), "toml_syntax")
    return _unread(path, max(line, 1), code, **({"detail": detail} if code == "toml_syntax" else {}))


def _is_too_deep(raw: Any) -> bool:
    layer: list[Any] = [raw]
    for _ in range(DEEPEST):
        layer = [inner for one in layer for inner in (one.values() if isinstance(one, dict) else one) if isinstance(inner, dict | list)]
        if not layer:
            return False
    return True


def _clean(value: Any, path: KeyPath, written: Written) -> Any:
    """Values without characters that nobody sees; each that had some becomes a fault."""
    if isinstance(value, dict):
        return {_clean_one(key, (*path, key), written): _clean(inner, (*path, key), written) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, (*path, number), written) for number, inner in enumerate(value)]
    return _clean_one(value, path, written) if isinstance(value, str) else value


def _clean_one(text: str, path: KeyPath, written: Written) -> str:
    if text.isascii() and text.isprintable():
        return text
    made = clean_text(text)
    hidden = next((c for c in text if c not in _KEPT and c not in _JOINERS and clean_text(c) == ""), None)
    if hidden is None and sum(c in _JOINERS for c in text) > sum(c in _JOINERS for c in made):
        hidden = next(c for c in text if c in _JOINERS)
    if hidden is not None:
        name = unicodedata.name(hidden, "")
        found = f"U+{ord(hidden):04X}" + (f" {name}" if name else "")
        written.faults.append(written.fault(path, "hidden_character", key=clean_text(str(path[-1])), found=found))
    return made

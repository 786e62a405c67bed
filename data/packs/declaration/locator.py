"""The line of every key of a TOML file, which the standard library's reader does not tell.

The text has been read before and is valid TOML, so only its shape is followed here: headers, keys, brackets and texts in quotes.
"""

import re
import tomllib
from bisect import bisect_right
from itertools import count

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*(?:#[^\n]*(?:\n[ \t\r\n]*|$))*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class Lines:
    """Lines of a file's keys."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", self._text))]
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._read()

    def line_of(self, path: Path) -> int:
        """The line where the longest known beginning of a path is written; 1 for the whole file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return 1

    def _line(self) -> int:
        return bisect_right(self._starts, self._at)

    def _skip(self, pattern: re.Pattern[str] = _BLANK) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()

    def _next(self, mark: str) -> bool:
        """Whether ``mark`` comes next, after blanks; it is then passed."""
        self._skip()
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _read(self) -> None:
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._next("[["):
                table = self._resolve(self._key())
                number = self._tables.get(table, 0)
                self._tables[table] = number + 1
                table = (*table, number)
                self._note(table)
                self._next("]]")
            elif self._next("["):
                table = self._resolve(self._key())
                self._note(table)
                self._next("]")
            else:
                before = self._at
                self._pair(table)
                if self._at == before:  # nothing that is followed here
                    return
            self._skip()

    def _pair(self, table: Path) -> None:
        path = (*table, *self._key())
        self._note(path)
        self._next("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = [self._part()]
        while self._next("."):
            parts.append(self._part())
        return parts

    def _part(self) -> str:
        self._skip()
        bare = self._skip(_BARE)
        if bare:
            return bare
        quoted = self._skip(_TEXT)
        return str(tomllib.loads(f"k = {quoted}")["k"]) if "\\" in quoted and quoted.startswith('"') else quoted[1:-1]

    def _value(self, path: Path) -> None:
        if self._next("{"):
            while not self._next("}"):
                before = self._at
                self._pair(path)
                self._next(",")
                if self._at == before:
                    return
        elif self._next("["):
            for number in count():
                if self._next("]"):
                    return
                before = self._at
                self._skip()
                self._note((*path, number))
                self._value((*path, number))
                self._next(",")
                if self._at == before:
                    return
        elif not self._skip(_TEXT):
            self._skip(_SCALAR)

    def _resolve(self, key: list[str]) -> Path:
        """The path of a header, inside the last table of each array of tables on the way."""
        path: Path = ()
        for number, part in enumerate(key, start=1):
            path = (*path, part)
            if path in self._tables and number < len(key):
                path = (*path, self._tables[path] - 1)
        return path

    def _note(self, path: Path) -> None:
        """Keep the line of a path where it is written first, and of what it stands in."""
        line = self._line()
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                break
            self._lines[path[:end]] = line

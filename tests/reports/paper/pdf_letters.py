"""What a PDF says and shows, whoever wrote it: the letters of each page in the order in which they are drawn, and its pictures."""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Name

_PART = re.compile(rb"begin(bfchar|bfrange|codespacerange)(.*?)end", re.DOTALL)
_HEX = re.compile(rb"\[[^\]]*\]|<([0-9A-Fa-f\s]*)>")


def read_pages(made: bytes) -> list[tuple[str, int]]:
    """The letters of each page, without spaces, and how many pictures are drawn on it."""
    with pikepdf.open(io.BytesIO(made)) as document:
        return [_read(page) for page in document.pages]


def _read(page: pikepdf.Page) -> tuple[str, int]:
    said = list(_walk(page, page.resources))
    return re.sub(r"\s", "", "".join(one for one in said if one)), said.count("")


def _walk(holder: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object) -> Iterator[str]:
    """Pieces of text; an empty one stands for a picture."""
    fonts: Any = resources.get("/Font", {})
    objects: Any = resources.get("/XObject", {})
    letters: tuple[int, dict[int, str]] = (1, {})
    for one in pikepdf.parse_content_stream(holder):
        operator, operands = str(one.operator), one.operands
        if operator == "Tf":
            font = fonts[str(operands[0])]
            letters = _read_letters(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else (1, {})
        elif operator in ("TJ", "Tj"):
            parts = operands[0] if operator == "TJ" else [operands[0]]
            yield " ".join(_say(bytes(part), letters) for part in parts if isinstance(part, pikepdf.String)) or " "
        elif operator == "Do":
            drawn = objects[str(operands[0])]
            if drawn.get("/Subtype") == Name.Image:
                yield ""
            else:
                yield from _walk(drawn, drawn.get("/Resources", resources))


def _say(codes: bytes, letters: tuple[int, dict[int, str]]) -> str:
    size, known = letters
    return "".join(known.get(int.from_bytes(codes[at : at + size], "big"), "") for at in range(0, len(codes), size))


@cache
def _read_letters(told: bytes) -> tuple[int, dict[int, str]]:
    """How many bytes a code has, and the letters of each."""
    size, known = 1, dict[int, str]()
    for kind, inside in _PART.findall(told):
        values = [(match[0], match[1]) for match in _HEX.finditer(inside)]
        if kind == b"codespacerange":
            size = len(values[0][1]) // 2
        elif kind == b"bfchar":
            for (_, code), (_, letter) in zip(values[::2], values[1::2], strict=True):
                known[int(code, 16)] = _letter(letter)
        else:
            for (_, low), (_, high), (whole, first) in zip(values[::3], values[1::3], values[2::3], strict=True):
                listed = [inner[1] for inner in _HEX.finditer(whole[1:-1])] if whole.startswith(b"[") else []
                for at, code in enumerate(range(int(low, 16), int(high, 16) + 1)):
                    known[code] = _letter(listed[at]) if listed else _next(first, at)
    return size, known


def _letter(told: bytes) -> str:
    return bytes.fromhex(told.decode("ascii")).decode("utf-16-be", "replace")


def _next(first: bytes, at: int) -> str:
    letters = _letter(first)
    return letters[:-1] + chr(ord(letters[-1]) + at)

"""What is written on a sheet, as text of its PDF: nobody sees it, because the picture shows it already, but it can be searched and copied.

The letters need a font that holds every character and draws none. Fonts of type 3 (ISO 32000-1, 9.6.5) are made of drawings, here empty
ones, so that no file of a font is needed, for no script. Each holds 255 characters; which ones, its table ``ToUnicode`` (9.10.3) says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from data.core.errors import BadInput
from data.core.text import storable

MOST_TEXTS, LONGEST_TEXT = 200, 500
LONGEST_WORDS = 64_000
"""Bytes of all texts of a sheet as they are sent."""
_LARGEST_MM = 1_000
_IN_A_FONT = 255
_POINTS_FOR_MM = 72 / 25.4
_BASELINE = 0.8
"""Of the height of a line above its baseline."""


@dataclass(frozen=True, slots=True)
class SheetText:
    """A text on a sheet: its left end, its top, the height of its letters and its width, in millimetres from the left upper corner."""

    text: str
    x: float
    y: float
    size: float
    width: float


def read_texts(content: bytes) -> list[SheetText]:
    """The texts that a browser sends: a JSON list of ``[text, x, y, size, width]``.

    Raises:
        BadInput: they are something else.
    """
    try:
        given = orjson.loads(content)
        if not isinstance(given, list):
            raise _bad()
        texts = [SheetText(str(text), float(x), float(y), float(size), float(width)) for text, x, y, size, width in given]
    except (ValueError, TypeError):
        raise _bad() from None
    if len(texts) > MOST_TEXTS or not all(map(_is_sound, texts)):
        raise _bad()
    return [one for one in texts if one.text.strip() and one.size > 0 and one.width > 0]


def _bad() -> BadInput:
    return BadInput(field="words", value="", reason="it does not have the right form")


def _is_sound(one: SheetText) -> bool:
    numbers = (one.x, one.y, one.size, one.width)
    return len(one.text) <= LONGEST_TEXT and storable(one.text) and all(-_LARGEST_MM <= number <= _LARGEST_MM for number in numbers)


def write_layer(book: pikepdf.Pdf, texts: Sequence[SheetText], height_mm: float) -> tuple[bytes, Dictionary]:
    """The texts as a part of a page's content, and the fonts that it names.

    Args:
        book: the PDF that gets the fonts.
        texts: where each stands.
        height_mm: of the page: a PDF counts from below.
    """
    letters = sorted({letter for one in texts for letter in one.text})
    places = {letter: divmod(number, _IN_A_FONT) for number, letter in enumerate(letters)}
    parts = [letters[start : start + _IN_A_FONT] for start in range(0, len(letters), _IN_A_FONT)]
    fonts = Dictionary({f"/Text{number}": _make_font(book, part) for number, part in enumerate(parts)})
    lines = [_write(one, places, height_mm) for one in texts]
    return b"\n".join((b"BT 3 Tr", *lines, b"ET")), fonts


def _write(one: SheetText, places: dict[str, tuple[int, int]], height_mm: float) -> bytes:
    """A line: letters of equal width, which together take the room that the text has on the picture."""
    size = one.size * _POINTS_FOR_MM
    left, low = one.x * _POINTS_FOR_MM, (height_mm - one.y - one.size * _BASELINE) * _POINTS_FOR_MM
    squeezed = 100 * one.width * _POINTS_FOR_MM / (size * len(one.text))
    shown = " ".join(f"/Text{font} {size:.3f} Tf <{codes.hex()}> Tj" for font, codes in _runs(one.text, places))
    return f"{squeezed:.3f} Tz 1 0 0 1 {left:.3f} {low:.3f} Tm {shown}".encode()


def _runs(text: str, places: dict[str, tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Neighbours of the same font together."""
    held, codes = -1, b""
    for font, code in (places[letter] for letter in text):
        if font != held and codes:
            yield held, codes
            codes = b""
        held, codes = font, codes + bytes([code])
    yield held, codes


def _make_font(book: pikepdf.Pdf, letters: Sequence[str]) -> Dictionary:
    last = len(letters) - 1
    empty = Stream(book, b"1000 0 0 -200 1000 800 d1")  # its box is what readers select
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, -200, 1000, 800]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(g=empty),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([0, *[Name.g] * len(letters)])),
        FirstChar=0,
        LastChar=last,
        Widths=Array([1000] * len(letters)),
        Resources=Dictionary(),
        ToUnicode=Stream(book, _tell_letters(letters)),
    )
    return book.make_indirect(font)


def _tell_letters(letters: Sequence[str]) -> bytes:
    """The table by which a reader finds the character of each code."""
    rows = [f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for code, letter in enumerate(letters)]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    told = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{told}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()

"""What stands where on the pages of a PDF: every run of text with its place, the size of its letters and how many they are."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

Matrix = tuple[float, float, float, float, float, float]
_STILL: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text: where it begins on the page (points, from the lower left corner), its font's name and size, and its letters."""

    x: float
    y: float
    font: str
    size: float
    letters: int


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """One change of places after the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def read_runs(made: bytes) -> list[list[Run]]:
    """The runs of each page, in the order in which they are drawn; pictures are left out."""
    with pikepdf.open(io.BytesIO(made)) as document:
        return [list(_walk(page)) for page in document.pages]


def _walk(page: pikepdf.Page) -> Iterator[Run]:
    fonts = {
        str(name): str(font.BaseFont).partition("+")[2].removesuffix("-Identity-H")
        for name, font in page.resources.get("/Font", {}).items()
    }
    here, kept, text, font, size = _STILL, list[Matrix](), _STILL, "", 0.0
    for one in pikepdf.parse_content_stream(page):
        operator, operands = str(one.operator), one.operands
        if operator == "q":
            kept.append(here)
        elif operator == "Q":
            here = kept.pop()
        elif operator == "cm":
            here = multiply(_matrix(operands), here)
        elif operator == "Tm":
            text = _matrix(operands)
        elif operator == "Tf":
            font, size = fonts[str(operands[0])], float(operands[1])
        elif operator in ("TJ", "Tj"):
            parts = operands[0] if operator == "TJ" else [operands[0]]
            letters = sum(len(bytes(part)) // 2 for part in parts if isinstance(part, pikepdf.String))
            place = multiply(text, here)
            yield Run(place[4], place[5], font, size * abs(place[3]), letters)


def _matrix(operands: object) -> Matrix:
    a, b, c, d, e, f = (float(one) for one in operands)  # type: ignore[attr-defined]
    return (a, b, c, d, e, f)

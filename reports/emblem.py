"""A city's emblem on the cover of its reports: ``reports/emblem.svg`` or ``reports/emblem.png`` in the state folder.

It comes from whoever runs the server, but it goes into files that leave the house: nothing in it may run or point outside.
"""

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from data.core.careful_files import read_small
from data.core.errors import GridwellError
from data.core.settings import settings

MOST_BYTES, MOST_PIXELS = 1_000_000, 4_000
_SVG = "{http://www.w3.org/2000/svg}"
_FORBIDDEN = ("script", "foreignObject", "iframe", "object", "embed", "a", "animate", "animateTransform", "animateMotion", "set", "image")
_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)(|px|pt|pc|mm|cm|in)")
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


class BadEmblem(GridwellError):
    status, code = 422, "bad_emblem"
    sentence = "The emblem {file} cannot be used: {reason}"


def find_emblem() -> str:
    """The emblem as SVG; empty where the city has none.

    Raises:
        BadEmblem: its file is too large, cannot be read, or holds what could run or point outside.
    """
    folder = settings().home / "reports"
    for name, check in (("emblem.svg", _check_svg), ("emblem.png", _wrap_png)):
        if (folder / name).exists():
            return check(_read(folder / name), name)
    return ""


def measure_emblem(svg: str) -> float:
    """Its width as a share of its height: by the size that it names, otherwise by its view box; 1 where it says neither."""
    root = ElementTree.fromstring(svg)  # nosec B314 # noqa: S314 -- it has been checked
    sizes = [_SIZE.fullmatch(root.get(name, "").strip()) for name in ("width", "height")]
    if all(sizes) and sizes[0] and sizes[1] and sizes[0][2] == sizes[1][2]:
        across, down = (float(one[1]) for one in sizes if one)
    else:
        box = root.get("viewBox", "").replace(",", " ").split()
        across, down = (float(one) for one in box[2:4]) if len(box) == 4 and all(map(_SIZE.fullmatch, box[2:4])) else (1.0, 1.0)
    return across / down if across > 0 and down > 0 else 1.0


def _read(file: Path) -> bytes:
    try:
        return read_small(file, most=MOST_BYTES)
    except OSError as error:
        raise BadEmblem(file=file.name, reason=str(error)) from None


def _check_svg(content: bytes, name: str) -> str:
    if b"<!doctype" in content.lower() or b"<!entity" in content.lower():
        raise BadEmblem(file=name, reason="it declares a document type or entities")
    try:
        text = content.decode("utf-8-sig")
        root = ElementTree.fromstring(text)  # nosec B314 # noqa: S314 -- without a document type there are no entities to expand
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise BadEmblem(file=name, reason=str(error)) from None
    if root.tag != f"{_SVG}svg":
        raise BadEmblem(file=name, reason="it is no SVG")
    for one in root.iter():
        tag = str(one.tag).rpartition("}")[2]
        if tag in _FORBIDDEN:
            raise BadEmblem(file=name, reason=f"it holds <{tag}>")
        _check_attributes(one, name)
        if tag == "style" and _OUTSIDE.search(one.text or ""):
            raise BadEmblem(file=name, reason="its style points outside")
    return text


def _check_attributes(one: ElementTree.Element, name: str) -> None:
    for key, value in one.attrib.items():
        attribute = key.rpartition("}")[2].lower()
        points_outside = attribute in ("href", "src") and not value.startswith("#")
        if attribute.startswith("on") or points_outside or _OUTSIDE.search(value):
            raise BadEmblem(file=name, reason=f"the attribute {attribute} runs or points outside")


def _wrap_png(content: bytes, name: str) -> str:
    """The picture inside an SVG of its size, so that there is one kind of emblem."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            width, height = picture.size
            if max(width, height) > MOST_PIXELS:
                raise BadEmblem(file=name, reason=f"{width} × {height}: more than {MOST_PIXELS} pixels")
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadEmblem(file=name, reason=str(error)) from None
    data = base64.b64encode(content).decode("ascii")
    size = f'width="{width}" height="{height}"'
    picture_inside = f'<image {size} href="data:image/png;base64,{data}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">{picture_inside}</svg>'

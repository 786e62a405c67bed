"""The map on a sheet: the browser draws it with title, legend and scale bar; here it becomes a PDF, and the audit log says that it left."""

import asyncio
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import pikepdf
from fastapi import APIRouter, Query, Request, Response
from PIL import Image, UnidentifiedImageError

from data.core.errors import BadInput, UnknownName
from data.core.text import could_be_code, storable
from data.core.viewer import Viewer
from routes.api.api import Asking, Lang
from routes.doors.page import NO_STORE
from routes.exports.answers import note_export
from routes.map.sheet_text import LONGEST_WORDS, SheetText, read_texts, write_layer

SHEET = "/map/sheet"
router = APIRouter(include_in_schema=False)

_MM, _POINTS = 25.4, 72
PAPERS_MM = {"a4": (297, 210), "a3": (420, 297)}
"""Width and height, landscape."""
FORMS = ("png", "pdf")
MOST_PIXELS = 5_000
"""On either side: an A3 sheet with 300 dots per inch has 4,961."""
LONGEST_TITLE = 200
_FORM = "it does not have the right form"


@router.post(SHEET)
async def make_sheet(
    who: Asking,
    request: Request,
    form: Annotated[str, Query(alias="format")],
    area: Annotated[str, Query()],
    paper: Annotated[str, Query()] = "a4",
    title: Annotated[str, Query(max_length=LONGEST_TITLE)] = "",
    words: Annotated[int, Query(ge=0, le=LONGEST_WORDS)] = 0,
    lang: Lang = None,
) -> Response:
    """Note that a map leaves. For a PDF the sheet comes as a JPEG picture and goes back on a page; a PNG picture needs no help.

    The last ``words`` bytes of the body are what is written on the sheet.
    """
    for field, value, known in (("format", form, FORMS), ("paper", paper, tuple(PAPERS_MM))):
        if value not in known:
            raise UnknownName.among(field, value, known)
    if not could_be_code(area):
        raise BadInput(field="area", value=area, reason=_FORM)
    if not storable(title):
        raise BadInput(field="title", value="", reason=_FORM)
    made = None
    if form == "pdf":
        body = await request.body()
        end = len(body) - words
        made = await asyncio.to_thread(_make_pdf, body[:end], read_texts(body[end:]) if words else [], paper, title, who)
    await note_export("map", form, None, who, {"area": area, "paper": paper})
    if made is None:
        return Response(status_code=204, headers=NO_STORE)
    headers = {"Content-Disposition": 'attachment; filename="gridwell-map.pdf"', **NO_STORE}
    return Response(made, media_type="application/pdf", headers=headers)


def _make_pdf(picture: bytes, texts: Sequence[SheetText], paper: str, title: str, who: Viewer) -> bytes:
    """One page that is the picture, which stays as it was encoded, with its texts unseen over it.

    Raises:
        BadInput: it is no picture that a sheet can be.
    """
    width, height = _measure(picture)
    made = pikepdf.new()
    across, down = (side / _MM * _POINTS for side in PAPERS_MM[paper])
    page = made.add_blank_page(page_size=(across, down))
    image = pikepdf.Stream(
        made,
        picture,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    layer, fonts = write_layer(made, texts, PAPERS_MM[paper][1])
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Sheet=image), Font=fonts)
    page.Contents = pikepdf.Stream(made, f"q {across:.2f} 0 0 {down:.2f} 0 0 cm /Sheet Do Q\n".encode() + layer)
    made.Root.Lang = who.lang
    made.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    with made.open_metadata(set_pikepdf_as_editor=False) as about:
        about["dc:title"] = title or "Gridwell"
        about["dc:creator"] = [who.shown or who.name]
        about["xmp:CreatorTool"] = "Gridwell"
        about["xmp:CreateDate"] = datetime.now(UTC).isoformat(timespec="seconds")
    told = io.BytesIO()
    made.save(told)
    return told.getvalue()


def _measure(picture: bytes) -> tuple[int, int]:
    """Width and height of a JPEG picture, from its head: it is not decoded."""
    try:
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as opened:
            (width, height), mode = opened.size, opened.mode
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise BadInput(field="body", value="", reason="it is no JPEG picture") from None
    if mode != "RGB" or max(width, height) > MOST_PIXELS:
        raise BadInput(field="body", value=f"{width} × {height}", reason="it is larger than a sheet, or not in colours")
    return width, height

"""Photos and papers of cases: sent, and shown to whoever may see the case."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from data.attachments.files import PDF
from data.attachments.uploads import read_file, take_file
from data.core.errors import NotOpen
from data.core.viewer import Viewer
from data.figures.types import VERSION, ErrorAnswer
from routes.errors import DOCUMENTED
from routes.shared.language import asking
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])

Asking = Annotated[Viewer, Depends(asking)]
Lang = Annotated[str | None, Query(description="Language of sentences: zh or en; otherwise the browser's", examples=["en"])]
_HASH = "a3c1" * 16
_KEPT = "private, max-age=86400, immutable"


class SentFile(BaseModel):
    """A file that was taken."""

    version: str = VERSION
    hash: str = Field(description="Names the file in the field “attachments” of a step, within a day")
    media_type: str
    bytes: int = Field(description="Of what is stored, which is not what was sent")
    width: int | None = Field(description="Of a photo, pixels")
    height: int | None = Field(description="Of a photo, pixels")
    pages: int | None = Field(description="Of a paper")
    place: Annotated[list[float], Field(min_length=2, max_length=2)] | None = Field(
        description="Where the camera says it was taken, degrees; kept only if asked for"
    )
    place_kept: bool


@router.post(
    "/attachments",
    summary="Send a photo or a paper",
    status_code=201,
    responses={
        403: {"model": ErrorAnswer, "description": "This account may not work on cases"},
        413: {"model": ErrorAnswer, "description": "The file is larger than 20 megabytes"},
        429: {"model": ErrorAnswer, "description": "Too many files that belong to no case"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself: JPEG, PNG, WebP or PDF, told by its content",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_attachment(
    request: Request,
    who: Asking,
    keep_place: Annotated[bool, Query(description="Keep the place at which a photo was taken")] = False,
    lang: Lang = None,
) -> SentFile:
    """The file is written anew: names, devices, places and scripts that came with it are gone. Attach it to a case within a day."""
    if not (who.may("remark_cases") or who.may("report_cases")):
        raise NotOpen()
    file = await take_file(await request.body(), who, keep_place)
    return SentFile(
        hash=file.hash,
        media_type=file.media_type,
        bytes=len(file.content),
        width=file.width,
        height=file.height,
        pages=file.pages,
        place=None if file.place is None else list(file.place),
        place_kept=keep_place and file.place is not None,
    )


@router.get(
    "/attachments/{hash}",
    summary="A photo or a paper",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for kind in ("image/jpeg", "image/png", PDF)}, "description": "The file"},
        404: {"model": ErrorAnswer, "description": "There is no such file, or this account may not see its case"},
    },
)
async def get_attachment(
    hash: Annotated[str, Path(description="As a step or an upload names it", examples=[_HASH])],
    who: Asking,
    size: Annotated[Literal["full", "small"], Query(description="small: at most 360 pixels, of photos only")] = "full",
    lang: Lang = None,
) -> Response:
    """Photos are shown, papers are saved. Only to whoever may see one of the cases that have it, and to its sender for a day."""
    facts, content = await read_file(hash, who, small=size == "small")
    kind = "image/jpeg" if size == "small" else facts.media_type
    extension = kind.rsplit("/", 1)[-1]
    told = "inline" if kind.startswith("image/") else "attachment"
    headers = {"Cache-Control": _KEPT, "Content-Disposition": f'{told}; filename="{facts.hash[:12]}.{extension}"'}
    return Response(content, media_type=kind, headers=headers)

"""Photos: decoded and encoded anew. What is stored is the picture alone, nothing of what came with it.

Encoding anew is the protection: whatever else stood in a file (names, devices, places, scripts, a second file behind the first) is gone.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from data.attachments.errors import BrokenFile, TooManyPixels, UnknownKind

FORMATS = ("JPEG", "PNG", "WEBP")
"""What is read; nothing else of the library's many readers is ever tried on a stranger's bytes."""
MOST_PIXELS = 64_000_000
LONGEST_SIDE, THUMBNAIL_SIDE = 4_096, 360
"""In pixels; larger pictures are made smaller."""
_QUALITY, _THUMBNAIL_QUALITY = 86, 78
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, OverflowError, MemoryError)
"""What the library raises on damaged files."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that can be stored.

    Attributes:
        content: a JPEG, or a PNG where it came as one, without any metadata.
        media_type: which of the two.
        width: in pixels.
        height: in pixels.
        thumbnail: a small JPEG.
        place: longitude and latitude in degrees (WGS-84) that the camera wrote into the file; ``None``: it wrote none. It is stored only if
            whoever uploads says so.
    """

    content: bytes
    media_type: str
    width: int
    height: int
    thumbnail: bytes
    place: tuple[float, float] | None


def make_photo(raw: bytes) -> Photo:
    """Decode a file as it came and encode the picture anew, upright as it was meant to be seen.

    Raises:
        UnknownKind: it is not one of ``FORMATS``.
        TooManyPixels: more than ``MOST_PIXELS``.
        BrokenFile: it cannot be read to its end.
    """
    with warnings.catch_warnings():
        # We count pixels ourselves, before any is decoded; other warnings are of metadata that we throw away.
        warnings.simplefilter("ignore")
        try:
            opened = Image.open(io.BytesIO(raw), formats=FORMATS)
        except UnidentifiedImageError:
            raise UnknownKind() from None
        except Image.DecompressionBombError:
            raise TooManyPixels(megapixels="178+", most=MOST_PIXELS // 1_000_000) from None
        except _FAULTS:
            raise BrokenFile(kind="a picture") from None
        if opened.width * opened.height > MOST_PIXELS:
            raise TooManyPixels(megapixels=opened.width * opened.height // 1_000_000, most=MOST_PIXELS // 1_000_000)
        kind = opened.format or "JPEG"
        place = _read_place(opened)
        try:
            return _encode(opened, as_png=kind == "PNG", place=place)
        except _FAULTS:
            raise BrokenFile(kind=kind) from None


def _encode(opened: Image.Image, as_png: bool, place: tuple[float, float] | None) -> Photo:
    if not as_png:
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at half its size at once
    upright = _flatten(ImageOps.exif_transpose(opened), as_png)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # Pixels alone: a copy that carries neither EXIF nor comments, colour profiles or chunks of text.
    clean = Image.new(upright.mode, upright.size)
    clean.paste(upright)
    content = _save(clean, "PNG") if as_png else _save(clean, "JPEG", quality=_QUALITY)
    small = _flatten(clean, keep_alpha=False)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    width, height = clean.size
    return Photo(content, "image/png" if as_png else "image/jpeg", width, height, _save(small, "JPEG", quality=_THUMBNAIL_QUALITY), place)


def _flatten(picture: Image.Image, keep_alpha: bool) -> Image.Image:
    """In eight-bit RGB; what is transparent shows white, unless transparency is kept."""
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if not clear:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    if keep_alpha:
        return seen
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def _save(picture: Image.Image, kind: str, **options: Any) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **options)
    return held.getvalue()


def _read_place(opened: Image.Image) -> tuple[float, float] | None:
    """Where the camera says the photo was taken; ``None`` for anything that is no place on Earth."""
    try:
        said = opened.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(said[ExifTags.GPS.GPSLatitude], str(said[ExifTags.GPS.GPSLatitudeRef]).upper() == "S")
        lon = _degrees(said[ExifTags.GPS.GPSLongitude], str(said[ExifTags.GPS.GPSLongitudeRef]).upper() == "W")
    except (*_FAULTS, ZeroDivisionError):
        return None
    # Exactly 0, 0 is what cameras write before they know where they are.
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 and (lon, lat) != (0, 0) else None


def _degrees(parts: Any, negative: bool) -> float:
    whole, minutes, seconds = (float(part) for part in parts)
    degrees = round(whole + minutes / 60 + seconds / 3600, 7)
    return -degrees if negative else degrees

"""Photos and papers are written anew: what came with them is gone, what they show stays, and what is no picture is refused."""

import io
import struct
import zlib

import pytest
from attachment_files import GPS, make_jpeg, make_pdf, make_png, pixels
from PIL import Image, ImageCms, PngImagePlugin

from data.attachments import photos
from data.attachments.errors import BrokenFile, EmptyFile, FileNotTaken, FileTooLarge, PaperLocked, TooManyPixels, UnknownKind
from data.attachments.files import MOST_BYTES, clean_file


def test_nothing_but_the_picture_stays() -> None:
    file = clean_file(make_jpeg(gps=GPS, comment=b"owner: Zhang San", model="Phone of Zhang") + b"<?php echo 1 ?><script>1</script>")
    assert file.media_type == "image/jpeg"
    for word in (b"Zhang", b"<?php", b"<script", b"Exif", b"GPS", b"http://ns.adobe.com"):
        assert word not in file.content, word
        assert word not in (file.thumbnail or b""), word
    opened = Image.open(io.BytesIO(file.content))
    assert not opened.getexif() and opened.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_place_of_the_camera_is_read_but_stands_beside_the_file() -> None:
    assert clean_file(make_jpeg(gps=GPS)).place == (120.1551234, 30.2741667)
    south_west = {**GPS, 1: "S", 3: "W"}
    assert clean_file(make_jpeg(gps=south_west)).place == (-120.1551234, -30.2741667)


@pytest.mark.parametrize("gps", [{1: "N"}, {**GPS, 2: (0, 0, 0), 4: (0, 0, 0)}, {**GPS, 4: (200, 0, 0)}, {**GPS, 2: ("x", 1, 2)}])
def test_a_place_that_is_none_is_no_place(gps: dict[int, object]) -> None:
    assert clean_file(make_jpeg(gps=gps)).place is None


def test_a_picture_is_shown_upright() -> None:
    """The camera was held upright: rows of the file are columns of the picture."""
    file = clean_file(make_jpeg(size=(80, 40), orientation=6))
    assert (file.width, file.height) == (40, 80)
    assert pixels(file.content).size == (40, 80)


def test_the_same_picture_has_the_same_hash() -> None:
    assert clean_file(make_jpeg(gps=GPS)).hash == clean_file(make_jpeg(comment=b"another")).hash


def test_a_large_picture_is_made_smaller_and_a_small_one_stays() -> None:
    large = clean_file(make_jpeg(size=(6_000, 1_500)))
    assert (large.width, large.height) == (4_096, 1_024)
    assert pixels(large.thumbnail or b"").size == (360, 90)
    small = clean_file(make_png(size=(20, 10)))
    assert (small.width, small.height, small.media_type) == (20, 10, "image/png")


def test_what_is_clear_stays_clear_in_a_png_and_is_white_in_its_small_picture() -> None:
    file = clean_file(make_png(size=(10, 10), color=(255, 0, 0, 0)))
    assert pixels(file.content).getpixel((5, 5)) == (255, 0, 0, 0)
    red, green, blue = pixels(file.thumbnail or b"").getpixel((5, 5))  # type: ignore[misc]
    assert min(red, green, blue) > 250


def test_texts_and_profiles_of_a_png_are_gone() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Zhang San", zip=True)
    told.add_itxt("XML:com.adobe.xmp", "<x>Zhang San</x>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    held = io.BytesIO()
    Image.new("P", (9, 9)).save(held, "PNG", pnginfo=told, icc_profile=profile)
    chunks = clean_file(held.getvalue()).content
    for kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"tIME"):
        assert kind not in chunks


def test_a_webp_becomes_a_jpeg() -> None:
    held = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(held, "WEBP")
    assert clean_file(held.getvalue()).media_type == "image/jpeg"


@pytest.mark.parametrize(
    "raw",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(50), b"MZ" + bytes(100), b"\x00\x00\x00\x18ftypheic" + bytes(99)],
)
def test_other_kinds_are_refused_whatever_they_are_called(raw: bytes) -> None:
    with pytest.raises(UnknownKind):
        clean_file(raw)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("raw", [make_jpeg(size=(200, 200)), make_png(size=(200, 200))])
def test_half_a_picture_is_refused(raw: bytes, share: float) -> None:
    with pytest.raises(FileNotTaken):
        clean_file(raw[: int(len(raw) * share)])


def test_more_pixels_than_memory_are_refused_before_any_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side, said in ((9_000, 81), (30_000, "178+")):
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        bomb += chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")
        with pytest.raises(TooManyPixels) as told:
            clean_file(bomb)
        assert told.value.facts == {"megapixels": said, "most": photos.MOST_PIXELS // 1_000_000}


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(EmptyFile):
        clean_file(b"")
    with pytest.raises(FileTooLarge):
        clean_file(bytes(MOST_BYTES + 1))


def test_a_paper_loses_its_author_scripts_links_and_hidden_files() -> None:
    raw = make_pdf(pages=2)
    assert b"Zhang San" in raw and b"app.alert" in raw
    file = clean_file(raw)
    assert file.media_type == "application/pdf" and file.pages == 2 and file.thumbnail is None
    told = _unpacked(file.content)
    for word in (b"Zhang San", b"app.alert", b"/JavaScript", b"/OpenAction", b"/Launch", b"/EmbeddedFile", b"evil.example", b"secret.exe"):
        assert word not in told, word
    assert b"first page" in told, "what the pages say stays"


def test_the_same_paper_has_the_same_hash() -> None:
    assert clean_file(make_pdf(author="Li")).hash == clean_file(make_pdf(author="Wang")).hash


def test_locked_and_broken_papers_are_told() -> None:
    with pytest.raises(PaperLocked):
        clean_file(make_pdf(password="x"))
    with pytest.raises(BrokenFile):
        clean_file(b"%PDF-1.7\n" + bytes(300))
    with pytest.raises(BrokenFile):
        clean_file(b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 9>> endobj trailer <</Root 1 0 R>>")


def _unpacked(content: bytes) -> bytes:
    """A PDF with all its streams readable."""
    import pikepdf

    held = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        opened.save(
            held,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            qdf=True,
        )
    return held.getvalue()

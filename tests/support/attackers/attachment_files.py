"""Photos and papers as people send them, with what should not be kept."""

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

GPS: dict[int, Any] = {1: "N", 2: (30.0, 16.0, 27.0), 3: "E", 4: (120.0, 9.0, 18.44424)}
"""30° 16′ 27″ N, 120° 9′ 18.44424″ E."""


def make_jpeg(
    size: tuple[int, int] = (64, 48), gps: dict[int, Any] | None = None, orientation: int = 1, comment: bytes = b"", model: str = ""
) -> bytes:
    """A JPEG with what cameras write into it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    if model:
        exif[0x0110] = model
    if gps is not None:
        exif[0x8825] = {key: value for key, value in gps.items() if value != ("x", 1, 2)}
    held = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(held, "JPEG", exif=exif, comment=comment, quality=90)
    return held.getvalue()


def make_png(size: tuple[int, int] = (64, 48), color: tuple[int, ...] = (0, 128, 255)) -> bytes:
    """A PNG; with four values of color it may be clear."""
    held = io.BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(held, "PNG")
    return held.getvalue()


def pixels(content: bytes) -> Image.Image:
    """A picture, decoded."""
    opened = Image.open(io.BytesIO(content))
    opened.load()
    return opened


def make_pdf(pages: int = 1, author: str = "Zhang San", password: str = "") -> bytes:
    """A PDF that knows its author, runs a script when it is opened, carries a file, and links to elsewhere."""
    made = pikepdf.new()
    for n in range(pages):
        made.add_blank_page(page_size=(200, 200))
        made.pages[n].Contents = Stream(made, b"BT (first page) Tj ET" if n == 0 else b"BT (next) Tj ET")
    script = made.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=script)
    carried = made.make_indirect(Dictionary(Type=Name.Filespec, F=String("secret.exe"), EF=Dictionary(F=Stream(made, b"MZ"))))
    made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("secret.exe"), carried])))
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.URI, URI=String("http://evil.example"))
    )
    launch = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.Launch, F=String("x.exe")))
    made.pages[0].Annots = Array([made.make_indirect(link), made.make_indirect(launch)])
    with made.open_metadata() as told:
        told["dc:creator"] = [author]
    made.docinfo["/Author"] = author
    held = io.BytesIO()
    lock = pikepdf.Encryption(owner=password, user=password) if password else False
    made.save(held, encryption=lock, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return held.getvalue()

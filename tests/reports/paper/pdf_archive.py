"""What PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1) ask of a file, as far as it can be read from its objects.

veraPDF, which knows every rule, is a Java program that none of our sources of packages has; typst itself refuses what it
cannot write in these standards. This is a second look at what matters to archives and to readers who do not see, by other
code than the one that wrote the file:

- identity: XMP names both standards and the title, there is an output intent, no encryption, and nothing that runs;
- tags: the catalogue says so, names a language, shows the title; every operator that paints stands inside marked content,
  which is either an artifact or is named in the tree of structure, once; figures have an alternative text; tables are rows
  of cells, heads have a scope; headings begin with the first level and leave none out; links say where they lead;
- fonts: every font is inside and says which letters its glyphs are;
- colours: no blending but the usual, and no picture that readers would smooth.
"""

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

_PAINTS = frozenset(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "Tj", "TJ", "'", '"', "BI", "INLINE IMAGE"))
_HARMLESS = (Name.GoTo, Name.URI)


def find_faults(made: bytes) -> list[str]:
    """What a file lacks; empty: nothing of the above."""
    with pikepdf.open(io.BytesIO(made)) as document:
        checks = (_identity, _tags, _structure, _fonts, _colours, _links)
        return [fault for check in checks for fault in check(document)]


def _identity(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if document.is_encrypted:
        yield "it is encrypted"
    told = document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False)
    for key, wanted in (("pdfaid:part", "2"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1")):
        if told.get(key) != wanted:
            yield f"{key} is {told.get(key)}"
    if not told.get("dc:title"):
        yield "XMP names no title"
    intents = [one for one in root.get("/OutputIntents", Array()) if one.S == Name.GTS_PDFA1]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield "no output intent with a profile"
    if "/OpenAction" in root or "/AA" in root or {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", Dictionary()).keys()):
        yield "something runs, or a file is inside"


def _tags(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if not (root.get("/MarkInfo", Dictionary()).get("/Marked") and "/StructTreeRoot" in root):
        yield "it is not tagged"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle"):
        yield "the title is not shown"
    told = Counter(_told(root.get("/StructTreeRoot", Dictionary())))
    drawn = Counter()
    for number, page in enumerate(document.pages, 1):
        for fault, mark in _marks(page):
            if fault:
                yield f"page {number}: {fault}"
            else:
                drawn[page.objgen, mark] += 1
    if set(drawn) - set(told):
        yield f"{len(set(drawn) - set(told))} pieces of content are in no structure"
    if twice := [mark for mark, count in told.items() if count > 1]:
        yield f"{len(twice)} pieces of content are in the structure twice"


def _marks(page: pikepdf.Page) -> Iterator[tuple[str, int]]:
    """Numbers of the marked content of a page; with a fault, what is painted outside of any."""
    open_marks: list[bool] = []
    for one in pikepdf.parse_content_stream(page):
        operator = str(one.operator)
        if operator in ("BDC", "BMC"):
            properties = one.operands[1] if operator == "BDC" else Dictionary()
            number = properties.get("/MCID") if isinstance(properties, Dictionary) else None
            if number is not None:
                yield "", int(number)
            open_marks.append(number is not None or one.operands[0] == Name.Artifact)
        elif operator == "EMC":
            open_marks.pop()
        elif operator in _PAINTS and not any(open_marks):
            yield f"{operator} paints outside of marked content", -1


def _children(element: Any) -> list[Any]:
    kids = element.get("/K")
    return [] if kids is None else list(kids) if isinstance(kids, Array) else [kids]


def _elements(element: Any) -> Iterator[Any]:
    """Every element of the tree of structure."""
    for child in _children(element):
        if isinstance(child, Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)


def _told(tree: Any) -> Iterator[tuple[tuple[int, int], int]]:
    """Page and number of every piece of marked content that the tree names."""
    for element in _elements(tree):
        for child in _children(element):
            if isinstance(child, Dictionary) and child.get("/Type") == Name.MCR:
                page = child.get("/Pg", element.get("/Pg"))
                yield page.objgen, int(child.MCID)
            elif not isinstance(child, Dictionary):
                yield element.Pg.objgen, int(child)


def _structure(document: pikepdf.Pdf) -> Iterator[str]:
    level = 0
    for element in _elements(document.Root.get("/StructTreeRoot", Dictionary())):
        kind = str(element.S)
        if kind == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "a figure without an alternative text"
        if kind == "/Table" and any(str(row.S) not in ("/TR", "/THead", "/TBody", "/TFoot", "/Caption") for row in _inside(element)):
            yield "a table of something else than rows"
        if kind == "/TR" and any(str(cell.S) not in ("/TH", "/TD") for cell in _inside(element)):
            yield "a row of something else than cells"
        if kind == "/TH" and "/Scope" not in _attributes(element):
            yield "a head without a scope"
        if kind[:2] == "/H" and kind[2:].isdigit():
            if int(kind[2:]) > level + 1:
                yield f"a heading of level {kind[2:]} after one of level {level}"
            level = int(kind[2:])


def _inside(element: Any) -> list[Any]:
    return [child for child in _children(element) if isinstance(child, Dictionary) and "/S" in child]


def _attributes(element: Any) -> set[str]:
    found = element.get("/A", Array())
    return {key for one in (found if isinstance(found, Array) else [found]) if isinstance(one, Dictionary) for key in list(one)}


def _fonts(document: pikepdf.Pdf) -> Iterator[str]:
    for font in _objects(document, Name.Font):
        if font.get("/Subtype") in (Name.CIDFontType0, Name.CIDFontType2):
            described = font.get("/FontDescriptor", Dictionary())
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys()):
                yield f"the font {font.get('/BaseFont')} is not inside"
        elif font.get("/Subtype") == Name.Type0:
            if "/ToUnicode" not in font:
                yield f"the font {font.get('/BaseFont')} does not tell its letters"
        elif font.get("/Subtype") != Name.Type3:
            yield f"a font of the kind {font.get('/Subtype')}"


def _colours(document: pikepdf.Pdf) -> Iterator[str]:
    for state in _objects(document, Name.ExtGState):
        if state.get("/BM", Name.Normal) not in (Name.Normal, Name.Compatible):
            yield f"blending {state.BM}"
    for picture in (one for one in document.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == Name.Image):
        if picture.get("/Interpolate"):
            yield "a picture that readers would smooth"


def _links(document: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(document.pages, 1):
        notes = page.get("/Annots", Array())
        if len(notes) and page.get("/Tabs") != Name.S:
            yield f"page {number}: links are not in the order of the structure"
        for note in notes:
            if not str(note.get("/Contents", "")) or "/StructParent" not in note:
                yield f"page {number}: a link does not say where it leads"
            if note.get("/A", Dictionary(S=Name.GoTo)).get("/S") not in _HARMLESS:
                yield f"page {number}: a link that does something"


def _objects(document: pikepdf.Pdf, kind: Name) -> Iterator[Any]:
    return (one for one in document.objects if isinstance(one, Dictionary) and one.get("/Type") == kind)

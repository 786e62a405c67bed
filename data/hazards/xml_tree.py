"""Bytes of a notice as a small tree. Nothing outside them is ever read, and no entity is expanded.

Encodings are those that a file names, or its byte-order mark; none is guessed, because GBK reads any bytes and then gives nonsense.
"""

import codecs
import re
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from data.hazards.model import REASONS, BadNotice

MOST_BYTES, MOST_ELEMENTS, MOST_DEPTH = 1_000_000, 20_000, 12
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,400}\?>")
_KNOWN = {
    **dict.fromkeys(("gbk", "gb2312", "gb18030", "gb_2312-80", "cp936"), "gb18030"),
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
    **{"big5": "big5", "iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252"},
}


@dataclass(slots=True)
class Node:
    """An element: its name without namespace, the namespace, its own text in pieces, and the elements in it."""

    name: str
    space: str
    pieces: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without that of the elements in it."""
        return "".join(self.pieces)

    def all(self, name: str) -> list["Node"]:
        """The elements of this name directly inside."""
        return [one for one in self.children if one.name == name]

    def get(self, name: str) -> str:
        """The text of the first element of this name, without spaces around it; empty where there is none."""
        return next((one.text.strip() for one in self.children if one.name == name), "")


def read_tree(raw: bytes) -> Node:
    """The tree of an XML file.

    Raises:
        BadNotice: it is empty or too large, its encoding is wrong, it is no XML, or it defines entities.
    """
    if not raw.strip():
        raise BadNotice(where="XML", reason=REASONS["empty"])
    if len(raw) > MOST_BYTES:
        raise BadNotice(where="XML", reason=REASONS["large"])
    text = _DECLARATION.sub("", _decode(raw), count=1)
    builder = _Builder()
    parser = ParserCreate("utf-8", " ")
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = builder.begin, builder.end
    parser.CharacterDataHandler, parser.buffer_text = builder.write, True
    try:
        parser.Parse(text.encode(), True)
    except ExpatError as error:
        raise BadNotice(where=f"XML, {error.lineno}:{error.offset + 1}", reason=REASONS["xml"]) from None
    return builder.root.children[0]


def _decode(raw: bytes) -> str:
    name = next((name for bom, name in _BOMS if raw.startswith(bom)), "")
    declared = _DECLARED.match(raw)
    if not name and raw[:4] in (b"<\0?\0", b"\0<\0?", b"<\0a\0", b"\0<\0a"):
        name = "utf-16-le" if raw[:1] == b"<" else "utf-16-be"
    if not name and declared:
        told = declared[1].decode("ascii").lower()
        if told not in _KNOWN:
            raise BadNotice(where=told, reason=REASONS["encoding"])
        name = _KNOWN[told]
        if name == "utf-16":  # it says so in plain letters, and so it is not
            raise BadNotice(where=told, reason=REASONS["not_named"])
    try:
        return raw.decode(name or "utf-8")
    except UnicodeDecodeError as error:
        where = f"{name or 'utf-8'}, byte {error.start + 1}"
        raise BadNotice(where=where, reason=REASONS["undecodable"]) from None


class _Builder:
    """What the parser calls."""

    def __init__(self) -> None:
        self.root = Node("", "")
        self._open = [self.root]
        self._count = 0

    def refuse_doctype(self, *_: object) -> None:
        raise BadNotice(where="DOCTYPE", reason=REASONS["doctype"])

    def begin(self, name: str, _: object) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise BadNotice(where="XML", reason=REASONS["elements"])
        space, _sep, local = name.rpartition(" ")
        node = Node(local, space)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def write(self, text: str) -> None:
        self._open[-1].pieces.append(text)

"""Papers: PDF files, written anew without what can act, hide or tell of their author."""

import io
from contextlib import suppress
from dataclasses import dataclass

import pikepdf
from pikepdf import Name, Pdf

from data.attachments.errors import BrokenFile, PaperLocked, TooManyPages

MARK = b"%PDF-"
_MARK_WITHIN = 1_024
"""The mark may stand behind some bytes that senders put in front."""
MOST_PAGES = 500
_ACTING = ("/OpenAction", "/AA", "/Names", "/AcroForm", "/Collection", "/Metadata", "/PieceInfo", "/AF", "/Perms", "/SpiderInfo")
"""Entries of the catalogue that run something, carry other files, or tell of who made it."""
_OF_PAGES = ("/AA", "/Metadata", "/PieceInfo", "/AF")
_HARMLESS = frozenset({"/Text", "/Highlight", "/Underline", "/StrikeOut", "/Square", "/Circle", "/Line", "/Ink", "/Stamp", "/FreeText"})
"""Notes that people wrote on a page stay; links, attached files, films, forms and everything else that acts goes."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF that can be stored: ``content`` with this number of ``pages``."""

    content: bytes
    pages: int


def is_paper(raw: bytes) -> bool:
    """Whether a file is meant to be a PDF."""
    return MARK in raw[:_MARK_WITHIN]


def make_paper(raw: bytes) -> Paper:
    """Write a PDF anew.

    Raises:
        PaperLocked: it needs a password.
        TooManyPages: more than ``MOST_PAGES``.
        BrokenFile: it cannot be read.
    """
    try:
        with Pdf.open(io.BytesIO(raw)) as opened:
            pages = len(opened.pages)
            if not pages:
                raise BrokenFile(kind="PDF")
            if pages > MOST_PAGES:
                raise TooManyPages(pages=pages, most=MOST_PAGES)
            _clean(opened)
            held = io.BytesIO()
            opened.save(
                held, linearize=False, deterministic_id=True, encryption=False, object_stream_mode=pikepdf.ObjectStreamMode.generate
            )
    except pikepdf.PasswordError:
        raise PaperLocked() from None
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BrokenFile(kind="PDF") from None
    return Paper(held.getvalue(), pages)


def _clean(opened: Pdf) -> None:
    """Remove what acts or tells. What nothing refers to any more is not written."""
    for name in _ACTING:
        if name in opened.Root:
            del opened.Root[name]
    for name in ("/Info", "/ID"):  # the first half of an ID stays the same through all copies of a file
        with suppress(KeyError):
            del opened.trailer[name]
    for page in opened.pages:
        for name in _OF_PAGES:
            if name in page.obj:
                del page.obj[name]
        if "/Annots" in page.obj:
            _clean_notes(opened, page.obj)


def _clean_notes(opened: Pdf, page: pikepdf.Object) -> None:
    kept = []
    for note in page.Annots if isinstance(page.Annots, pikepdf.Array) else []:
        if isinstance(note, pikepdf.Dictionary) and str(note.get(Name.Subtype, "")) in _HARMLESS:
            for name in ("/A", "/AA", "/FS", "/T", "/Popup"):
                if name in note:
                    del note[name]
            kept.append(note)
    page.Annots = opened.make_indirect(pikepdf.Array(kept))

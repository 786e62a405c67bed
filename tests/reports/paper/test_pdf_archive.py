"""Every PDF is PDF/A-2a and PDF/UA-1, as far as its objects tell (see ``pdf_archive``), and its cover holds what the city gives."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

from data.core.settings import settings
from reports.dress import Dress, find_dress
from reports.emblem import MOST_BYTES, MOST_PIXELS, BadEmblem, find_emblem
from reports.writers.pdf import write_pdf
from tests.reports.made import make_report
from tests.reports.paper.pdf_archive import find_faults

STAR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle id="a" cx="4" cy="4" r="4" fill="#C5203A"/>{}</svg>'
COVER = Dress(cover=True, emblem=STAR.format('<use href="#a"/>'))
HEAD = Dress(head="网格治理简报", number="第 47 期", day="2026 年 11 月 23 日")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("format_", "dress"), [("standard", Dress()), ("standard", COVER), ("official", HEAD), ("official", Dress())])
def test_a_report_is_for_archives_and_for_readers_who_do_not_see(lang: Any, format_: Any, dress: Dress) -> None:
    assert find_faults(write_pdf(make_report(lang, format_, extra=8), dress=dress)) == []


@pytest.mark.parametrize("format_", ["standard", "official"])
def test_a_report_whose_texts_mean_harm_is_so_too(format_: Any) -> None:
    assert find_faults(write_pdf(make_report("zh", format_, hostile=True), dress=COVER)) == []


def drop_language(document: pikepdf.Pdf) -> None:
    """Take away the language."""
    del document.Root.Lang


def drop_alternative(document: pikepdf.Pdf) -> None:
    """Take away the alternative text of a figure."""
    del next(one for one in document.objects if isinstance(one, Dictionary) and one.get("/S") == Name.Figure).Alt


def drop_letters(document: pikepdf.Pdf) -> None:
    """Take away what a font says of its letters."""
    del next(one for one in document.objects if isinstance(one, Dictionary) and one.get("/Subtype") == Name.Type0).ToUnicode


def drop_font(document: pikepdf.Pdf) -> None:
    """Take a font out of the file."""
    described = next(one for one in document.objects if isinstance(one, Dictionary) and one.get("/Type") == Name.FontDescriptor)
    del described[next(key for key in list(described) if key.startswith("/FontFile"))]


def paint_outside(document: pikepdf.Pdf) -> None:
    """Paint something that no tag knows."""
    document.pages[0].contents_add(b"0 0 10 10 re f", prepend=False)


def drop_intent(document: pikepdf.Pdf) -> None:
    """Take away the output intent."""
    del document.Root.OutputIntents


def blend(document: pikepdf.Pdf) -> None:
    """Blend colours in another way."""
    document.make_indirect(Dictionary(Type=Name.ExtGState, BM=Name.Multiply))
    document.pages[0].obj["/X"] = document.make_indirect(Dictionary(Type=Name.ExtGState, BM=Name.Multiply))


@pytest.mark.parametrize("harm", [drop_language, drop_alternative, drop_letters, drop_font, paint_outside, drop_intent, blend])
def test_what_is_missing_is_found(harm: Callable[[pikepdf.Pdf], None]) -> None:
    with pikepdf.open(io.BytesIO(write_pdf(make_report(), dress=Dress()))) as document:
        harm(document)
        changed = io.BytesIO()
        document.save(changed)
    assert len(find_faults(changed.getvalue())) == 1


def test_bookmarks_lead_to_the_sections() -> None:
    report = make_report()
    with pikepdf.open(io.BytesIO(write_pdf(report, dress=Dress()))) as document, document.open_outline() as outline:
        titles = [one.title for one in outline.root]
    assert titles[: len(report.sections) - 1] == [one.title for one in report.sections if one.title]


def test_a_cover_is_a_page_of_its_own_with_the_emblem() -> None:
    plain, covered = (pikepdf.open(io.BytesIO(write_pdf(make_report(), dress=dress))) for dress in (Dress(), COVER))
    assert len(covered.pages) == len(plain.pages) + 1
    figures = [str(one.Alt) for one in covered.objects if isinstance(one, Dictionary) and one.get("/S") == Name.Figure]
    assert "澜州市网格化服务管理中心徽标" in figures


# ---- The emblem ----


def put(home: Path, name: str, content: bytes) -> None:
    """The city's emblem."""
    (home / "reports").mkdir(exist_ok=True)
    (home / "reports" / name).write_bytes(content)


def png(width: int, height: int) -> bytes:
    """A picture of this size."""
    made = io.BytesIO()
    Image.new("L", (width, height)).save(made, "PNG")
    return made.getvalue()


def test_larger_kinds_have_a_cover_with_the_citys_emblem(home: Path) -> None:
    monthly = dataclasses.replace(make_report(), kind="monthly")
    assert find_dress(monthly) == Dress(cover=True)
    put(home, "emblem.png", png(20, 10))
    assert 'viewBox="0 0 20 10"' in find_dress(monthly).emblem
    assert find_faults(write_pdf(monthly)) == []
    put(home, "emblem.svg", STAR.format("").encode())
    assert find_dress(monthly).emblem == STAR.format("")
    assert find_dress(make_report()) == Dress()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("emblem.svg", STAR.format("<script>1</script>").encode()),
        ("emblem.svg", STAR.format('<circle r="1" onload="1"/>').encode()),
        ("emblem.svg", STAR.format('<use href="http://example.org/a.svg"/>').encode()),
        ("emblem.svg", STAR.format('<image href="file:///etc/passwd"/>').encode()),
        ("emblem.svg", STAR.format('<rect fill="url(http://example.org/#a)"/>').encode()),
        ("emblem.svg", STAR.format("<style>@import 'a.css'</style>").encode()),
        ("emblem.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + STAR.format("").encode()),
        ("emblem.svg", b"<html/>"),
        ("emblem.svg", b"no xml"),
        ("emblem.svg", b" " * (MOST_BYTES + 1)),
        ("emblem.png", png(MOST_PIXELS + 1, 1)),
        ("emblem.png", b"\x89PNG\r\n\x1a\n"),
        ("emblem.png", png(9, 9)[:-30]),
    ],
)
def test_an_emblem_that_could_harm_or_cannot_be_read_is_refused(home: Path, name: str, content: bytes) -> None:
    put(home, name, content)
    with pytest.raises(BadEmblem, match=name):
        find_emblem()


def test_an_emblem_that_is_a_link_is_refused(home: Path) -> None:
    put(home, "other", STAR.format("").encode())
    (home / "reports" / "emblem.svg").symlink_to(settings().home / "reports" / "other")
    with pytest.raises(BadEmblem):
        find_emblem()

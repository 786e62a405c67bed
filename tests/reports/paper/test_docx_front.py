"""What Word documents begin with, cover or red head, and everything that LibreOffice shows of them."""

import io
import re
import shutil
import subprocess
from collections.abc import Mapping

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn

from reports.content import Number, Pair, Table
from reports.dress import Dress, find_head_size
from reports.writers.docx import write_docx
from reports.writers.word.looks import OFFICIAL
from tests.reports.made import make_report
from tests.reports.paper.pdf_letters import read_pages
from tests.reports.test_docx import Form, Lang, opened, texts_of

EMBLEM = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4" fill="#C5203A"/></svg>'
COVER = Dress(cover=True, emblem=EMBLEM)
HEAD = Dress(head="网格治理简报", number="第 47 期", day="2026 年 11 月 23 日")
OPENED: Mapping[str, tuple[Lang, Form, Dress, int]] = {
    "plain": ("zh", "standard", Dress(), 0),
    "cover": ("zh", "standard", COVER, 3),
    "bulletin": ("zh", "official", HEAD, 0),
    "english": ("en", "official", Dress(), 0),
}
"""Documents that LibreOffice opens, all at once, because it takes longer to start than to write."""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The documents as LibreOffice prints them."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("libreoffice")
    docx.Document().save(str(folder / "blank.docx"))
    for name, (lang, form, dress, extra) in OPENED.items():
        (folder / f"{name}.docx").write_bytes(write_docx(make_report(lang, form, rows=60, extra=extra), dress))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/home",
        "--headless",
        "--convert-to",
        "pdf",
        *map(str, folder.glob("*.docx")),
    ]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    if not (folder / "blank.pdf").exists():
        pytest.skip("this LibreOffice has no Writer")
    return {name: (folder / f"{name}.pdf").read_bytes() for name in OPENED}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPENED)
def test_libreoffice_shows_everything(name: str, printed: Mapping[str, bytes]) -> None:
    lang, form, dress, extra = OPENED[name]
    report, pages = make_report(lang, form, rows=60, extra=extra), read_pages(printed[name])
    with pikepdf.open(io.BytesIO(printed[name])) as pdf:
        assert {tuple(round(float(one)) for one in page.mediabox) for page in pdf.pages} == {(0, 0, 595, 842)}
    assert 4 <= len(pages) <= 16
    inside = "".join(said for said, _ in pages[int(dress.cover) :])
    at = -1
    for title in (section.title for section in report.sections if section.title):
        at = inside.find(without_spaces(title), at + 1)
        assert at >= 0, f"{title} stands after the headings before it"
    blocks = [block for section in report.sections for block in section.blocks]
    tables = [
        one for block in blocks for one in ((block.left, block.right) if isinstance(block, Pair) else (block,)) if isinstance(one, Table)
    ]
    cells = [cell.text if isinstance(cell, Number) else cell for table in tables for row in table.rows for cell in row]
    missing = [cell for cell in cells if isinstance(cell, str) and without_spaces(cell) not in inside]
    assert not missing, "no table is cut"
    shown = docx.Document(io.BytesIO(write_docx(report, dress))).element.body.iter(qn("wp:inline"))
    assert sum(pictures for _, pictures in pages) == len(list(shown))
    first = pages[0][0]
    if dress.cover:
        assert all(without_spaces(text) in first for text in (report.issuer, report.title, report.days, report.sections[-1].title))
        assert pages[0][1] == 1, "its emblem"
    if dress.head:
        assert first.index(without_spaces(dress.head)) < first.index(without_spaces(dress.number)) < first.index(report.title)


def without_spaces(text: str) -> str:
    """As pages are read: where lines end is the program's."""
    return re.sub(r"\s", "", text)


def test_a_cover_is_a_page_of_its_own_with_emblem_name_and_contents() -> None:
    report = make_report()
    document = docx.Document(io.BytesIO(write_docx(report, COVER)))
    texts = {style: texts_of(document, style) for style in ("Cover Issuer", "Cover Title", "Cover Area", "Cover Days", "Cover Moment")}
    assert texts == {
        "Cover Issuer": [report.issuer],
        "Cover Title": [report.title],
        "Cover Area": ["澜州市 · 2026 年第 47 周"],
        "Cover Days": [report.days],
        "Cover Moment": ["数据截至 2026 年 11 月 23 日 06:00"],
    }
    assert texts_of(document, "Title") == texts_of(document, "Subtitle") == []
    assert document.styles["Cover Title"].base_style.name == "Title"
    assert texts_of(document, "toc 1") == [section.title for section in report.sections if section.title]
    emblem = next(document.element.body.iter(qn("wp:inline")))
    assert emblem.find(qn("wp:docPr")).get("descr") == "澜州市网格化服务管理中心徽标"
    assert emblem.find(qn("wp:extent")).get("cx") == emblem.find(qn("wp:extent")).get("cy") == str(round(26 * 72 / 25.4 * 12_700))
    breaks = [one.getparent().getparent().style for one in document.element.body.iter(qn("w:pageBreakBefore"))]
    assert breaks == ["Heading1", "Heading1", "Heading1"]  # the first section, and the two that begin a page anyway
    assert document.sections[0].different_first_page_header_footer  # the cover has no number
    assert not opened().sections[0].different_first_page_header_footer


def test_a_cover_without_an_emblem_has_no_picture() -> None:
    document = docx.Document(io.BytesIO(write_docx(make_report(), Dress(cover=True))))
    first = document.element.body[0]
    assert first.style == "CoverEmblem" and not list(first.iter(qn("wp:inline")))


@pytest.mark.parametrize(("lang", "size", "apart"), [("zh", 46, 110), ("en", 30, None)])
def test_a_bulletin_has_its_red_head(lang: Lang, size: int, apart: int | None) -> None:
    head = HEAD if lang == "zh" else Dress(head="Grid governance bulletin", number="No. 47", day="23 November 2026")
    report = make_report(lang, "official")
    document = docx.Document(io.BytesIO(write_docx(report, head)))
    begin = [(one.style, "".join(text.text or "" for text in one.iter(qn("w:t")))) for one in document.element.body[:4]]
    assert begin == [("RedHead", head.head), ("HeadNumber", head.number), ("HeadLine", report.issuer + head.day), ("Title", report.title)]
    style = document.styles["Red Head"]
    assert (style.font.size.pt, str(style.font.color.rgb)) == (size, "D0021B")
    spacing = style.element.find(".//" + qn("w:rPr")).find(qn("w:spacing"))
    assert (None if spacing is None else int(spacing.get(qn("w:val")))) == apart
    line = document.styles["Head Line"].element.find(".//" + qn("w:pBdr")).find(qn("w:bottom"))
    assert (line.get(qn("w:color")), line.get(qn("w:sz"))) == ("D0021B", "16")
    assert report.issuer not in texts_of(document, "Issuer")  # the head says who


def test_a_long_red_head_stands_on_one_line() -> None:
    assert find_head_size("网格治理简报", "zh", OFFICIAL.width) == 46
    name = "澜州市城市运行网格化治理简报"
    size = find_head_size(name, "zh", OFFICIAL.width)
    assert 22 < size < 46
    assert size * (len(name) * 1.12) <= OFFICIAL.width
    assert find_head_size("网" * 40, "zh", OFFICIAL.width) == 22

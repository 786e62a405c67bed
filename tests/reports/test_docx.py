"""Reports as Word documents, read back: styles, heads, numbers of pages, alternative texts, fonts, and the form of official documents."""

import dataclasses
import io
import zipfile
from dataclasses import replace
from functools import cache
from typing import Any, Literal

import docx
import openpyxl
import pikepdf
import pytest
from docx.enum.section import WD_ORIENTATION
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from data.core.errors import UnknownName
from data.core.settings import settings
from reports.content import Column, Fraction, Interval, Number, Report, Scale, Section, Table
from reports.drawing.text_width import measure
from reports.drawing.texts import make_legible
from reports.graphics import Bars, Curve, Map
from reports.writers import forms
from reports.writers.docx import write_docx
from reports.writers.pdf import write_pdf
from reports.writers.widths import SIDE, SPARE_ELSEWHERE, find_widths, head_of_scale
from reports.writers.word.looks import OFFICIAL, STANDARD
from reports.writers.xlsx import write_xlsx
from tests.reports.made import HOSTILE, SCALE, make_report

Form = Literal["standard", "official"]
Lang = Literal["zh", "en"]
EVERY = [("zh", "standard"), ("en", "standard"), ("zh", "official"), ("en", "official")]


@cache
def written(lang: Lang = "zh", form: Form = "standard", hostile: bool = False, extra: int = 0) -> bytes:
    """The rich report, written once."""
    return write_docx(make_report(lang, form, hostile, extra=extra))


def opened(lang: Lang = "zh", form: Form = "standard", hostile: bool = False, extra: int = 0) -> Any:
    """The same, read by python-docx."""
    return docx.Document(io.BytesIO(written(lang, form, hostile, extra)))


def texts_of(document: Any, style: str) -> list[str]:
    """Texts of all paragraphs of a style, in tables, too."""
    found = document.element.body.iter(qn("w:p"))
    ids = {one.style_id for one in document.styles if one.name == style}
    return ["".join(text.text or "" for text in one.iter(qn("w:t"))) for one in found if one.style in ids]


def style_of(table: Any) -> str:
    """The id of a table's style."""
    return str(table.find(qn("w:tblPr")).find(qn("w:tblStyle")).get(qn("w:val")))


def codes_of(part: Any) -> list[str]:
    """The codes of all fields of a part."""
    return [(code.text or "").split()[0] for code in part.part.element.iter(qn("w:instrText"))]


@pytest.mark.parametrize(("lang", "form"), EVERY)
def test_words_have_the_styles_of_what_they_are(lang: Lang, form: Form) -> None:
    document, report = opened(lang, form), make_report(lang, form)
    assert texts_of(document, "Title") == [report.title]
    assert texts_of(document, "Heading 1") == [section.title for section in report.sections if section.title]
    titles = texts_of(document, "Heading 2")
    assert len(titles) == 6
    assert titles[0] == ("各街道（镇）按期结案率" if lang == "zh" else "Closed in time, by street") + "\u2003%，全市 91.9%"
    assert texts_of(document, "List Bullet")[0] == "上报 2,862 件，比上周多 72 件。1市容环境和街面秩序占 53%，构成与上周“相近”。"
    assert "95% 区间按 Wilson 法计算。" in texts_of(document, "Note")
    assert "深色线为区界，中间色 90–93 含全市值" in texts_of(document, "Caption")
    used = {one.style for one in document.element.body.iter(qn("w:p"))} | set(map(style_of, document.element.body.iter(qn("w:tbl"))))
    assert used <= {style.style_id for style in document.styles}
    assert None not in used


def test_words_of_a_chinese_document_are_chinese() -> None:
    document = opened()
    assert texts_of(document, "Notes Heading") == ["各项数据如何统计"]
    assert "2\u2002按期结案率：按期结案 ÷ 应结案。2,435 ÷ 2,650。95% 区间 90.8% 至 92.9%。澜州市登记的案件。" in texts_of(document, "Note")
    assert "3\u2002公用设施：没有办结的案件。" in texts_of(document, "Note")
    assert "数据版本 412" in texts_of(document, "Note")


def test_heads_of_tables_come_again_and_rows_are_not_torn() -> None:
    tables = [table for table in opened().element.body.iter(qn("w:tbl")) if style_of(table) == "ReportTable"]
    assert len(tables) == 4  # the one without columns is no table
    for table in tables:
        rows = table.findall(qn("w:tr"))
        assert [row.find(".//" + qn("w:tblHeader")) is not None for row in rows] == [True] + [False] * (len(rows) - 1)
        assert all(row.find(".//" + qn("w:cantSplit")) is not None for row in rows)
        grid = [int(one.get(qn("w:w"))) for one in table.iter(qn("w:gridCol"))]
        assert all(len(row.findall(qn("w:tc"))) == len(grid) for row in rows)
    assert [len(table.findall(qn("w:tr"))) for table in tables] == [6, 5, 1, 13]


def test_pictures_are_of_300_dpi_and_say_what_they_show() -> None:
    document = opened()
    inlines = list(document.element.body.iter(qn("wp:inline")))
    told = [one.find(qn("wp:docPr")).get("descr") for one in inlines]
    assert "各街道按期结案率的地图" in told
    assert "每日上报的案件" in told
    assert "96.7% (91.7%–98.7%)" in told
    assert "85.7% (77.7%–91.2%), 低于：全市 91.9%" in told
    assert "上报案件，最近 5 期" in told
    assert all(told)
    numbers = [one.find(qn("wp:docPr")).get("id") for one in inlines]
    assert len(set(numbers)) == len(numbers)
    for inline in inlines:
        part = document.part.related_parts[inline.find(".//" + qn("a:blip")).get(qn("r:embed"))]
        inches = int(inline.find(qn("wp:extent")).get("cx")) / 914_400
        assert Image.open(io.BytesIO(part.blob)).width / inches == pytest.approx(300, abs=3)


def test_pages_are_numbered_by_fields() -> None:
    document = opened()
    assert codes_of(document.sections[0].footer) == ["PAGE", "NUMPAGES"]
    text = "".join(one.text or "" for one in document.sections[0].footer.part.element.iter(qn("w:t")))
    assert text == "网格治理周报\u2002·\u20022026 年第 47 周数据截至 2026 年 11 月 23 日 06:00第 1 页，共 1 页"
    assert codes_of(opened("en").sections[0].footer) == ["PAGE", "NUMPAGES"]


def test_long_documents_have_contents_and_short_ones_none() -> None:
    assert "TOC" not in codes_of(opened())
    document, report = opened(extra=3), make_report(extra=3)
    assert codes_of(document) == ["TOC", *["PAGEREF"] * 8]
    assert texts_of(document, "toc 1") == [section.title for section in report.sections if section.title]
    places = {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in document.element.body.iter(qn("w:hyperlink"))]
    assert {link for link in links if link} <= places
    assert "TOC" not in codes_of(opened(form="official", extra=3))


def test_numbers_of_figures_lead_to_how_they_were_counted() -> None:
    body = opened().element.body
    places = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink")) if one.get(qn("w:anchor"))]
    assert links == ["figure_1", "figure_2", "figure_1", "figure_2", "figure_3", "figure_4"]
    assert set(links) <= places
    assert "街面秩序99" in texts_of(opened(), "List Bullet")  # a number that is not explained leads nowhere


def test_only_addresses_of_the_web_are_links() -> None:
    targets = [relation.target_ref for relation in opened().part.rels.values() if relation.is_external]
    assert targets == ["https://grid.example/cases?week=47"]


@pytest.mark.parametrize(("lang", "form"), EVERY)
def test_styles_name_fonts_for_chinese_and_for_latin_letters(lang: Lang, form: Form) -> None:
    document, look = opened(lang, form), {"standard": STANDARD, "official": OFFICIAL}[form]
    for style in look.styles:
        if style.fonts:
            fonts = document.styles.element.find(f"w:style[@w:styleId='{style.id}']/w:rPr/w:rFonts", document.styles.element.nsmap)
            assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == (style.fonts.chinese, style.fonts.latin)
    table = zipfile.ZipFile(io.BytesIO(written(lang, form))).read("word/fontTable.xml").decode()
    assert all(f'w:name="{style.fonts.chinese}"' in table for style in look.styles if style.fonts)
    assert "asciiTheme" not in document.styles.element.xml


def test_marks_that_both_alphabets_have_are_chinese_in_chinese() -> None:
    def hints(lang: Lang) -> int:
        return sum(one.get(qn("w:hint")) == "eastAsia" for one in opened(lang).element.body.iter(qn("w:rFonts")))

    assert hints("zh") > 3
    assert hints("en") == 0


@pytest.mark.parametrize(("lang", "code"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_properties_tell_of_the_report_and_not_of_the_machine(lang: Lang, code: str) -> None:
    properties, report = opened(lang).core_properties, make_report(lang)
    assert (properties.title, properties.language, properties.author) == (report.title, code, report.issuer)
    assert properties.created == properties.modified
    assert properties.created is not None and properties.created.isoformat()[:10] == "2026-11-22"
    names = zipfile.ZipFile(io.BytesIO(written(lang))).namelist()
    assert not [name for name in names if "thumbnail" in name or "customXml" in name or "WithEffects" in name]


@pytest.mark.parametrize(("lang", "form"), [("zh", "standard"), ("en", "official")])
def test_the_same_report_gives_the_same_bytes(lang: Lang, form: Form) -> None:
    assert write_docx(make_report(lang, form)) == written(lang, form)
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(written(lang, form))).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_page_is_a4_with_the_margins_of_the_design() -> None:
    document = opened()
    section = document.sections[0]
    assert section.orientation == WD_ORIENTATION.PORTRAIT
    sizes = (section.page_width, section.page_height, section.left_margin, section.right_margin, section.top_margin, section.bottom_margin)
    assert [round(size / Mm(1)) for size in sizes if size] == [210, 297, 18, 18, 16, 17]
    order = [one.tag.rsplit("}")[-1] for one in document.element.body.find(qn("w:sectPr"))]
    assert order == ["footerReference", "pgSz", "pgMar", "cols", "docGrid"]  # Word takes them in this order alone


def test_official_documents_keep_to_the_standard() -> None:
    """GB/T 9704-2012: 156 × 225 mm, 22 lines of 28 letters of 16 points, numbers of pages between dashes at the outer edge, 14 points."""
    document = opened(form="official")
    section = document.sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert (round(width / Mm(1)), round(height / Mm(1))) == (156, 225)
    normal, body = document.styles["Normal"], document.styles["Body Text"]
    assert normal.font.size.pt == 16
    line = normal.paragraph_format.line_spacing.pt
    assert 22 * line <= height / 12_700 < 23 * line
    letter = 16 + int(body.element.find(".//" + qn("w:rPr")).find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert 28 * letter <= width / 12_700 < 29 * letter
    assert document.styles["Title"].font.size.pt == 22
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        assert codes_of(footer) == ["PAGE"]
        assert "".join(one.text or "" for one in footer.part.element.iter(qn("w:t"))) == "— 1 —"
        assert footer.part.element.find(".//" + qn("w:jc")).get(qn("w:val")) == side
    assert document.styles["footer"].font.size.pt == 14
    assert not list(document.element.body.iter(qn("w:pageBreakBefore")))


def test_points_of_official_documents_are_numbered_from_one_each_time() -> None:
    document = opened(form="official")
    assert texts_of(document, "List Bullet")
    kinds = [one.get(qn("w:val")) for one in document.part.numbering_part.element.iter(qn("w:numFmt"))]
    assert kinds == ["decimal"]
    assert [one.get(qn("w:val")) for one in opened().part.numbering_part.element.iter(qn("w:numFmt"))] == ["bullet"]


@pytest.mark.parametrize("form", ["standard", "official"])
def test_texts_that_mean_harm_are_texts(form: Form) -> None:
    document = opened(form=form, hostile=True)
    cells = ["".join(run.text for run in one.r_lst) for one in document.element.body.iter(qn("w:p"))]
    for text in HOSTILE:
        assert any(make_legible(text) in cell for cell in cells), text
    assert any("a\ufffdb\ufffdc\ufffdd\ufffd" in cell for cell in cells)
    assert not any("\u202e" in cell for cell in cells)
    assert codes_of(document) == []  # no text became a field


def test_long_tables_are_whole_and_write_their_intervals() -> None:
    document = docx.Document(io.BytesIO(write_docx(make_report(rows=500))))
    tables = list(document.element.body.iter(qn("w:tbl")))
    assert len(tables[-1].findall(qn("w:tr"))) == 501
    assert "90.0% (80.0%–95.0%)" in "".join(one.text or "" for one in tables[-1].iter(qn("w:t")))
    assert not list(tables[-1].iter(qn("wp:inline")))


def test_a_report_with_nothing_in_it_is_a_document() -> None:
    empty = (
        Bars("", "", (), ""),
        Curve("", "", (), 0, (), ""),
        Table((), ()),
        Map("", "", "<svg xmlns='http://www.w3.org/2000/svg'/>", 1, 9, (), (), "x"),
    )
    for sections in ((), (Section("", empty, True),)):
        report = Report("k", "en", "", "", "A", "", "own", "2026-01-01", "2026-01-01", "", "", "2026-01-01T00:00+00:00", 0, sections)
        document = docx.Document(io.BytesIO(write_docx(report)))
        assert texts_of(document, "Title") == [""]


def test_the_legend_of_a_map_has_its_colours_and_words() -> None:
    cells = [table for table in opened().tables if table.style and table.style.name == "Normal Table" and len(table.rows) == 2]
    legend = next(table for table in cells if "84" in [cell.text for cell in table.rows[1].cells])
    fills = [one.get(qn("w:fill")) for one in opened().element.body.iter(qn("w:shd"))]
    assert fills == ["8A4B08", "C98A3C", "EBCFA6", "F7F6F2", "A9D3DC", "4B9DB3", "155F7A", "F1F3F6"]
    assert [cell.text for cell in legend.rows[1].cells][:7] == ["", "84", "87", "90", "93", "95", "97"]
    assert "\u2002应结不足 30 件，不计算" in [cell.text for cell in legend.rows[0].cells]


def test_files_lead_to_the_cases_where_the_server_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored has the desk's address alone, which no file could follow; nothing else becomes a link."""
    report = make_report()
    figures = (
        replace(report.figures[0], cases="/desk?area=1&state=open"),
        replace(report.figures[1], cases="/desk/../x"),
        *report.figures[2:],
    )
    report, found = replace(report, figures=figures), []
    for site in (None, "https://grid.example.org/"):
        monkeypatch.setenv("GRIDWELL_PUBLIC_URL", site or "")
        settings.cache_clear()
        relations = docx.Document(io.BytesIO(write_docx(report))).part.rels.values()
        links = {one.target_ref for one in relations if one.is_external}
        sheet = {row[10].value for row in openpyxl.load_workbook(io.BytesIO(write_xlsx(report))).worksheets[1].iter_rows()}
        with pikepdf.open(io.BytesIO(write_pdf(report))) as book:
            annotations = [note for page in book.pages for note in page.get("/Annots", [])]
            pdf = {str(note.A.URI) for note in annotations if "/A" in note and "/URI" in note.A}
        found.append([any("/desk?area=1" in one for one in told) for told in (links, sheet, pdf)])
        assert links == pdf and not any("javascript" in one or "/x" in one for one in links)
    settings.cache_clear()
    assert found == [[False, True, False], [True, True, True]]
    assert "https://grid.example.org/desk?area=1&state=open" in links & sheet & pdf


@pytest.mark.parametrize("look", [STANDARD, OFFICIAL])
def test_columns_have_room_for_their_words(look: Any) -> None:
    for section in make_report().sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.columns:
                widths = find_widths(block, look.width, look.size_of("TableText"), look.size_of("TableHead"))
                stretches = any(column.stretch or column.scale for column in block.columns)
                assert sum(widths) == pytest.approx(look.width if stretches else look.width * 0.45)
                assert min(widths) >= look.size_of("TableText") * 2
                numbers = [f"LZ-{at:06d}" for at in range(1, 13)] if block.title == "超期名单" else []
                assert all(measure(one, look.size_of("TableText")) < widths[0] - 2 * SIDE for one in numbers)  # no number is torn


def test_no_fraction_is_torn_however_long_the_names_beside_it_are() -> None:
    columns = (Column("单位", "left"), Column("按时", "right"), Column("中位", "right"))
    rows = (("街道" * 30, Fraction(11_299, 11_314, 3), Number("1,234.5 小时", 1234.5, figure=4)),)
    widths = find_widths(Table(columns, rows), 300, 12, 12, SPARE_ELSEWHERE)
    assert measure("11,299 / 11,31400", 12) < widths[1] - 2 * SIDE and measure("1,234.5 小时00", 12) < widths[2] - 2 * SIDE
    assert sum(widths) == pytest.approx(300)


def test_short_names_and_heads_keep_to_one_line_beside_a_drawing_and_a_fraction() -> None:
    heads = ("排名", "区", "上报", "分子 / 分母", "", "%", "超期")
    columns = tuple(Column(head, scale=None if head else SCALE, stretch=0 if head else 1) for head in heads)
    row = ("1", "东湖区", Number("1,171", 1171), Fraction(1168, 1176, 7), Interval(0.9, 0.8, 0.95), Number("95.5", 0.955, True, 7))
    told = Table(columns, ((*row, Number("34", 34, figure=11)),))
    widths = find_widths(told, OFFICIAL.width, OFFICIAL.size_of("TableText"), OFFICIAL.size_of("TableHead"), SPARE_ELSEWHERE)
    room = [across - 2 * SIDE for across in widths]
    assert sum(widths) == pytest.approx(OFFICIAL.width) and room[4] > 60
    for at, text in ((0, "排名"), (1, "东湖区"), (2, "上报"), (3, "1,168 / 1,17600"), (5, "95.500"), (6, "超期")):
        assert measure(text, OFFICIAL.size_of("TableText"), at == 5) <= room[at], (text, room)


def test_words_above_a_scale_do_not_touch() -> None:
    text, tabs = head_of_scale("", SCALE, 200, 8)
    assert text == "70%\t全市 91.9%\t100%"
    assert [kind for kind, _ in tabs] == ["center", "right"]
    assert head_of_scale("", Scale(0, 1, "0%", "100%", 0.02, "全市 2%"), 120, 8)[0] == "\t全市 2%\t100%"
    assert head_of_scale("", Scale(0, 1, "0%", "100%", 0.97, "全市 97%"), 120, 8)[0] == "0%\t全市 97%"
    assert head_of_scale("结案率", Scale(0, 1, "0%", "100%"), 120, 8)[0] == "结案率\t100%"


@pytest.mark.parametrize(("ending", "begins"), [(".docx", b"PK"), (".XLSX", b"PK"), (".pdf", b"%PDF-")])
def test_the_ending_of_a_file_says_its_form(ending: str, begins: bytes) -> None:
    report = make_report(hostile=True)
    assert forms.write(dataclasses.replace(report, sections=report.sections[3:]), ending).startswith(begins)
    with pytest.raises(UnknownName):
        forms.write(report, ".doc")


ORDERS = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs snapToGrid spacing ind jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs color spacing w kern position sz szCs u shd vertAlign lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "style": "name basedOn next link uiPriority qFormat pPr rPr tblPr trPr tcPr tblStylePr",
    "lvl": "start numFmt pStyle suff lvlText lvlJc pPr rPr",
    "sectPr": "headerReference footerReference pgSz pgMar cols titlePg docGrid",
}
"""The order of elements in ISO/IEC 29500; Word calls a document that breaks it damaged."""


@pytest.mark.parametrize(("lang", "form"), EVERY)
def test_elements_stand_in_the_order_of_the_standard(lang: Lang, form: Form) -> None:
    document = opened(lang, form, extra=3)
    roots = [document.element, document.styles.element, document.part.numbering_part.element, document.sections[0].footer.part.element]
    for tag, order in ORDERS.items():
        told, found = order.split(), [one for root in roots for one in root.iter(qn(f"w:{tag}"))]
        assert found, tag
        for element in found:
            inside = [told.index(child.tag.rsplit("}")[-1]) for child in element]  # also that none is unknown
            assert inside == sorted(inside), element.xml
    for cell in document.element.body.iter(qn("w:tc")):
        assert cell[-1].tag == qn("w:p")
    tables = list(document.element.body.iter(qn("w:tbl")))
    assert not [one for one in tables if one.getnext() is not None and one.getnext().tag == qn("w:tbl")]  # they would become one

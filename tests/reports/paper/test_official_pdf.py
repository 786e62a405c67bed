"""The form of official documents as a PDF, measured on its pages: GB/T 9704-2012."""

import dataclasses
from itertools import groupby, pairwise

import pytest

from reports.content import Paragraph, Piece, Report, Section
from reports.dress import Dress, find_dress
from reports.kinds import find_kind
from reports.writers.pdf import write_pdf
from tests.reports.made import make_report
from tests.reports.paper.pdf_pages import Run, read_runs

MM = 72 / 25.4
LEFT, RIGHT, BOTTOM, TOP = 28 * MM, (210 - 26) * MM, 35 * MM, (297 - 37) * MM
"""The type area, in points from the lower left corner."""
HEAD = Dress(head="网格治理简报", number="第 47 期", day="2026 年 11 月 23 日")


def make(text: str, lang: str = "zh") -> Report:
    """A document of one paragraph."""
    section = Section("", (Paragraph((Piece(text),)),))
    return dataclasses.replace(make_report("zh" if lang == "zh" else "en", "official"), sections=(section,), figures=())


def lines_of(page: list[Run]) -> list[list[Run]]:
    """Runs by line, from the top; a line's runs stand at one height."""
    ordered = sorted(page, key=lambda run: (-round(run.y, 1), run.x))
    return [list(line) for _, line in groupby(ordered, key=lambda run: round(run.y, 1))]


@pytest.fixture(scope="module")
def pages() -> list[list[Run]]:
    """A document that fills pages with nothing but text."""
    return read_runs(write_pdf(make("网格治理" * 600), dress=Dress()))


def test_a_page_holds_22_lines_of_28_letters_of_16_points(pages: list[list[Run]]) -> None:
    lines = lines_of([run for run in pages[1] if run.y > BOTTOM])
    assert len(lines) == 22
    assert {sum(run.letters for run in line) for line in lines} == {28}
    assert {round(run.size, 3) for line in lines for run in line} == {16}
    assert {run.font for line in lines for run in line} == {"FandolFang-Regular"}
    assert all(above[0].y - below[0].y == pytest.approx(225 * MM / 22, abs=0.01) for above, below in pairwise(lines))


def test_the_type_area_is_156_by_225_mm_at_its_place(pages: list[list[Run]]) -> None:
    lines = lines_of([run for run in pages[1] if run.y > BOTTOM])
    assert {round(line[0].x, 2) for line in lines} == {round(LEFT, 2)}
    assert lines[0][0].y == pytest.approx(TOP - 0.8 * 16, abs=0.1)  # the foot of the first line's letters
    assert lines[-1][0].y - 0.2 * 16 >= BOTTOM
    step = (RIGHT - LEFT) / 28
    assert step == pytest.approx(15.79, abs=0.01)  # 28 letters are as wide as the area


def test_the_first_line_is_two_letters_in(pages: list[list[Run]]) -> None:
    first = min((run for run in pages[0] if run.font == "FandolFang-Regular" and run.y > BOTTOM), key=lambda run: -run.y)
    assert first.x == pytest.approx(LEFT + 2 * (RIGHT - LEFT) / 28, abs=0.5)
    assert first.letters == 26


def test_the_title_is_song_of_22_points_in_the_middle(pages: list[list[Run]]) -> None:
    title = max(pages[0], key=lambda run: run.y)
    assert (title.font, round(title.size, 3)) == ("NotoSerifCJKsc-Bold", 22)
    assert title.x + title.letters * 22 / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=1)


def test_numbers_of_pages_stand_at_the_outer_edges_of_14_points(pages: list[list[Run]]) -> None:
    for number, page in enumerate(pages, 1):
        foot = [run for run in page if run.y < BOTTOM]
        assert {round(run.size, 3) for run in foot} == {14}
        assert (
            min(run.x for run in foot) == pytest.approx(LEFT + 14, abs=0.1) if number % 2 == 0 else min(run.x for run in foot) > RIGHT - 60
        )
        assert foot[0].y == pytest.approx(BOTTOM - 7 * MM - 14 * 0.9, abs=3)


def test_small_numbers_of_figures_do_not_move_the_lines() -> None:
    pieces = tuple(Piece("网格治理" * 9, figure=at % 9) for at in range(40))
    report = dataclasses.replace(make(""), sections=(Section("", (Paragraph(pieces),)),))
    body = [run for run in read_runs(write_pdf(report, dress=Dress()))[1] if run.size > 15 and run.y > BOTTOM]
    assert len(lines_of(body)) == 22


def test_headings_are_hei_and_titles_inside_them_kai() -> None:
    fonts = {run.font for page in read_runs(write_pdf(make_report(format_="official"), dress=HEAD)) for run in page}
    assert {"FandolFang-Regular", "FandolKai-Regular", "NotoSansCJKsc-Regular", "NotoSerifCJKsc-Bold"} <= fonts


def test_the_head_is_the_citys_and_its_number_follows_from_the_period() -> None:
    report = dataclasses.replace(make("网格"), kind="official")
    assert find_dress(report) == Dress(head=find_kind("official").head, number="第 47 期", day="2026 年 11 月 23 日")
    assert find_dress(dataclasses.replace(report, step="month", first="2026-11-01")).number == "第 11 期"
    assert find_dress(dataclasses.replace(report, step="own")).number == ""
    assert find_dress(dataclasses.replace(report, made_at="2026-12-01T08:00:00+08:00")).day == "2026 年 12 月 1 日"
    english = find_dress(dataclasses.replace(report, lang="en"))
    assert (english.head, english.number, english.day) == ("Grid governance bulletin", "No. 47", "23 November 2026")
    assert find_dress(dataclasses.replace(report, kind="gone")) == Dress()


def test_with_a_head_the_title_stands_below_it() -> None:
    plain, headed = (read_runs(write_pdf(make("网格治理"), dress=dress))[0] for dress in (Dress(), HEAD))
    assert max(run.size for run in headed) == 46
    titles = [next(run for run in page if round(run.size) == 22) for page in (plain, headed)]
    assert titles[1].y < titles[0].y - 60 * MM

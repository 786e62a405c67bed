"""Charts of reports: right where their scales say, whole in every case, and drawn as pictures of the size they are shown in."""

import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from PIL import Image

from reports.content import Interval, Scale
from reports.drawing.charts import draw_bars, draw_curve, draw_interval, draw_share, draw_spark, find_ticks, place
from reports.drawing.fonts import NoFont, need_fonts
from reports.drawing.glyphs import make_drawable
from reports.drawing.pictures import Picture, draw_pngs
from reports.drawing.svg import FONT
from reports.drawing.text_width import measure
from reports.graphics import Bars, Curve, Point, Step
from reports.writers.widths import share_width
from tests.reports.made import HOSTILE, SCALE


def tags(svg: str, name: str) -> list[ElementTree.Element]:
    """All elements of a name."""
    return list(ElementTree.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{name}"))


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0, 1]),
        (float("nan"), [0, 1]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (3, [0, 1, 2, 3]),
        (9, [0, 2, 4, 6, 8, 10]),
        (433, [0, 100, 200, 300, 400, 500]),
        (510, [0, 200, 400, 600]),
        (1000, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_ticks_are_round_and_reach_the_highest(highest: float, ticks: list[float]) -> None:
    assert find_ticks(highest) == pytest.approx(ticks)


@pytest.mark.parametrize("highest", [0.03, 1.7, 2, 4, 7.3, 99, 101, 2499, 2501, 123_456])
def test_there_are_neither_too_few_nor_too_many_ticks(highest: float) -> None:
    ticks = find_ticks(highest)
    assert ticks[-2] < highest <= ticks[-1] * (1 + 1e-9)
    assert 3 <= len(ticks) <= 6


def test_bars_are_as_high_as_their_values() -> None:
    points = (Point("a", 100), Point("b", 50, 75), Point("c", 0), Point("d", float("nan")))
    bars = tags(draw_bars(Bars("", "", points, ""), 230, 130), "rect")
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights == pytest.approx([108, 54, 0])
    ticks = [line for line in tags(draw_bars(Bars("", "", points, ""), 230, 130), "line") if line.get("stroke") == "#14202E"]
    assert [float(tick.get("y1", "")) for tick in ticks] == pytest.approx([116 - 81])


def test_labels_of_many_bars_do_not_touch() -> None:
    points = tuple(Point(f"11月{day}日", day) for day in range(1, 32))
    labels = [one for one in tags(draw_bars(Bars("", "", points, ""), 230, 130), "text") if (one.text or "").endswith("日")]
    places = [float(one.get("x", "")) for one in labels]
    widest = measure("11月31日", 7.5)
    assert len(labels) > 3
    assert all(there - here >= widest for here, there in pairwise(places))


def test_a_curve_begins_with_everything_and_falls_by_steps() -> None:
    steps = (Step(24, 0.5, 0.4, 0.6), Step(48, 0.2, 0.1, 0.3))
    svg = draw_curve(Curve("", "", steps, 96, ((0, "0"), (96, "96 h")), ""), 238, 122)
    points = [float(one) for one in re.split("[ ,]", tags(svg, "polyline")[0].get("points", ""))]
    assert points == pytest.approx([32, 8, 82, 8, 82, 58, 132, 58, 132, 88, 232, 88])
    assert [one.text for one in tags(svg, "text")][-2:] == ["0", "96 h"]


def test_an_interval_stands_where_its_scale_says_and_only_what_clears_the_line_has_a_colour() -> None:
    scale = Scale(0.7, 1.0, "70%", "100%", 0.919)
    svg = draw_interval(Interval(0.85, 0.5, 0.9, "below"), scale, 150, 17)
    assert [float(tags(svg, "circle")[0].get(name, "")) for name in ("cx", "cy")] == pytest.approx([75, 8.5])
    assert tags(svg, "circle")[0].get("fill") == "#A65F00"
    assert [float(tags(svg, "line")[2].get(name, "")) for name in ("x1", "x2")] == pytest.approx([0, 100])
    assert 'fill="#14202E"' in draw_interval(Interval(0.85, 0.5, 0.95), scale, 150, 17)
    assert [place(value, scale) for value in (0, 0.7, 1, 2, float("nan"))] == pytest.approx([0, 0, 1, 1, 0])
    assert place(3, Scale(3, 3, "", "")) == 0


def test_sparklines_are_broken_where_a_value_is_not_known() -> None:
    assert len(tags(draw_spark((1, 2, None, 3, 4), 60, 18), "polyline")) == 2
    assert len(tags(draw_spark((1, 2, None, 3, 4), 60, 18), "circle")) == 1
    assert not tags(draw_spark((1, 2, None), 60, 18), "circle")
    assert tags(draw_spark((5, 5), 60, 18), "polyline")[0].get("points") == "3.00,9.00 57.00,9.00"
    assert not tags(draw_spark((), 60, 18), "polyline")
    assert "nan" not in draw_spark((float("nan"), 1, 2), 60, 18)


def test_a_share_is_that_part_of_its_track() -> None:
    assert [float(bar.get("width", "")) for bar in tags(draw_share(0.25, 100, 17), "rect")] == [100, 25]
    assert [float(draw.get("width", "")) for draw in tags(draw_share(7, 100, 17), "rect")] == [100, 100]


def test_texts_that_mean_harm_are_words_of_the_chart() -> None:
    svg = draw_bars(Bars("", "", tuple(Point(text, 5) for text in HOSTILE), ""), 900, 130)
    told = [one.text for one in tags(svg, "text")]
    assert "<w:p>&amp;\"'" in told
    assert "a\ufffdb\ufffdc\ufffdd\ufffd" in told


def test_pictures_have_the_size_they_are_shown_in_and_are_the_same_twice() -> None:
    pictures = [
        Picture(draw_bars(Bars("", "", (Point("周一", 5),), ""), 230, 130), 230, 130),
        Picture(draw_interval(Interval(0.9, 0.8, 0.95), SCALE, 144, 17), 144, 17, ground=False),
        Picture(draw_curve(Curve("", "", (), 0, (), ""), 72, 72), 72, 72),
    ]
    drawn = draw_pngs(pictures)
    assert [Image.open(io.BytesIO(one)).size for one in drawn] == [(958, 542), (600, 71), (300, 300)]
    assert drawn == draw_pngs(pictures)
    assert draw_pngs(pictures[1:2]) == drawn[1:2]
    assert draw_pngs([]) == []
    corners = [Image.open(io.BytesIO(one)).convert("RGBA").getpixel((599 if at == 1 else 0, 0)) for at, one in enumerate(drawn)]
    assert corners[0] == (255, 255, 255, 255)
    assert corners[1] == (0, 0, 0, 0) or (isinstance(corners[1], tuple) and corners[1][3] == 0)


def test_widths_of_columns_are_shared() -> None:
    assert share_width([10, 20], [5, 5], [0, 0], 60) == pytest.approx([20, 40])
    assert share_width([10, 20, 5], [5, 5, 5], [0, 1, 3], 115) == pytest.approx([10, 40, 65])
    assert share_width([10, 300, 200], [5, 5, 5], [0, 0, 0], 100) == pytest.approx([10, 45, 45])
    assert share_width([10, 300, 200], [5, 5, 60], [0, 0, 1], 100) == pytest.approx([10, 30, 60])
    assert share_width([], [], [], 100) == []
    assert share_width([30] * 40, [20] * 40, [0] * 40, 100) == pytest.approx([2.5] * 40)


def test_a_font_that_is_not_there_is_told() -> None:
    need_fonts(FONT)
    with pytest.raises(NoFont, match="No Such Font"):
        need_fonts(FONT, "No Such Font")


def test_letters_without_a_font_have_a_mark_and_all_others_stay() -> None:
    assert make_drawable("网格\U000f0000治理\ue000，é Ω ①") == "网格〓治理〓，é Ω ①"
    assert make_drawable("".join(HOSTILE)).count("\U0001f469") == 0
    common = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
    assert make_drawable(common) == common

"""Labels of maps: none touches another, all that have room are placed, and what is left out is told."""

import random

import pytest
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from layers.style.theme import DIVERGING, RAMP
from reports.drawing.colours import LEAST_CONTRAST, colour, contrast, ink_on
from reports.drawing.svg import UNTOLD_GROUND
from reports.drawing.text_width import balance, measure, shorten, wrap
from reports.maps.label_texts import LEAST_SIZE, lay_out
from reports.maps.labels import Named, place_labels

FRAME = (1210.0, 945.0)
LONG = "临江路街道（原第三棉纺织厂家属区及周边未拆迁片区联合管理委员会筹备处办公室）"


def tiles(seed: int, count: int) -> list[BaseGeometry]:
    """A city of areas that tile a disc: large ones outside, small ones in the middle."""
    rng = random.Random(seed)
    seeds = [Point(605 + rng.gauss(0, 190), 470 + rng.gauss(0, 150)) for _ in range(count)]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds)))
    disc = Point(605, 470).buffer(420)
    return [part for cell in cells if not (part := cell.intersection(disc)).is_empty]


def plain(name: str, value: str, shape: BaseGeometry) -> Named:
    return Named(name, value, shape, "#FFFFFF", "#000000")


def areas(seed: int) -> list[Named]:
    rng = random.Random(seed)
    shapes = tiles(seed, rng.choice((3, 12, 30, 60)) if seed % 10 else 200)
    names = ("临港镇", "柳浪街道", "Qingyun Street", "Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson", LONG, "03网格")
    return [
        Named(f"{rng.choice(names)}{n}", rng.choice(("", f"{rng.uniform(80, 100):.1f}")), shape, "#FFFFFF", "#000000")
        for n, shape in enumerate(shapes)
    ]


@pytest.mark.parametrize("seed", range(50))
def test_no_two_labels_touch_and_every_area_is_named_or_told(seed: int) -> None:
    named, corner = areas(seed), (1000.0, 880.0, 1194.0, 929.0)
    placed, left = place_labels(named, FRAME, 19.0, [corner])
    boxes = shapely.box(*(list(side) for side in zip(*(label.box for label in placed), strict=True)))
    one, other = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    assert [(a, b) for a, b in zip(one, other, strict=True) if a < b] == []
    assert not shapely.intersects(boxes, shapely.box(*corner)).any()
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= FRAME[0] and box[3] <= FRAME[1] for box in shapely.bounds(boxes))
    assert len(placed) + len(left) == len(named)
    assert all(line.size >= LEAST_SIZE for label in placed for line in label.text.lines)
    lines = [label.line for label in placed if label.line is not None]
    assert not any(line.intersects(box.buffer(-0.5)) for line in lines for box in boxes)
    for area in left:  # what is left out is smaller than its shortest label
        text = min(lay_out(area.name, area.value, LEAST_SIZE), key=lambda text: text.width * text.height)
        assert not shapely.box(0, 0, text.width * 2.5, text.height * 2.5).area < area.shape.area * 0.2


def test_large_areas_are_named_in_their_middle() -> None:
    squares = [shapely.box(x, y, x + 190, y + 190) for x in (0, 200, 400) for y in (100, 300)]
    placed, left = place_labels([plain("柳浪街道", "93.1", one) for one in squares], FRAME, 19.0)
    assert left == [] and len(placed) == 6
    assert sorted((label.x, label.y) for label in placed) == [(x + 95, y + 95) for x in (0, 200, 400) for y in (100, 300)]
    assert all([line.text for line in label.text.lines] == ["柳浪街道", "93.1"] for label in placed)


def test_a_small_area_at_the_edge_is_named_outside_with_a_line_to_it() -> None:
    named = [
        Named("大镇", "90.0", shapely.box(300, 200, 700, 600), "#FFFFFF", "#000000"),
        Named("小街道", "95.1", shapely.box(700, 390, 712, 402), "#FFFFFF", "#000000"),
    ]
    placed, left = place_labels(named, FRAME, 19.0)
    (small,) = [label for label in placed if label.line is not None]
    assert left == [] and small.text.lines[0].text == "小街道"
    assert small.line is not None and named[1].shape.contains(Point(small.line.coords[0]))
    assert not any(one.shape.intersects(shapely.box(*small.box)) for one in named)


def test_an_area_without_room_is_told() -> None:
    inner = shapely.box(598, 468, 612, 476)
    outer = shapely.box(0, 0, 1210, 945).difference(inner)
    assert [
        one.name
        for one in place_labels(
            [Named("外", "1", outer, "#FFFFFF", "#000000"), Named("内圈街道", "2", inner, "#FFFFFF", "#000000")], FRAME, 19.0
        )[1]
    ] == ["内圈街道"]


@pytest.mark.parametrize("token", [*DIVERGING, *RAMP])
def test_texts_can_be_read_on_every_class(token: str) -> None:
    assert contrast(ink_on(colour(token)), colour(token)) >= LEAST_CONTRAST


def test_only_the_darkest_classes_have_white_texts() -> None:
    assert [ink_on(colour(token)) == "#FFFFFF" for token in DIVERGING] == [True, False, False, False, False, False, True]
    assert contrast(colour("muted"), UNTOLD_GROUND) >= LEAST_CONTRAST
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21) and contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


# ---- Widths and lines ----


def test_widths_are_those_of_the_font() -> None:
    assert measure("长亭街道", 20) == 80
    assert measure("93.1", 20, bold=True) == pytest.approx(20 * (0.59 * 3 + 0.32))
    assert measure("é", 100) == measure("e", 100) and measure("e\u0301", 100) == measure("e", 100)
    assert measure("", 20) == 0


def test_long_names_are_wrapped_or_end_with_an_ellipsis() -> None:
    assert len(LONG) == 40 - 1 or len(LONG) >= 38
    lines = wrap(LONG, 20, 180, 3)
    assert len(lines) == 3 and lines[-1].endswith("…") and all(measure(line, 20) <= 180 for line in lines)
    assert wrap("柳浪街道", 20, 180, 3) == ("柳浪街道",)
    assert wrap("Saint Mary Street", 20, 110, 3) == ("Saint Mary", "Street")
    assert "".join(balance("高新技术开发区", 20, 2)) == "高新技术开发区" and len(balance("高新技术开发区", 20, 2)[0]) in (3, 4)
    assert shorten("柳浪街道（东片区）", 20, 122) == "柳浪街道…", "no bracket is left open before the ellipsis"
    assert wrap("", 20, 100, 2) == ("",)


def test_a_line_does_not_begin_with_punctuation() -> None:
    for size in range(40, 200, 7):
        assert not any(line[0] in "，）、" for line in wrap("甲乙丙，丁（戊己）庚、辛壬癸", 20, size, 9) if line)

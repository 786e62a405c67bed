"""CAP 1.2: what is read of a notice, and a clear sentence for everything that cannot be."""

import itertools
import math
import random
import re
from datetime import timedelta

import pytest
from cap_files import NOW, OTHER, make_cap, make_info, moment, name

from data.core.i18n import tell
from data.hazards import cap, tangles
from data.hazards.cap import read_cap
from data.hazards.model import REASONS, BadNotice
from data.hazards.taking import look_near
from data.hazards.xml_tree import read_tree

Point = tuple[float, float]
ENGLISH = make_info(
    "Heavy rain", language="en-US", area="<areaDesc>Whole city</areaDesc><polygon>29,119 29,122 31,122 31,119 29,119</polygon>"
)


def test_one_hazard_in_two_languages_is_one_part() -> None:
    notice = read_cap(make_cap(make_info(), ENGLISH))
    assert (notice.source, notice.kind, notice.sent) == ("office@example.org,a-1", "alert", NOW)
    (part,) = notice.parts
    assert (part.level, part.colour, part.severity, part.starts, part.ends) == (2, None, "severe", NOW, NOW + timedelta(hours=6))
    assert {lang: (one.event, one.place, one.sender) for lang, one in part.words.items()} == {
        "zh": ("暴雨", "全市", "市气象台"),
        "en": ("Heavy rain", "Whole city", "市气象台"),
    }
    assert part.polygons == ("POLYGON((119.0 29.0,122.0 29.0,122.0 31.0,119.0 31.0,119.0 29.0))",)


def test_hazards_that_differ_in_more_than_language_are_parts_of_their_own() -> None:
    found = read_cap(make_cap(make_info(), make_info(severity="Minor"), make_info("大风"))).parts
    assert [(part.level, part.words["zh"].event) for part in found] == [(2, "暴雨"), (4, "暴雨"), (2, "大风")]


@pytest.mark.parametrize(
    ("severity", "more", "event", "level", "colour"),
    [
        ("Extreme", "", "x", 1, None),
        ("Minor", "", "x", 4, None),
        ("Unknown", "", "x", 5, None),
        ("Red", "", "x", 1, "red"),
        ("BLUE", "", "x", 4, "blue"),
        ("Unknown", "<headline>发布暴雨橙色预警信号</headline>", "暴雨", 2, "orange"),
        ("Extreme", "", "大风黄色预警", 3, "yellow"),
        ("Moderate", "<parameter><valueName>awareness_level</valueName><value>4; red; Extreme</value></parameter>", "x", 1, "red"),
        ("Moderate", "<parameter><valueName>预警级别</valueName><value>蓝色</value></parameter>", "x", 4, "blue"),
        ("Moderate", "<parameter><valueName>remark</valueName><value>red roofs</value></parameter>", "x", 3, None),
    ],
)
def test_levels_and_colours(severity: str, more: str, event: str, level: int, colour: str | None) -> None:
    (part,) = read_cap(make_cap(make_info(event, severity, more=more))).parts
    assert (part.level, part.colour) == (level, colour)


def test_a_notice_without_an_end_holds_for_a_day() -> None:
    (part,) = read_cap(make_cap(make_info(expires=None))).parts
    assert (part.ends, part.is_end_said) == (NOW + timedelta(hours=24), False)


def test_areas_by_circle_code_and_name() -> None:
    code = "<geocode><valueName>code</valueName><value>110101</value></geocode>"
    area = f"<areaDesc>东城区、西城区</areaDesc><circle>30.5,120.25 2.5</circle>{code}"
    (part,) = read_cap(make_cap(make_info(area=area))).parts
    assert part.circles == ((120.25, 30.5, 2500.0),) and part.codes == ("110101",) and part.names == ("东城区", "西城区")


def test_codes_are_looked_for_from_near_to_far() -> None:
    assert look_near("110101001002")["near"][:3] == ["110101001002", "110101001", "110101"]
    assert look_near("110101000000")["near"][:3] == ["110101000000", "110101", "110101000"]
    assert look_near("110000") == {"near": ["110000", "110000000000"], "head": "11"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "GB2312", "big5"])
def test_encodings_that_a_file_names(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n'
    text = make_cap(make_info("大雨"), head=head).decode()
    if encoding == "big5":
        text = text.replace("全市", "大")
        text = text.replace("市气象台", "大")
    assert read_cap(text.encode(encoding)).parts[0].words["zh"].event == "大雨"


def test_utf_16_without_a_mark_and_nothing_of_telephones() -> None:
    assert read_cap(make_cap(make_info(), head='<?xml version="1.0"?>').decode().encode("utf-16-le")).kind == "alert"
    (part,) = read_cap(make_cap(make_info("暴雨 电话 13812345678"))).parts
    assert part.words["zh"].event == "暴雨 电话 …"


def test_an_end_of_danger_is_no_hazard() -> None:
    told = make_cap(make_info(more="<responseType>AllClear</responseType>"), kind="Update", references=name("a-1"), identifier="a-2")
    assert read_cap(told).parts == ()


def _codes(n: int) -> str:
    return "<areaDesc>x</areaDesc>" + "".join(f"<geocode><value>{n}{code:06}</value></geocode>" for code in range(1_500))


def _round(n: int) -> str:
    points = " ".join(f"3{n}.{at:05},120" for at in range(5_000))
    return f"<areaDesc>x</areaDesc><polygon>{points} 3{n}.00000,120</polygon>"


def _polygon(*points: tuple[float, float]) -> str:
    return f"<polygon>{' '.join(f'{lat:.5f},{lon:.5f}' for lat, lon in (*points, points[0]))}</polygon>"


def _squares(n: int) -> str:
    """Rows of twenty, each with its neighbours."""
    corners = [(0.0, 0.0), (0.0, 0.01), (0.01, 0.01), (0.01, 0.0)]
    at = [(30 + one // 20 / 100, 120 + one % 20 / 100) for one in range(n)]
    return "<areaDesc>x</areaDesc>" + "".join(_polygon(*((lat + up, lon + on) for up, on in corners)) for lat, lon in at)


def _circles(n: int) -> str:
    return "<areaDesc>x</areaDesc>" + "".join(f"<circle>{30 + one / 100},120 0.5</circle>" for one in range(n))


def _star(n: int) -> str:
    """Each edge goes nearly to the other side, and crosses nearly all others."""
    turns = [2 * math.pi * (one * (n // 2) % n) / n for one in range(n)]
    return "<areaDesc>x</areaDesc>" + _polygon(*((30 + math.sin(turn), 120 + math.cos(turn)) for turn in turns))


def _line(n: int) -> str:
    at = random.Random(1).sample(range(90_000), n)
    return "<areaDesc>x</areaDesc>" + _polygon(*((30 + one / 100_000, 120.0) for one in at))


def _borders(n: int) -> str:
    """Zigzags, each a little beside the one before."""
    line = [(30 + one / 1_000, 120 + one % 2 / 10) for one in range(100)]
    moved = [[(lat, lon + one / 1_000) for lat, lon in line] for one in range(n)]
    return "<areaDesc>x</areaDesc>" + "".join(_polygon(*one, (30.2, 121.0)) for one in moved)


def _comb(n: int) -> str:
    return "<areaDesc>x</areaDesc>" + _polygon(*((31.0 if one % 2 else 30.0, 119.995 + one / n / 100) for one in range(n)), (31.5, 120))


def test_areas_beside_each_other_and_a_crossing_are_no_tangle() -> None:
    (part,) = read_cap(make_cap(make_info(area=_squares(500)))).parts
    assert len(part.polygons) == 500
    bow = "<areaDesc>x</areaDesc><polygon>29,119 31,122 29,122 31,119 29,119</polygon>"
    twice = read_cap(make_cap(make_info(area=bow * 2 + _circles(50)))).parts[0]
    assert (len(twice.polygons), len(twice.circles)) == (1, 50), "each is kept once"


def test_the_sentence_says_the_limits() -> None:
    for most in (cap.MOST_POINTS, cap.MOST_POLYGONS, cap.MOST_CIRCLES, cap.MOST_PLACES):
        assert re.search(rf"\b{most:,}\b", REASONS["areas"])


def test_a_tangle_is_counted() -> None:
    """Against every pair of edges, one after the other."""
    rng = random.Random(7)
    rings = [[(rng.random(), rng.random()) for _ in range(30)] for _ in range(3)]
    closed = [[*ring, ring[0]] for ring in rings]

    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    edges = [(n, at, *pair) for n, ring in enumerate(closed) for at, pair in enumerate(itertools.pairwise(ring))]
    crossings = sum(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for (one, i, a, b), (two, j, c, d) in itertools.combinations(edges, 2)
        if one != two or abs(i - j) not in (1, 29)
    )
    assert crossings > 500
    for at_once in (1, 700, 400_000):
        for most, found in ((crossings, False), (crossings - 1, True)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(tangles, "_AT_ONCE", at_once)
                patch.setattr(tangles, "MOST_CROSSINGS", most)
                assert tangles.is_tangled(closed) is found


def test_text_between_elements_is_read_once() -> None:
    """The time that it takes grows with the file, and not with its square."""
    tree = read_tree(b"<a>" + b"<b/>word " * 5_000 + b"</a>")
    assert tree.text == "word " * 5_000 and len(tree.children) == 5_000


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
WRONG = {
    "empty": (b"  \n", "empty"),
    "huge": (make_cap(make_info(), head=" " * 1_000_001), "million"),
    "deep": (b"<a>" * 50 + b"</a>" * 50, "far more elements"),
    "no xml": (b"storm warning", "well-formed"),
    "broken": (make_cap(make_info())[:-9], "well-formed"),
    "two": (make_cap(make_info()) * 2, "well-formed"),
    "entities": (make_cap(make_info(), head=LAUGHS), "document type"),
    "outside": (make_cap(make_info(), head='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
    "gbk without a name": (make_cap(make_info()).decode().encode("gbk"), "has to be UTF-8"),
    "gbk that says utf-8": (make_cap(make_info(), head='<?xml version="1.0" encoding="UTF-8"?>').decode().encode("gbk"), "names"),
    "utf-16 in name alone": (make_cap(make_info(), head='<?xml version="1.0" encoding="UTF-16"?>'), "names"),
    "unknown encoding": (make_cap(make_info(), head='<?xml version="1.0" encoding="EBCDIC"?>'), "cannot be read"),
    "a feed": (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "no CAP notice"),
    "cap 1.0": (make_cap(make_info()).replace(b"cap:1.2", b"cap:1.0"), "no CAP notice"),
    "no identifier": (make_cap(make_info(), identifier=""), "needed"),
    "odd identifier": (make_cap(make_info(), identifier="a,b"), "right form"),
    "test": (make_cap(make_info(), status="Test"), "only actual"),
    "exercise": (make_cap(make_info(), status="Exercise"), "only actual"),
    "no status": (make_cap(make_info(), status=""), "needed"),
    "private": (make_cap(make_info(), scope="Private"), "only public"),
    "ack": (make_cap(make_info(), kind="Ack", references=name("a-0")), "only alerts"),
    "from the future": (make_cap(make_info(), sent=25), "more than a day in the future"),
    "many references": (make_cap(kind="Cancel", references=" ".join(name(f"a-{n}") for n in range(501))), "far more parts"),
    "many areas": (make_cap(*(make_info(f"{n}", area=_codes(n)) for n in range(3))), "at most 10,000 points"),
    "many points": (make_cap(*(make_info(f"{n}", area=_round(n)) for n in range(2))), "at most 10,000 points"),
    "one polygon of many points": (make_cap(make_info(area=_line(10_000))), "at most 10,000 points"),
    "many polygons": (make_cap(make_info(area=_squares(501))), "500 polygons"),
    "many circles": (make_cap(make_info(area=_circles(101))), "100 circles"),
    "a polygon that crosses itself everywhere": (make_cap(make_info(area=_star(2_001))), "cross or touch"),
    "the same line there and back": (make_cap(make_info(area=_line(2_000))), "cross or touch"),
    "a border drawn often": (make_cap(make_info(area=_borders(40))), "cross or touch"),
    "circles below a comb": (make_cap(make_info(area=_comb(2_000) + _circles(90))), "cross or touch"),
    "of another sender": (make_cap(kind="Cancel", references=name("a-1"), sender=OTHER), "only who sent a notice"),
    "of two senders": (make_cap(make_info(), kind="Update", references=f"{name('a-1')} {name('a-1', sender=OTHER)}"), "only who sent"),
    "no references": (make_cap(make_info(), kind="Update"), "name the notices"),
    "bad references": (make_cap(make_info(), kind="Cancel", references="a-1"), "commas between"),
    "no info": (make_cap(), "what it warns of"),
    "no event": (make_cap(make_info("")), "needed"),
    "no zone": (make_cap(make_info(more="<effective>2026-11-30T08:00:00</effective>")), "such as"),
    "no time": (make_cap(make_info(more="<onset>soon</onset>")), "such as"),
    "over before it begins": (make_cap(make_info(expires=-1)), "end after it begins"),
    "a year": (make_cap(make_info(expires=9000)), "within 60 days"),
    "no area": (make_cap(make_info(area="")), "does not say where"),
    "open polygon": (make_cap(make_info(area="<areaDesc>x</areaDesc><polygon>29,119 29,122 31,122</polygon>")), "last one the same"),
    "words for a polygon": (make_cap(make_info(area="<areaDesc>x</areaDesc><polygon>a b c d a</polygon>")), "four or more"),
    "longitude first": (make_cap(make_info(area="<areaDesc>x</areaDesc><circle>120,30 5</circle>")), "latitude comes first"),
    "wide circle": (make_cap(make_info(area="<areaDesc>x</areaDesc><circle>30,120 9999</circle>")), "radius in kilometres"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_taken_is_said(what: str) -> None:
    raw, words = WRONG[what]
    with pytest.raises(BadNotice) as told:
        read_cap(raw)
    assert words in tell("en", told.value), tell("en", told.value)
    assert tell("zh", told.value) != tell("en", told.value)


def test_onset_counts_before_effective() -> None:
    more = f"<effective>{moment(-2)}</effective><onset>{moment(1)}</onset>"
    assert read_cap(make_cap(make_info(more=more))).parts[0].starts == NOW + timedelta(hours=1)

"""Inputs with right answers that a city might deliver (``shared/cases`` beside the clone): every one gives its right value, or a sentence.

``expected.txt`` in each folder says what is right. Without that folder the tests are left out.
"""

from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from import_city import bring, collection, feature, sentences, square

from data.core.settings import ROOT
from data.core.viewer import everything
from data.figures.reports import fetch_cities

CASES = ROOT.parent / "shared" / "cases"
pytestmark = [pytest.mark.skipif(not CASES.is_dir(), reason="shared/cases is not beside the clone"), pytest.mark.slow]

_CATEGORIES = "SELECT category, count(*)::int FROM incident GROUP BY 1 ORDER BY 1"
_CASES = "SELECT count(*)::int FROM incident"
_BY_DISTRICT = "SELECT district, count(*)::int FROM incident GROUP BY 1 ORDER BY 1"
_MOMENTS = """SELECT source_key, to_char(reported_at AT TIME ZONE c.timezone, 'MM-DD HH24:MI'),
    to_char(due_at AT TIME ZONE c.timezone, 'MM-DD HH24:MI'), to_char(closed_at AT TIME ZONE c.timezone, 'MM-DD HH24:MI')
    FROM incident i JOIN city c ON c.code = i.city ORDER BY source_key"""
_TOTAL = """FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind
    WHERE a.level = 'city' AND k.category IS NULL AND k.channel IS NULL"""
_ON_TIME = f"SELECT sum(due_on_time)::int, sum(due_closed)::int, sum(due)::int {_TOTAL} AND d.day < '2026-11-01'"
_OVERDUE = "SELECT count(*)::int FROM incident WHERE deadline_state = 'overdue'"
_PEOPLE = "SELECT area, total::int FROM population_unit ORDER BY 1"
_SUMMED = "SELECT f.area, f.population::int FROM area_figure f JOIN area a ON a.code = f.area WHERE a.level = 'city'"
_AREAS = "SELECT code, name FROM area WHERE level IN ('district', 'street', 'community') ORDER BY 1"
_FIGURES = """SELECT f.area, f.population::int FROM area_figure f JOIN area a ON a.code = f.area
    WHERE a.level IN ('city', 'district') ORDER BY 1"""
_HEIGHTS = "SELECT source_key, height_m::float FROM building ORDER BY 1"
_WARD = "SELECT code, round((ST_Area(geom::geography) / 1e6)::numeric, 2)::text FROM area WHERE level = 'district' ORDER BY 1"
_PLACES = "SELECT source_key, round(ST_X(geom)::numeric, 4)::float, round(ST_Y(geom)::numeric, 4)::float FROM incident ORDER BY 1"
_NAMES = (
    *(
        "حي الملك عبدالله بن عبدالعزيز",
        "🏙️ Emoji District 👨\u200d👩\u200d👧\u200d👦 Family Quarter",
        " ".join(["Комитет местного самоуправления"] * 6),
    ),
    *("שכונת הפרחים", "𠮷野街道㐂", "<b>Bold</b> & \"quoted\" 'ward'"),
)
_STREETS = [("TAB-1", "东城街道"), ("TAB-2", "西城街道")]


@dataclass(frozen=True)
class Right:
    """What is right: rows of statements, or words of a refusal, and words of the report's remarks."""

    case: str
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    profile: str = "city.toml"
    more: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "-".join([self.case, *(["changed"] if self.more else []), self.profile.removesuffix(".toml")])


RIGHT = [
    Right("10-straddling-census", refused=("2 of 4 rows cannot be used",), profile="city-strict.toml"),
    Right(
        "10-straddling-census",
        {_FIGURES: [("STR", 2000), ("STR-1", 1000), ("STR-2", 1000)]},
        remarks=("3,000 of their people live outside and are not counted", "“quarter inside” 3,000 / 4,000"),
    ),
    Right("26-one-cell-far-north", {"SELECT count(*)::int FROM area WHERE level = 'grid'": [(1,)], _CASES: [(2,)]}),
    Right("27-merged-districts", {_CASES: [(6,)]}),
    Right("29-overlapping-published-grid", {_CASES: [(6,)], _FIGURES: [("OGR", 1000), ("OGR-1", 1000)]}),
    # A neighbour over 0.7 m of border, and one 650 m away: of the first 12 of 50,000 people live in the city, of the second nobody.
    Right("40-sliver-areas", {_FIGURES: [("SLV", 3012), ("SLV-1", 1000), ("SLV-2", 2012)]}, profile="p.toml"),
    Right("41-far-area", refused=("area “Tract 9” lies in none of the areas of the level above",), profile="far.toml"),
    Right("01-curved-gpkg", {_BY_DISTRICT: [("CUR-1", 5), ("CUR-2", 5)], _WARD: [("CUR-1", "1.70"), ("CUR-2", "1.51")]}),
    Right("01b-curved-wkt", {_WARD: [("CWK-1", "2.50")]}),
    Right("01c-curved-gpkg-buildings-slow", {"SELECT count(*)::int FROM building": [(1,)]}),
    Right(
        "02-overlapping-parts",
        {_WARD: [("OVL-1", "1.59"), ("OVL-2", "1.59")], _BY_DISTRICT: [("OVL-1", 7), ("OVL-2", 3)]},
    ),
    Right("03-thousand-dots", {_PEOPLE: [("DOT-1", 12345), ("DOT-2", 8120)], _SUMMED: [("DOT", 20465)]}),
    Right("03b-decimal-comma-height", {_HEIGHTS: [("1", 7.5), ("2", 12.25)]}),
    Right("04-suppressed-parts", refused=("people.csv, line 3, column “women”: “n.a.*” is not a number",)),
    Right("05-mapinfo-gbk", {_AREAS: _STREETS}),
    Right("05-mapinfo-gbk", {_AREAS: _STREETS}, profile="city-plain.toml"),
    Right("05b-mapinfo-charset", {_AREAS: [(f"T{code}", name) for code, name in _STREETS]}),
    Right("06-geodatabase", {_AREAS: [("GDB-1", "东城街道"), ("GDB-2", "西城街道")]}, profile="city-zip.toml"),
    Right("06-geodatabase", {_AREAS: [("GDB-1", "东城街道"), ("GDB-2", "西城街道")]}),
    Right("07-several-sheets", refused=("8月, 9月, 10月", "`sheet`")),
    Right("07-several-sheets", {_CASES: [(15,)]}, more=(('file = "cases.xlsx"', 'file = "cases.xlsx"\nsheet = "*"'),)),
    Right("08-serial-dates", refused=("46300.375", "excel")),
    Right(
        "08-serial-dates",
        {_MOMENTS: [(str(i), f"10-{5 + i:02} 09:00", f"10-{12 + i:02} 09:00", None) for i in range(5)]},
        more=(('file = "cases.xlsx"', 'file = "cases.xlsx"\ndate_format = "excel"'),),
    ),
    Right(
        "09-midnight-24",
        {
            _MOMENTS: [("1", "10-01 08:30", "10-08 00:00", "10-07 23:50"), ("2", "10-03 00:00", "10-09 00:00", "10-09 00:10")],
            _ON_TIME: [(1, 2, 2)],
        },
    ),
    Right(
        "11-antimeridian",
        {_CASES: [(5,)], "SELECT round((ST_Area(geom::geography) / 1e6)::numeric, 2)::text FROM area WHERE level = 'city'": [("9.44",)]},
    ),
    Right(
        "12-deadline-first",
        {_CASES: [(4,)], _OVERDUE: [(2,)], _ON_TIME: [(0, 1, 3)]},
        remarks=("cases due at or before the moment of their report: 3 (the first in ",),
    ),
    Right("13-deadline-is-a-day", {_ON_TIME: [(2, 3, 4)], _OVERDUE: [(0,)]}),
    Right(
        "13b-closing-is-a-day",
        {_MOMENTS: [("1", "10-05 09:10", "10-12 09:10", "10-05 09:10"), ("2", "10-05 09:10", "10-05 18:00", "10-06 00:00")]},
    ),
    Right(
        "14-kml-folders",
        {"SELECT level, count(*)::int FROM area WHERE origin = 'published' GROUP BY 1 ORDER BY 1": [("community", 4), ("district", 2)]},
    ),
    Right("15-location-in-one-column", refused=("lonlat",)),
    Right(
        "15-location-in-one-column",
        {_PLACES: [("1", 10.005, 50.01), ("2", 10.015, 50.01)]},
        more=(('file = "cases.csv"', 'file = "cases.csv"\nlonlat = "location"'),),
    ),
    Right("15b-geo-point-template", {_PLACES: [("1", 10.005, 50.01), ("2", 10.0151, 50.01)]}),
    Right("15c-geo-point-geometry", refused=("latlon",)),
    Right(
        "15c-geo-point-geometry",
        {_PLACES: [("1", 10.005, 50.01), ("2", 10.0151, 50.01)]},
        more=(('geometry = "geo_point_2d"', 'latlon = "geo_point_2d"'),),
    ),
    Right("16-merged-cells", {_CATEGORIES: [("Lamp", 3), ("Rubbish", 4)]}),
    Right(
        "16b-merged-population",
        {"SELECT area, sum(total)::int FROM population_unit GROUP BY 1 ORDER BY 1": [("MEP-1", 300), ("MEP-2", 600)]},
    ),
    Right("17-formula-deadline", refused=("due", "E2")),
    Right("18-xls-that-is-html", refused=("cases.xls", ".xlsx")),
    Right("19-invisible-characters", {_CATEGORIES: [("路 灯", 1), ("路灯", 6)]}),
    Right("19b-invisible-in-codes", {_PEOPLE: [("INC-1", 500), ("INC-2", 400)]}),
    Right("20-measured-gpkg", {"SELECT bool_and(geom IS NOT NULL) FROM area WHERE level = 'district'": [(True,)]}),
    Right("21-transfer-limit", refused=("cases.geojson", "exceededTransferLimit")),
    Right("22-utf16-without-mark", refused=('encoding = "utf-16-le"',)),
    Right("22b-utf16-hint", refused=('encoding = "utf-16-le"',)),
    Right("22c-utf16-declared", {_CATEGORIES: [("路灯", 1)]}),
    Right("23-long-rtl-emoji-names", {_AREAS: [(f"NAM-{n}", name) for n, name in enumerate(_NAMES)], _CASES: [(6,)]}),
    Right(
        "25-half-hour-zone-day",
        {
            f"SELECT d.day::text, sum(reported)::int {_TOTAL} AND d.reported > 0 GROUP BY 1 ORDER BY 1": [
                ("2026-10-10", 2),
                ("2026-10-11", 2),
            ]
        },
    ),
    Right("28-reopened-rows", {_CASES: [(2,)], _OVERDUE: [(2,)]}),
    Right(
        "28-reopened-rows",
        {_CASES: [(2,)], _MOMENTS: [("A", "10-05 08:00", "10-12 08:00", "10-07 09:00"), ("B", "10-06 08:00", "10-13 08:00", None)]},
        more=(('duplicates = "first"', 'duplicates = "last"'),),
    ),
    Right("30-open311-wrapped", refused=("requests[0].request",)),
    Right(
        "30-open311-wrapped",
        {_CATEGORIES: [("Pothole", 4)]},
        more=(('file = "requests.json"', 'file = "requests.json"\nlayer = "requests[0].request"'),),
    ),
    Right("30b-open311-array", {_CATEGORIES: [("Pothole", 4)]}),
]


@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_the_right_value_or_a_sentence(database: str, tmp_path: Path, right: Right) -> None:
    folder = CASES / right.case
    profile = (folder / right.profile).read_text(encoding="utf-8")
    for old, new in right.more:
        assert old in profile
        profile = profile.replace(old, new)
    path = tmp_path / "city.toml"
    path.write_text(profile, encoding="utf-8")
    outcome = bring(path, folder)
    told = sentences(outcome)
    if right.refused:
        assert outcome.outcome == "failed"
        assert [words for words in right.refused if words not in told] == [], told
        return
    assert outcome.outcome == "loaded", told
    with psycopg.connect(database) as connection:
        for statement, rows in right.rows.items():
            assert connection.execute(statement).fetchall() == rows, statement
    remarks = "\n".join(sentence.tell("en") for _, sentence in outcome.ledger.remarks)
    assert [words for words in right.remarks if words not in remarks] == [], remarks


def test_merged_districts_keep_the_cases_of_both(database: str, tmp_path: Path) -> None:
    """The city had two wards; now it has one, which is the union of both."""
    folder = CASES / "27-merged-districts"
    before = [feature(square(west, 50.0, west + 0.01, 50.02), code=f"MRG-{n}", name=f"{n}") for n, west in ((1, 10.0), (2, 10.01))]
    (tmp_path / "wards.geojson").write_text(collection(before), encoding="utf-8")
    (tmp_path / "cases.csv").write_bytes((folder / "cases.csv").read_bytes())
    with psycopg.connect(database, autocommit=True) as connection:
        for where, right in ((tmp_path, [("MRG-1", 4), ("MRG-2", 2)]), (folder, [("MRG-9", 6)])):
            outcome = bring(folder / "city.toml", where)
            assert outcome.outcome == "loaded", sentences(outcome)
            assert connection.execute(_BY_DISTRICT).fetchall() == right
            assert [code for code, _ in connection.execute(_AREAS).fetchall()] == [code for code, _ in right]


async def test_a_city_on_the_180th_meridian_is_small(database: str) -> None:
    folder = CASES / "11-antimeridian"
    assert bring(folder / "city.toml", folder).outcome == "loaded"
    (city,) = await fetch_cities(everything())
    assert city["bbox"] == pytest.approx([179.98, -16.82, -179.98, -16.80])

"""The list of cases over the city that was counted by hand: who sees what, filters, search, orders, pages and counts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import viewer_of

from data.cases.listing import counts as list_counts
from data.cases.listing import facets, list_place, pages
from data.cases.listing.cursors import BadCursor
from data.cases.listing.facets import fetch_facets
from data.cases.listing.lists import fetch_list
from data.cases.listing.pages import TooManyToSort
from data.cases.listing.question import CaseQuestion
from data.cases.listing.search_words import parse_words
from data.core.errors import GridwellError, UnknownName
from data.core.viewer import Viewer, everything
from data.figures.scope import FiguresOnly, OutOfScope
from data.queries.case_filters import STATES, CaseFilters, Days
from data.queries.case_list import COLUMNS, Order
from data.schema import OPEN_STAGES

pytestmark = pytest.mark.slow

ALL = {row[0] for row in city.INCIDENTS}
OPEN = {row[0] for row in city.INCIDENTS if row[4] in OPEN_STAGES}
TEXTS = {
    "i01": ("幸福路24号附近路灯不亮", "清河街道幸福路24号", None),
    "i02": ("Broken Lamp", "Straße 5", "the LAMP by the gate 100% off_line"),
    "i03": ("ＡＢＣ１２ 全角", None, "ﬁne"),
    "i04": ("🚲🛴 abandoned", "路1\n灯2", "x" * 4000 + "beyond"),
    "i05": ("幸福", "灯路", "'; DROP TABLE incident; --"),
}
WORKED = {"i04": (1, "U1", "wang", "2026-10-30 10:00+08"), "i05": (2, "U1", None, "2026-10-31 00:10+08"), "i11": (4, "U2", "li", None)}


def load_texts(connection: psycopg.Connection[Any]) -> None:
    for key, (title, address, description) in TEXTS.items():
        connection.execute(
            "UPDATE incident SET title = %s, address = %s, description = %s WHERE source_key = %s", (title, address, description, key)
        )
    for key, (severity, unit, assignee, at) in WORKED.items():
        connection.execute(
            "UPDATE incident SET severity = %s, unit = %s, assignee = %s, stage_at = %s WHERE source_key = %s",
            (severity, unit, assignee, at, key),
        )
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_texts) as url:
        yield url


async def keys(viewer: Viewer | None = None, area: str | None = city.CITY, **filters: Any) -> set[str]:
    """Keys of all cases that a viewer is shown, in one page; the total says the same."""
    question = CaseQuestion(area, CaseFilters(**filters), limit=200)
    told = await fetch_list(question, viewer or everything())
    found = [row["key"].partition(":")[2] for row in told["cases"]]
    assert len(found) == len(set(found)) and told["next"] is None
    counts = told["counts"]
    assert counts and counts["total"] == {"n": len(found), "more": False}
    by_state = {name: n["n"] for name, n in counts["by_state"].items()}
    assert by_state == {state: n for state in STATES if (n := sum(row["state"] == state for row in told["cases"]))}
    stages = {name: n["n"] for name, n in counts["by_stage"].items()}
    assert stages.items() <= {stage: sum(row["stage"] == stage for row in told["cases"]) for stage in stages}.items()
    assert all(stages.get(stage, 0) == sum(row["stage"] == stage for row in told["cases"]) for stage in OPEN_STAGES)
    waiting = Counter((row["stage"], row["state"]) for row in told["cases"] if row["stage"] in OPEN_STAGES)
    by_both = counts["by_stage_and_state"]
    assert {(stage, state): n["n"] for stage, of_stage in by_both.items() for state, n in of_stage.items()} == waiting
    return set(found)


# ---- Who sees what ----


async def test_everybody_sees_the_cases_of_the_own_area_and_no_others() -> None:
    in_d1 = {row[0] for row in city.INCIDENTS if row[1].startswith(city.D1)}
    assert await keys() == ALL
    assert await keys(area=None) == ALL
    assert await keys(area=city.D1) == in_d1
    for detail in ("cases", "people"):
        who = viewer_of(city.D1, detail)  # type: ignore[arg-type]
        assert await keys(who, area=None) == await keys(who, area=city.CITY) == await keys(who, area=city.D1) == in_d1
        assert await keys(who, area=city.C3) == {row[0] for row in city.INCIDENTS if row[1] == city.C3}


async def test_a_zone_shows_what_stands_in_it() -> None:
    inside = {row[0] for row in city.INCIDENTS if row[1] in (city.C3, city.C5)}
    assert await keys(area=city.ZONE) == inside
    who = viewer_of(city.ZONE, "cases")
    assert await keys(who, area=None) == await keys(who, area=city.CITY) == inside


@pytest.mark.parametrize("asked", [city.D2, city.C5, city.ZONE])
async def test_an_area_out_of_scope_is_refused_even_where_its_figures_are_seen(asked: str) -> None:
    with pytest.raises(OutOfScope):
        await fetch_list(CaseQuestion(asked), viewer_of(city.D1, "cases", figures=city.CITY))


async def test_who_sees_figures_alone_gets_no_list() -> None:
    with pytest.raises(FiguresOnly):
        await fetch_list(CaseQuestion(), viewer_of(city.CITY, "figures"))


# ---- Filters ----


def reported(first: str | None, last: str | None) -> set[str]:
    def day(row: Any) -> str:
        return row[6][:10] if row[6].startswith("2025") else f"2026-{row[6][:5]}"

    return {row[0] for row in city.INCIDENTS if (not first or first <= day(row)) and (not last or day(row) <= last)}


async def test_stages_and_states() -> None:
    assert await keys(stages=("filed", "closed")) == {row[0] for row in city.INCIDENTS if row[4] in ("filed", "closed")}
    assert await keys(stages=OPEN_STAGES) == OPEN == await keys(states=("overdue", "amber", "paused", "on_time"))
    assert await keys(states=("ended",)) == {"i07", "i08", "i13", "i14"}
    assert await keys(states=("paused", "ended")) == {"i07", "i08", "i13", "i14", "i10"}
    assert await keys(states=("closed",), stages=("evaluated", "void")) == {"i03"}
    assert await keys(states=("overdue",), stages=("closed",)) == set()


async def test_codes() -> None:
    assert await keys(categories=("order",)) == {row[0] for row in city.INCIDENTS if row[2] == "order"}
    assert await keys(channels=("hotline", "media")) == {row[0] for row in city.INCIDENTS if row[3] in ("hotline", "media")}
    assert await keys(categories=("order",), channels=("hotline",), states=("ended",)) == {"i08"}
    assert await keys(severities=(1, 2)) == {"i04", "i05"}
    assert await keys(units=("U1",)) == {"i04", "i05"}
    assert await keys(units=("nobody",)) == set()
    assert await keys(replace(everything(), role="leader"), assignees=("wang", "li")) == {"i04", "i11"}


async def test_a_list_of_somebody_elses_work_is_not_counted() -> None:
    """Who may not see figures about one person gets the work, and no number of it; the own work is counted."""
    worker = replace(everything(), name="wang", role="grid_worker")
    for names, counted in ((("li",), False), (("wang", "li"), False), (("wang",), True)):
        told = await fetch_list(CaseQuestion(city.CITY, CaseFilters(assignees=names), counted=True), worker)
        assert told["cases"] and (told["counts"] is not None) is counted, names


async def test_what_is_missing_or_provisional(town: str) -> None:
    assert await keys(with_unit=True) == {"i04", "i05", "i11"} and await keys(with_unit=False) == ALL - {"i04", "i05", "i11"}
    assert await keys(with_assignee=True) == {"i04", "i11"} and await keys(with_unit=True, with_assignee=False) == {"i05"}
    with psycopg.connect(town, autocommit=True) as owner:
        owner.execute("UPDATE incident SET due_provisional = source_key IN ('i04', 'i20')")
        try:
            assert await keys(provisional=True) == {"i04", "i20"} and await keys(provisional=False) == ALL - {"i04", "i20"}
            assert await keys(provisional=True, stages=OPEN_STAGES) == {"i04", "i20"} & OPEN
        finally:
            owner.execute("UPDATE incident SET due_provisional = false")


async def test_days_are_those_of_the_city_and_both_ends_count() -> None:
    one = date(2026, 10, 31)
    assert await keys(reported=Days(one, one)) == reported("2026-10-31", "2026-10-31") == {"i05", "i06", "i17", "i22", "i23"}
    assert await keys(reported=Days(None, date(2026, 9, 15))) == reported(None, "2026-09-15")
    assert await keys(reported=Days(date(2026, 9, 15))) == reported("2026-09-15", None)
    assert await keys(due=Days(one, one)) == {"i04", "i23"}, "i05 is due with the midnight after"
    assert await keys(due=Days(date(2026, 11, 1), date(2026, 11, 1))) == {"i05", "i22"}
    assert await keys(closed=Days(date(2026, 10, 9), date(2026, 10, 9))) == {"i15", "i16"}
    assert await keys(closed=Days(None, date(2025, 12, 31))) == {"i24", "i25"}


async def test_places() -> None:
    west, south, east, north = city.box_of(city.C4)
    inside = {row[0] for row in city.INCIDENTS if row[1] == city.C4}
    assert await keys(box=(west, south, east, north)) == inside
    assert await keys(box=(10.0, 10.0, 11.0, 11.0)) == set()
    half = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    assert await keys(polygon=half) == inside
    assert await keys(polygon=half, box=city.box_of(city.C5)) == set()
    assert await keys(placed=True) == ALL and await keys(placed=False) == set()


async def test_a_large_box_is_read_without_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_place, "MOST_CELLS", 2)
    assert await keys(box=city.box_of(city.D2)) == {row[0] for row in city.INCIDENTS if row[1].startswith(city.D2)}


@pytest.mark.parametrize(
    "name", [{"stages": ("fild",)}, {"states": ("late",)}, {"severities": (0,)}, {"categories": ("x",)}, {"channels": ("x",)}]
)
async def test_names_that_do_not_exist_are_refused(name: dict[str, Any]) -> None:
    with pytest.raises(UnknownName):
        await keys(**name)


# ---- Search ----


async def search(text: str) -> set[str]:
    sought = parse_words(text)
    return await keys(words=sought.words, number=sought.number)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("幸福", {"i01", "i05"}),
        ("福路", {"i01"}),
        ("灯不亮", {"i01"}),
        ("路灯", {"i01"}),
        ("灯路", {"i05"}),
        ("幸福 灯路", {"i05"}),
        ("幸福 灯", {"i01", "i05"}),
        ("lamp", {"i02"}),
        ("BROKEN gate", {"i02"}),
        ("STRASSE", set()),
        ("straße", {"i02"}),
        ("0%", {"i02"}),
        ("%o", set()),
        ("f_l", {"i02"}),
        ("__", set()),
        ("abc12", {"i03"}),
        ("ａｂｃ", {"i03"}),
        ("全角", {"i03"}),
        ("fine", {"i03"}),
        ("🚲🛴", {"i04"}),
        ("🛴🚲", set()),
        ("路1", {"i04"}),
        ("';", {"i05"}),
        ("DROP TABLE", {"i05"}),
        ("\\'", set()),
        ("xx", {"i04"}),
        ("号清", set()),
        ("zq", set()),
    ],
)
async def test_any_two_characters_are_found_and_nothing_else(typed: str, found: set[str]) -> None:
    assert await search(typed) == found
    assert await search(f" {typed}　") == found


async def test_numbers_are_found_by_any_part_of_two_and_by_their_first_character() -> None:
    numbers = {}
    for row in (await fetch_list(CaseQuestion(limit=200), everything()))["cases"]:
        numbers[row["key"].partition(":")[2]] = row["number"]
    one = numbers["i23"]
    for part in (one, one.lower(), one[-2:], one[1:-1]):
        assert await search(part) == {key for key, number in numbers.items() if part.lower() in number.lower()}
    first = one[0]
    assert await search(first.lower()) == {key for key, number in numbers.items() if number.startswith(first.upper())}


async def test_what_comes_after_four_thousand_characters_of_a_description_is_not_found() -> None:
    assert await search("beyond") == set()


async def test_names_of_reporters_are_not_sought(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute(
            "INSERT INTO incident_reporter (district, incident_id, city, grid, path, name)"
            " SELECT district, id, city, grid, path, '欧阳娜娜' FROM incident WHERE source_key = 'i01'"
        )
    assert await search("欧阳") == set()


async def test_words_and_filters_together() -> None:
    assert await keys(words=("幸福",), states=("closed",)) == {"i01"}
    assert await keys(viewer_of(city.D2, "cases"), area=None, words=("幸福",)) == set()


@pytest.mark.parametrize("most", [4, 7, 1_000])
@pytest.mark.parametrize("order", [Order(), Order("reported_at", False), Order("severity")])
async def test_a_word_of_many_cases_is_read_page_by_page_and_counted_as_far_as_said(
    most: int, order: Order, town: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_counts, "MOST_FOUND", most)
    with psycopg.connect(town, autocommit=True) as owner:
        owner.execute("UPDATE incident SET description = '共同词 ' || coalesce(description, '')")
        try:
            for who, inside in (
                (everything(), ALL),
                (viewer_of(city.D1, "cases"), {row[0] for row in city.INCIDENTS if row[1].startswith(city.D1)}),
            ):
                question = CaseQuestion(filters=CaseFilters(words=("共同", "同词")), order=order, limit=4)
                counts = (await fetch_list(question, who))["counts"]
                assert {row["key"].partition(":")[2] for row in await walk(question, who)} == inside
                few = most == 1_000 or order != Order()
                assert counts and counts["total"] == ({"n": len(inside), "more": False} if few else {"n": most, "more": True})
                told = {stage: n for stage, n in counts["by_stage"].items() if stage in OPEN_STAGES}
                known = Counter(row[4] for row in city.INCIDENTS if row[0] in inside & OPEN)
                assert told == {stage: {"n": n, "more": False} for stage, n in known.items()}, "open ones are counted by themselves"
        finally:
            owner.execute("UPDATE incident SET description = nullif(replace(description, '共同词 ', ''), '')")


async def test_texts_that_change_are_found_anew(town: str) -> None:
    with psycopg.connect(town, autocommit=True) as owner:
        owner.execute("UPDATE incident SET title = '井盖松动' WHERE source_key = 'i20'")
        try:
            assert await search("盖松") == {"i20"}
        finally:
            owner.execute("UPDATE incident SET title = '暴露垃圾' WHERE source_key = 'i20'")
    assert await search("盖松") == set()


# ---- Orders and pages ----


async def walk(question: CaseQuestion, viewer: Viewer | None = None) -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    while True:
        told = await fetch_list(question, viewer or everything())
        rows += told["cases"]
        assert (told["counts"] is not None) == (question.counted)
        if told["next"] is None:
            return rows
        assert len(told["cases"]) == question.limit
        question = replace(question, cursor=told["next"], counted=False)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", list(COLUMNS))
async def test_pages_of_any_size_in_any_order_hold_every_case_once_however_they_are_read(
    column: str, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = Order(column, descending)
    whole = [row["key"] for row in await walk(CaseQuestion(order=order, limit=200))]
    assert len(whole) == len(ALL) == len(set(whole))
    for most in (10_000, 3):
        monkeypatch.setattr(list_counts, "MOST_COUNTED", most)
        for limit in (7, 200):
            assert [row["key"] for row in await walk(CaseQuestion(order=order, limit=limit))] == whole
    for area in (city.D2, city.ZONE):
        question = CaseQuestion(area, order=order, limit=3)
        assert [row["key"] for row in await walk(question)] == [row["key"] for row in await walk(replace(question, limit=200))]


@pytest.mark.parametrize(
    ("column", "values"), [("severity", (1, 2)), ("stage", ("closed", "void")), ("category", ("order",)), ("channel", ("media", "hotline"))]
)
async def test_a_filter_of_the_column_that_a_list_is_ordered_by(
    column: str, values: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    field = {"severity": "severities", "stage": "stages", "category": "categories", "channel": "channels"}[column]
    question = CaseQuestion(filters=CaseFilters(placed=True, **{field: values}), order=Order(column), limit=2)
    few = await walk(question)
    assert {row[column] for row in few} == set(values)
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 1)
    assert await walk(question) == few


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("stage", "urgency")])
async def test_orders_are_those_of_the_values_and_nothing_comes_last(column: str, descending: bool, town: str) -> None:
    rows = await walk(CaseQuestion(order=Order(column, descending), limit=11))
    values = [row["grid" if column == "area" else column] for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending) and values[len(known) :] == [None] * (len(values) - len(known))


async def test_a_page_may_hold_a_single_case() -> None:
    assert {row["key"].partition(":")[2] for row in await walk(CaseQuestion(order=Order("due_at"), limit=1))} == ALL


def put_urgencies(connection: psycopg.Connection[Any]) -> None:
    """Two open cases without a deadline, and one whose pause has outlived its deadline by years."""
    connection.execute("UPDATE incident SET due_at = NULL, deadline_state = 'on_time' WHERE source_key IN ('i04', 'i05')")
    connection.execute(
        "UPDATE incident SET paused = true, deadline_state = 'paused', due_at = '2020-01-02 00:00Z' WHERE source_key = 'i11'"
    )
    connection.commit()


@pytest.mark.parametrize("few", [True, False])
async def test_by_urgency_the_paused_follow_those_whose_time_runs(
    few: bool, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 10_000 if few else 3)
    with fresh_database(city.load, put_urgencies):
        for descending in (False, True):
            whole = await walk(CaseQuestion(order=Order("urgency", descending), limit=200))
            assert {row["key"].partition(":")[2] for row in whole} == ALL and len(whole) == len(ALL)
            ranks = [{"paused": 1, "closed": 2, "ended": 2}.get(row["state"], 0) for row in whole]
            assert ranks == sorted(ranks)
            for rank in (0, 1, 2):
                due = [row["due_at"] for row, own in zip(whole, ranks, strict=True) if own == rank]
                known = [moment for moment in due if moment is not None]
                assert known == sorted(known, reverse=descending) and due[len(known) :] == [None] * (len(due) - len(known))
            assert {"i04", "i05"} <= {row["key"].partition(":")[2] for row in whole if row["due_at"] is None and row["state"] == "on_time"}
            assert "2020-01-02T00:00:00Z" in [row["due_at"] for row, rank in zip(whole, ranks, strict=True) if rank == 1]
            for limit in (1, 3):
                assert await walk(CaseQuestion(order=Order("urgency", descending), limit=limit)) == whole
            waiting = CaseQuestion(filters=CaseFilters(states=("paused", "on_time")), order=Order("urgency", descending), limit=2)
            assert await walk(waiting) == [row for row in whole if row["state"] in ("paused", "on_time")]


async def test_stages_come_in_the_order_of_work() -> None:
    stages = list(dict.fromkeys(row["stage"] for row in await walk(CaseQuestion(order=Order("stage", False), limit=11))))
    assert stages[:6] == ["reported", "filed", "dispatched", "in_progress", "feedback", "closed"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("few", [True, False])
async def test_among_equals_the_newest_report_comes_first(few: bool, descending: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 10_000 if few else 3)
    for column in ("category", "stage", "area", "assignee"):
        rows = await walk(CaseQuestion(order=Order(column, descending), limit=4))
        for value in {row["grid" if column == "area" else column] for row in rows}:
            moments = [row["reported_at"] for row in rows if row["grid" if column == "area" else column] == value]
            assert moments == sorted(moments, reverse=True), (column, value)


@pytest.mark.parametrize("few", [True, False])
async def test_rows_that_arrive_and_go_between_pages_repeat_nothing_and_push_nothing_out(
    few: bool, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 10_000 if few else 3)
    copied = "source_id, city, grid, path, district, geom, geom_3857, category, channel, stage, reported_at, due_at, closed_at"
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as owner:
        for order in (Order(), Order("reported_at", False), Order("due_at"), Order("severity")):
            before = {row["key"] for row in await walk(CaseQuestion(order=order, limit=200))}
            question, seen = CaseQuestion(order=order, limit=4), []
            for page in range(100):
                told = await fetch_list(question, everything())
                seen += [row["key"] for row in told["cases"]]
                owner.execute(
                    f"INSERT INTO incident (source_key, number, {copied}) SELECT 'new' || %s || '-' || id, 'N', {copied} FROM incident"
                    " WHERE source_key IN ('i05', 'i17', 'i24')",
                    (f"{order.column}{order.descending}{page}",),
                )
                if told["next"] is None:
                    break
                question = replace(question, cursor=told["next"])
            assert len(seen) == len(set(seen)) and before <= set(seen)
            owner.execute("DELETE FROM incident WHERE source_key LIKE 'new%'")


async def test_a_cursor_belongs_to_its_list() -> None:
    first = await fetch_list(CaseQuestion(limit=3), everything())
    for other in (
        CaseQuestion(order=Order("due_at"), cursor=first["next"]),
        CaseQuestion(order=Order(descending=False), cursor=first["next"]),
        CaseQuestion(filters=CaseFilters(stages=("filed",)), cursor=first["next"]),
        CaseQuestion(city.D1, cursor=first["next"]),
        CaseQuestion(cursor="x" + str(first["next"])),
    ):
        with pytest.raises(BadCursor):
            await fetch_list(other, everything())
    again = await fetch_list(CaseQuestion(limit=200, cursor=first["next"]), everything())
    assert len(again["cases"]) == len(ALL) - 3, "the size of a page may change"


# ---- Many ----


async def test_where_many_match_counting_stops_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 5)
    told = await fetch_list(CaseQuestion(filters=CaseFilters(placed=True), limit=2), everything())
    counts = told["counts"]
    assert counts and counts["total"] == {"n": 5, "more": True}
    assert len(told["cases"]) == 2 and told["next"]
    assert sum(n["n"] for name, n in counts["by_stage"].items() if name in OPEN_STAGES) == 6
    assert {n["more"] for n in counts["by_stage"].values()} == {True}
    few_open = await fetch_list(CaseQuestion(filters=CaseFilters(placed=True, categories=("order",))), everything())
    assert few_open["counts"]
    assert {name: n["more"] for name, n in few_open["counts"]["by_state"].items()} == {
        "overdue": False,
        "on_time": False,
        "closed": True,
        "ended": True,
    }


async def test_a_period_of_many_is_counted_from_roll_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    october = Days(date(2026, 10, 1), date(2026, 10, 31))
    told = await fetch_list(CaseQuestion(filters=CaseFilters(reported=october)), everything())
    assert told["counts"] and told["counts"]["total"] == {"n": len(reported("2026-10-01", "2026-10-31")), "more": False}


async def test_too_many_are_sorted_only_by_what_an_index_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    monkeypatch.setattr(pages, "MOST_SORTED", 29)
    for filters in (CaseFilters(), CaseFilters(placed=True), CaseFilters(reported=Days(date(2020, 1, 1)))):
        with pytest.raises(TooManyToSort):
            await fetch_list(CaseQuestion(filters=filters, order=Order("unit")), everything())
        assert (await fetch_list(CaseQuestion(filters=filters, order=Order("closed_at")), everything()))["cases"]
    assert (await fetch_list(CaseQuestion(filters=CaseFilters(stages=OPEN_STAGES), order=Order("unit")), everything()))["cases"]
    monkeypatch.setattr(pages, "MOST_SORTED", 30)
    assert (await fetch_list(CaseQuestion(order=Order("unit")), everything()))["cases"]


async def test_every_refusal_is_a_sentence_for_people() -> None:
    for error in (TooManyToSort(sort="unit", most="1", indexed="due_at"), BadCursor()):
        assert isinstance(error, GridwellError) and error.status == 422


# ---- The functions of the database ----


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("", []), ("a", []), ("ab", [(0x61 << 16) | 0x62]), ("幸福a", [(0x5E78 << 16) | 0x798F, (0x798F << 16) | 0x61])],
)
async def test_pairs_of_characters_are_numbers(town: str, text: str, pairs: list[int]) -> None:
    with psycopg.connect(town) as owner:
        assert (owner.execute("SELECT coalesce(bigrams(%s), '{}')", (text,)).fetchone() or ())[0] == pairs


async def test_a_pair_with_a_late_first_character_is_a_number_too(town: str) -> None:
    with psycopg.connect(town) as owner:
        row = owner.execute("SELECT bigrams('路灯'), bigrams('路灯') = bigrams('灯路'), bigrams(%s) <> '{}'", ("路" * 10_000,)).fetchone()
    assert row == ([((0x8DEF << 16) | 0x706F) - (1 << 32)], False, True)


# ---- Facets ----


async def facets_of(viewer: Viewer | None = None, **filters: Any) -> tuple[dict[str, int], dict[str, int]]:
    told = await fetch_facets(CaseQuestion(city.CITY, CaseFilters(**filters)), viewer or everything())
    sides = (told["by_category"], told["by_severity"])
    assert not any(count["more"] for side in sides for count in side.values())
    return {code: count["n"] for code, count in sides[0].items()}, {code: count["n"] for code, count in sides[1].items()}


async def test_each_facet_is_counted_without_its_own_filter_and_with_all_others() -> None:
    rows = (await fetch_list(CaseQuestion(limit=200), everything()))["cases"]

    def expected(name: str, **kept: Any) -> dict[str, int]:
        return dict(Counter(str(row[name]) for row in rows if all(row[other] in values for other, values in kept.items())))  # type: ignore[literal-required]

    assert await facets_of() == (expected("category"), expected("severity"))
    kept = {"category": ("order",), "severity": (1, 2, 3)}
    told = await facets_of(categories=("order",), severities=(1, 2, 3), states=("overdue", "on_time"))
    states = {"state": ("overdue", "on_time")}
    assert told == (expected("category", severity=kept["severity"], **states), expected("severity", category=kept["category"], **states))
    own = viewer_of(city.D1)
    inside = (await fetch_list(CaseQuestion(limit=200), own))["cases"]
    assert (await facets_of(own))[0] == dict(Counter(row["category"] for row in inside)), "those of the viewer's own part"
    with pytest.raises(FiguresOnly):
        await fetch_facets(CaseQuestion(), viewer_of(city.D1, "figures"))


async def test_where_counting_stops_a_facet_is_rounded_down_and_says_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 5)
    monkeypatch.setattr(facets, "_LEAST_TOLD", 3)
    told = (await fetch_facets(CaseQuestion(), everything()))["by_severity"]
    assert sum(count["n"] for count in told.values()) <= 6 and all(count["more"] for count in told.values())
    assert {count["n"] for count in told.values()} <= {1, 3, 6}
    monkeypatch.setattr(list_counts, "MOST_COUNTED", len(ALL))
    assert not any(count["more"] for count in (await fetch_facets(CaseQuestion(), everything()))["by_severity"].values())

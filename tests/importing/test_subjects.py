"""Cases and buildings at their boundaries: the moment of the figures, closings, stages, floors and heights."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from import_rows import BERLIN, SHANGHAI, building_source, incident_source, make_batch, rejected, repaired

from data.importing.profile.model import FacilitySource
from data.importing.rows.categories import Book
from data.importing.subjects import buildings, facilities, incidents

NOW = dt.datetime(2026, 10, 31, 12, 0, tzinfo=SHANGHAI)
COLUMNS = {
    "reported_at": "reported",
    "due_at": "due",
    "closed_at": "closed",
    "status": "status",
    "channel": "channel",
    "severity": "severity",
    "category": "kind",
}


def context(moment: dt.datetime = NOW) -> Any:
    """As much of an import as preparing rows needs."""
    books = {subject: Book(subject, {}) for subject in ("incident", "facility", "building")}
    return SimpleNamespace(moment=moment, books=books, handlers=SimpleNamespace(find_unit={"一队": "u1"}.get))


def cases(zone: Any = SHANGHAI, moment: dt.datetime = NOW, source: dict[str, Any] | None = None, **columns: list[Any]) -> Any:
    """Cases that were prepared; what is not given is empty, the report of 1 October 8:00."""
    count = len(next(iter(columns.values())))
    table = {name: columns.get(name, [None] * count) for name in ("reported", "due", "closed", "status", "channel", "severity", "kind")}
    if "reported" not in columns:
        table["reported"] = ["2026-10-01 08:00"] * count
    given = incident_source(columns=COLUMNS, **(source or {}))
    batch = make_batch(table, given, zone)
    incidents.prepare(batch, given, context(moment))
    return batch


def local(batch: Any, field: str, zone: Any = SHANGHAI) -> list[str | None]:
    return [None if m is None else m.astimezone(zone).strftime("%m-%d %H:%M:%S") for m in batch.list_values(field)]


AT_NOW = ["2026-10-31 12:00:00", "2026-10-31 12:00:00.000001", "2026-10-31 11:59:59"]


def test_the_moment_of_the_figures_is_not_in_the_future() -> None:
    assert rejected(cases(reported=AT_NOW)) == {3: "future_date"}
    assert rejected(cases(closed=AT_NOW)) == {3: "future_date"}
    assert rejected(cases(due=["2027-01-01"] * 2)) == {}, "deadlines may lie ahead"


def test_dates_of_the_future_may_be_kept_or_dropped() -> None:
    assert rejected(cases(source={"future_dates": "keep"}, reported=AT_NOW, closed=AT_NOW)) == {}
    dropped = cases(source={"future_dates": "drop"}, closed=AT_NOW)
    assert (rejected(dropped), repaired(dropped)) == ({}, {"future_dropped": 1})
    assert local(dropped, "closed_at") == ["10-31 12:00:00", None, "10-31 11:59:59"]
    assert dropped.list_values("stage") == ["closed", "reported", "closed"]
    assert rejected(cases(source={"future_dates": "drop"}, reported=AT_NOW)) == {3: "future_date"}, "a report cannot be dropped"


def test_states_of_deadlines_at_their_boundaries() -> None:
    """The same as ``rollup.incident_parts.STATE`` gives, so that these are not written again: see ``test_landing``."""
    batch = cases(
        reported=["2026-10-28 12:00", "2026-10-28 11:59:59.999999", "2026-10-01", "2026-10-01", "2026-10-01", "2026-10-01", "2026-10-01"],
        due=[
            "2026-11-01 12:00",
            "2026-11-01 12:00",
            "2026-10-31 12:00",
            "2026-10-31 11:59:59.999999",
            "2026-10-02",
            "2026-10-02 08:00",
            None,
        ],
        closed=[None, None, None, None, None, "2026-10-03 09:00", None],
        status=["open", "open", "open", "open", "paused", "closed", "open"],
    )
    assert rejected(batch) == {}
    states = incidents.guess_states(batch, context())
    assert states.to_pylist() == ["on_time", "amber", "amber", "overdue", "paused", None, "on_time"]


def test_the_moment_is_compared_across_zones() -> None:
    # 12:00 in Shanghai is 5:00 in Berlin, after the clocks went back on 25 October.
    assert rejected(cases(zone=BERLIN, reported=["2026-10-31 05:00", "2026-10-31 05:01"])) == {3: "future_date"}


def test_stages_follow_words_and_where_there_are_none_the_closing() -> None:
    batch = cases(
        status=["Closed", "已结案", "open", None, None, "paused", "挂起?"],
        closed=["2026-10-02"] * 2 + [None, "2026-10-02", None, None, None],
    )
    assert rejected(batch) == {8: "unknown_status"}
    assert batch.list_values("stage")[:6] == ["closed", "closed", "in_progress", "closed", "reported", "in_progress"]
    assert batch.list_values("paused")[:6] == [False, False, False, False, False, True]


def test_words_of_the_profile_go_before_words_that_are_known() -> None:
    batch = cases(source={"stages": {"dispatched": ["OPEN ", "7"]}}, status=["open", "7", "closed"], closed=[None, None, "2026-10-02"])
    assert batch.list_values("stage") == ["dispatched", "dispatched", "closed"]


def test_channels() -> None:
    batch = cases(source={"channel": "hotline", "channels": {"video": ["cam"]}}, channel=[None, "CAM", "hotline", "smoke"])
    assert (batch.list_values("channel")[:3], rejected(batch)) == (["hotline", "video", "hotline"], {5: "unknown_channel"})


def test_severities_are_known_by_words_and_numbers_only_where_they_are_listed() -> None:
    batch = cases(severity=["特急", "Urgent", None, "low", "1"])
    assert (batch.list_values("severity")[:4], rejected(batch)) == ([1, 2, 3, 4], {6: "unknown_severity"})
    listed = cases(source={"severities": {"critical": ["5"], "minor": ["1", "low"]}}, severity=["5", "1", "LOW", " 一般 "])
    assert (listed.list_values("severity"), rejected(listed)) == ([1, 4, 4, 3], {})


@pytest.mark.parametrize(
    ("policy", "reasons", "closed"),
    [("reject", {3: "closed_before_reported"}, ["10-01 08:00:00", None]), ("use_reported", {}, ["10-01 08:00:00"] * 2)],
)
def test_a_case_may_be_closed_when_it_is_reported_but_not_before(policy: str, reasons: dict[int, str], closed: list[str | None]) -> None:
    batch = cases(source={"closed_before_reported": policy}, closed=["2026-10-01 08:00:00", "2026-10-01 07:59:59"])
    assert (rejected(batch), local(batch, "closed_at")) == (reasons, closed)
    assert repaired(batch) == ({} if reasons else {"closing_moved": 1})


@pytest.mark.parametrize(
    ("policy", "closed", "reasons"),
    [
        ("reject", [None] * 3, {2: "closed_without_date", 3: "closed_without_date", 4: "closed_without_date"}),
        ("use_reported", ["10-01 08:00:00"] * 3, {}),
        # A deadline stands in, but not one before the report; where there is none nothing does.
        ("use_due", ["10-05 08:00:00", "10-01 08:00:00", None], {4: "closed_without_date"}),
    ],
)
def test_a_closed_case_without_a_closing(policy: str, closed: list[str | None], reasons: dict[int, str]) -> None:
    due = ["2026-10-05 08:00", "2026-09-05 08:00", None]
    batch = cases(source={"closed_without_date": policy}, status=["closed"] * 3, due=due)
    assert (local(batch, "closed_at"), rejected(batch)) == (closed, reasons)
    assert repaired(batch).get("closing_filled", 0) == 3 - closed.count(None)


def test_a_closing_of_a_case_that_is_open_is_left_out() -> None:
    batch = cases(status=["open", "in_progress", "closed", "evaluated", "void"], closed=["2026-10-02"] * 5)
    assert local(batch, "closed_at") == [None, None, "10-02 00:00:00", "10-02 00:00:00", None]
    assert repaired(batch) == {"closing_ignored": 3}


@pytest.mark.parametrize(
    ("reported", "closed", "wanted"),
    [
        ("2026-10-25 02:50", "2026-10-25 02:10", "2026-10-25 01:10"),  # the second 2:10
        ("2026-10-25 02:10", "2026-10-25 02:50", "2026-10-25 00:50"),  # the first: it is not before the report
        ("2026-10-25T02:30:00+01:00", "2026-10-25 02:30", "2026-10-25 01:30"),  # closed the moment it was reported
        ("2026-10-25 02:50", "2026-10-25 01:59", None),
        ("2026-10-26 02:50", "2026-10-26 02:10", None),
    ],
)
def test_the_hour_that_comes_twice(reported: str, closed: str, wanted: str | None) -> None:
    batch = cases(zone=BERLIN, reported=[reported], closed=[closed])
    found = batch.list_values("closed_at")[0]
    assert (found and found.strftime("%Y-%m-%d %H:%M")) == wanted
    assert rejected(batch) == ({} if wanted else {2: "closed_before_reported"})


def test_the_number_of_a_case_is_its_key_where_it_has_none() -> None:
    given = incident_source(columns={"reported_at": "reported", "number": "no", "key": "id", "handler": "by"})
    batch = make_batch({"reported": ["2026-10-01"] * 2, "no": ["N7", None], "id": ["a", "b"], "by": ["一队", "二队"]}, given)
    incidents.prepare(batch, given, context())
    batch.read_key("key", given.columns.key)
    made = incidents.make_columns(batch)
    assert (made["number"].to_pylist(), made["title"].to_pylist()) == (["N7", "b"], ["", ""])
    assert (made["handler"].to_pylist(), made["unit"].to_pylist()) == (["一队", "二队"], ["u1", None])


def made_buildings(**columns: list[Any]) -> Any:
    count = len(next(iter(columns.values())))
    table = {name: columns.get(name, [None] * count) for name in ("floors", "height", "year")}
    source = building_source(columns={"floors": "floors", "height": "height", "year_built": "year", "use": {"value": "home"}})
    batch = make_batch(table, source)
    buildings.prepare(batch, source, context())
    return batch, buildings.make_columns(batch)


def test_floors_heights_and_years_at_their_ends() -> None:
    _, made = made_buildings(floors=["0", "1", "300", "7", None, "3"], height=[None, None, None, "10", "12.5", "0"])
    assert made["floors"].to_pylist() == [None, 1, 300, 7, None, 3]
    assert made["height_m"].to_pylist() == [None, 3.0, 900.0, 10.0, 12.5, 9.0]
    assert made["height_origin"].tolist() == ["none", "floors", "floors", "published", "published", "floors"]
    batch, made = made_buildings(floors=["301", "300", None, None], year=[None, "2200", "2201", "0"])
    assert rejected(batch) == {2: "bad_number", 4: "bad_number"}
    assert made["year_built"].to_pylist() == [None, 2200, 2201, None]


def test_attributes_are_json_and_leave_out_what_is_empty() -> None:
    source = FacilitySource(file=["x.csv"], key="hydrants", columns={"name": "n"}, attributes={'so "said"': "a", "b": "b"})  # type: ignore[arg-type]
    batch = make_batch({"n": ["x"] * 4, "a": ['q"uote', None, "1", None], "b": [None, "井", "2", None]}, source)
    facilities.prepare(batch, source, context())
    made = facilities.make_columns(batch)
    assert made["attributes"].to_pylist() == ['{"so \\"said\\"":"q\\"uote"}', '{"b":"井"}', '{"so \\"said\\"":"1","b":"2"}', "{}"]
    assert batch.list_values("kind") == ["hydrants"] * 4, "without a kind the source stands for one"

"""Days as deadlines, reports and closings of cases: until when they last, in every zone, and deadlines that nobody can keep."""

import datetime as dt
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from import_rows import BERLIN, NEW_YORK, SHANGHAI, incident_source, make_batch, rejected, repaired

from data.importing.rows.batch import Batch
from data.importing.rows.categories import Book
from data.importing.subjects import incidents

COLUMNS = {"reported_at": "at", "due_at": "due", "closed_at": "closed", "status": "status"}
ZONES = [SHANGHAI, BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Honolulu")]


def prepared(rows: list[tuple[Any, Any, Any]], zone: ZoneInfo = SHANGHAI, columns: dict[str, Any] | None = None, **source: Any) -> Batch:
    """Cases with report, deadline and closing; those with a closing are closed."""
    of = incident_source(columns={**COLUMNS, **(columns or {})}, **source)
    told = dict(zip(("at", "due", "closed"), map(list, zip(*rows, strict=True)), strict=True))
    batch = make_batch(told | {"status": ["closed" if row[2] else "open" for row in rows]}, of, zone)
    moment = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)
    books, handlers = {"incident": Book("incident", {})}, SimpleNamespace(find_unit={}.get)
    incidents.prepare(batch, of, SimpleNamespace(moment=moment, books=books, handlers=handlers))  # type: ignore[arg-type]
    return batch


def local(batch: Batch, field: str, zone: ZoneInfo) -> list[str]:
    return [f"{m.astimezone(zone):%m-%d %H:%M:%S.%f}" if m else "" for m in batch.list_values(field)]


def remarks(batch: Batch) -> list[str]:
    return [told.reason for _, told in batch.ledger.remarks]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    "written", ["2026-10-12", dt.date(2026, 10, 12), "12.10.2026", "2026-10-12Z", "2026-10-12+08:00", "20261012"], ids=str
)
def test_a_day_lasts_until_its_end_in_the_city(zone: ZoneInfo, written: Any) -> None:
    rows = [("2026-10-05 09:10", written, None), ("2026-10-05 09:10", "30.10.2026", None)]
    batch = prepared(rows, zone)
    assert local(batch, "due_at", zone)[0] == "10-12 23:59:59.999999"
    assert batch.days["due_at"].tolist() == [True, True] and remarks(batch) == []
    batch.fields["key"] = batch.fields["status"]
    made = incidents.make_columns(batch)
    assert (made["due_is_day"].to_pylist(), made["reported_is_day"].to_pylist()) == ([True, True], [False, False])


def test_a_time_stays_a_time_beside_days() -> None:
    batch = prepared(
        [("2026-10-05", "2026-10-12 00:00", None), ("2026-10-05", "2026-10-12", None), ("2026-10-05", "2026-10-12 17:30", None)]
    )
    assert local(batch, "due_at", SHANGHAI) == ["10-12 00:00:00.000000", "10-12 23:59:59.999999", "10-12 17:30:00.000000"]
    assert local(batch, "reported_at", SHANGHAI)[0] == "10-05 00:00:00.000000"
    assert (batch.days["reported_at"].all(), batch.days["due_at"].tolist()) == (True, [False, True, False])
    assert remarks(batch) == []


@pytest.mark.parametrize(("form", "text"), [("%d/%m/%Y", "12/10/2026"), ("%d/%m/%Y %H:%M", "12/10/2026 17:30")])
def test_a_declared_format_without_a_time_gives_days(form: str, text: str) -> None:
    batch = prepared([("2026-10-05 09:10", text, None)], columns={"due_at": {"column": "due", "date_format": form}})
    assert batch.days["due_at"].tolist() == [":" not in text]


@pytest.mark.parametrize(
    ("zone", "written", "remarked"),
    [
        (SHANGHAI, ["2026-10-12 00:00", "2026-10-13T00:00:00"], True),
        (NEW_YORK, ["2026-10-12T00:00:00Z", "2026-10-13T00:00:00Z"], True),
        (NEW_YORK, [dt.datetime(2026, 10, 12), dt.datetime(2026, 10, 13)], True),
        (SHANGHAI, ["2026-10-12 08:00", "2026-10-13 08:00"], False),
        (SHANGHAI, ["2026-10-12 00:00", "2026-10-13 00:15"], False),
    ],
    ids=str,
)
def test_deadlines_that_are_all_at_midnight_are_told_and_may_be_declared_days(zone: ZoneInfo, written: list[Any], remarked: bool) -> None:
    rows = [("2026-10-05 09:10", due, None) for due in written]
    assert remarks(prepared(rows, zone)) == (["midnight_deadlines"] if remarked else [])
    declared = prepared(rows, zone, columns={"due_at": {"column": "due", "precision": "day"}})
    assert [text[:14] for text in local(declared, "due_at", zone)] == ["10-12 23:59:59", "10-13 23:59:59"]
    assert remarks(declared) == []
    timed = prepared(rows, zone, columns={"due_at": {"column": "due", "precision": "time"}})
    assert not timed.days["due_at"].any() and remarks(timed) == []


def test_a_closing_of_which_only_the_day_is_known_lies_within_its_day() -> None:
    rows = [
        ("2026-10-05 09:10", None, "2026-10-05"),
        ("2026-10-05 09:10", None, "2026-10-06"),
        ("2026-10-05", None, "2026-10-05"),
        ("2026-10-05", None, "2026-10-05 08:00"),
        ("2026-10-05 09:10", None, "2026-10-04"),
        ("2026-10-05 09:10", None, "2026-10-05 09:09"),
    ]
    batch = prepared(rows)
    assert [text[:11] for text in local(batch, "closed_at", SHANGHAI)[:4]] == ["10-05 09:10", "10-06 00:00", "10-05 00:00", "10-05 08:00"]
    assert batch.days["closed_at"].tolist()[:4] == [True, True, True, False]
    assert rejected(batch) == {6: "closed_before_reported", 7: "closed_before_reported"}


def test_a_closing_by_the_deadlines_day_is_a_day() -> None:
    batch = prepared([("2026-10-05 09:10", "2026-10-12", None)], closed_without_date="use_due", stages={"closed": ["open"]})
    assert (local(batch, "closed_at", SHANGHAI), batch.days["closed_at"].tolist()) == (["10-12 23:59:59.999999"], [True])


LATE = [
    ("2026-10-10 08:00", due, None)
    for due in ("2026-10-03 08:00", "2026-10-10 08:00", "2026-10-10 08:01", "2026-10-10", "2026-10-09", None)
]


def test_deadlines_at_or_before_the_report_are_told() -> None:
    batch = prepared(LATE)
    assert (repaired(batch), remarks(batch), rejected(batch)) == ({"deadline_passed": 3}, ["due_before_report"], {})
    assert batch.ledger.remarks[0][1].facts["line"] == 2


def test_deadlines_at_or_before_the_report_may_be_rejected_or_left_out() -> None:
    assert rejected(prepared(LATE, due_before_reported="reject")) == dict.fromkeys((2, 3, 6), "due_before_reported")
    batch = prepared(LATE, due_before_reported="drop")
    assert [due is not None for due in batch.list_values("due_at")] == [False, False, True, True, False, False]
    assert (repaired(batch), remarks(batch)) == ({"deadline_dropped": 3}, [])

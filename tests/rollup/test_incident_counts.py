"""The table of counts: what an entry must say, and that columns, statements and sums are made from it."""

from dataclasses import replace

import pytest

from data.figures.types import Incidents
from data.queries import figures
from data.rollup import incident_parts
from data.schema import INCIDENT_COUNTS, REPORTED_COUNTS, incident_daily
from data.schema.incident_counts import REPORT_FIELDS, Count

BY_NAME = {count.name: count for count in INCIDENT_COUNTS}


def test_a_count_without_a_day_does_not_start() -> None:
    with pytest.raises(TypeError, match="day"):
        Count("reopened", "opened again on this day")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="'reopened' is counted on the day 'someday'"):
        Count("reopened", "opened again on this day", day="someday")


def test_a_field_of_reports_is_added_up_by_them() -> None:
    with pytest.raises(ValueError, match="'overdue_change' is a field of reports"):
        replace(BY_NAME["overdue_change"], field="more overdue than before")


def test_a_change_of_a_stock_is_counted_on_known_days_alone() -> None:
    with pytest.raises(ValueError, match="'overdue_change' is counted on the day 'someday'"):
        replace(BY_NAME["overdue_change"], elsewhere=(("someday", "1"),))


def test_deadlines_alone_wait_for_their_day() -> None:
    """A figure of one's own may be counted on any day; these are the ones that reports and rates need."""
    days = {name: BY_NAME[name].day for name in ("reported", "void", "closed", "due", "due_closed", "due_on_time")}
    assert days == {
        **dict.fromkeys(("reported", "void"), "reported"),
        "closed": "closed",
        **dict.fromkeys(("due", "due_closed", "due_on_time"), "due"),
    }
    assert all(count.only_past is (count.day == "due") for count in INCIDENT_COUNTS)


def test_columns_statements_and_reports_name_the_same_counts() -> None:
    names = tuple(BY_NAME)
    columns = [column.name for column in incident_daily.c]
    assert tuple(columns[3:-1]) == names == incident_parts.COUNTS
    assert all(incident_daily.c[count.name].comment == count.meaning for count in INCIDENT_COUNTS)
    reported = tuple(count.name for count in REPORTED_COUNTS)
    assert set(names) - set(reported) == {"overdue_change", "now_overdue"} and reported == figures.COUNTS
    (sums,) = incident_daily.indexes
    assert tuple(sums.dialect_options["postgresql"]["include"]) == names, "a report reads the index alone"


def test_every_field_is_in_the_shape_of_reports() -> None:
    assert {"void", "closed"} <= set(REPORT_FIELDS) <= set(Incidents.__annotations__)

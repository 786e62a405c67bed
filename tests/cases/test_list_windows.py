"""In which spans of time a list is read newest first."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from data.cases.listing.windows import begin_month, first_span, next_span

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("newest", "begins"),
    [
        (datetime(2026, 11, 29, 12, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 11, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 10, 23, 59, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 11, 11, 7, 59, tzinfo=SHANGHAI), datetime(2026, 10, 1, tzinfo=UTC)),
    ],
)
def test_the_first_span_is_a_month_that_has_not_only_begun(newest: datetime, begins: datetime) -> None:
    assert first_span(newest) == begins


def test_the_next_span_is_as_long_as_what_lacks_needs_and_half_as_long_again() -> None:
    newest, since = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    assert next_span(newest, since, 100, 100) == begin_month(since - timedelta(days=30)) == datetime(2026, 10, 1, tzinfo=UTC)
    assert next_span(newest, since, 100, 1) == datetime(2026, 10, 1, tzinfo=UTC)
    assert next_span(newest, since, 51, 950) == begin_month(since - timedelta(days=20 * 1.5 * 950 / 51))
    assert next_span(newest, since, 1, 1_000_000) == datetime.min.replace(tzinfo=UTC), "before all time"


@pytest.mark.parametrize(
    "newest", [datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=SHANGHAI), datetime(1, 1, 9, tzinfo=SHANGHAI)]
)
def test_before_all_time_there_is_nothing(newest: datetime) -> None:
    assert first_span(newest) == datetime.min.replace(tzinfo=UTC)


def test_the_end_of_time_is_a_moment_like_any_other() -> None:
    assert first_span(datetime.max.replace(tzinfo=SHANGHAI)) == datetime(9999, 12, 1, tzinfo=UTC)
    assert first_span(datetime.max.replace(tzinfo=timezone(timedelta(hours=-8)))) == datetime(9999, 12, 1, tzinfo=UTC)

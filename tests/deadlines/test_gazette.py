"""Official days from the library: China's notices, years that are not official yet, and holidays of other countries."""

from datetime import date, timedelta

import pytest

from data.deadlines.gazette import UnknownCountry, UnknownSubdivision, find_region, read_gazette


def days(first: str, last: str) -> set[date]:
    """All days from one to another."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=n) for n in range((end - start).days + 1)}


FREE_2026 = (
    *(("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05")),
    *(("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07")),
)
"""As the State Council's notice of 2025-11-04 gives them."""
WORKED_2026 = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")


def test_2026_is_as_the_notice_has_it() -> None:
    found = read_gazette("CN", None, 2026, 2026)
    assert {day for day, one in found.days.items() if one.kind == "off"} == set().union(*(days(*span) for span in FREE_2026))
    assert {day for day, one in found.days.items() if one.kind == "work"} == {date.fromisoformat(day) for day in WORKED_2026}
    assert found.until == date(2026, 12, 31)
    assert [found.days[date(2026, month, day)].name for month, day in ((2, 20), (2, 15), (10, 4), (1, 2))] == [
        "春节",
        "农历除夕",
        "国庆节",
        "元旦",
    ]
    assert found.days[date(2026, 10, 7)].name_en == "National Day"


def test_2027_is_answered_but_not_official() -> None:
    """The library has the holidays of the law for it, but no make-up workday: a year like this has never been."""
    found = read_gazette("CN", None, 2026, 2027)
    assert found.until == date(2026, 12, 31), "when this fails, the library has the notice of 2027: move the test on by a year"
    assert date(2027, 2, 6) in found.days
    assert not [day for day, one in found.days.items() if one.kind == "work" and day.year == 2027]
    assert read_gazette("CN", None, 2027, 2027).until == date(2026, 12, 31)


def test_a_notice_may_move_a_day_of_the_year_before() -> None:
    """The notice of 2006 made Saturday, 31 December 2005, a workday."""
    assert read_gazette("CN", None, 2005, 2005).days[date(2005, 12, 31)].kind == "work"


def test_holidays_of_the_law_have_no_end() -> None:
    berlin, bavaria = (read_gazette("DE", state, 2026, 2030) for state in ("BE", "BY"))
    assert berlin.until is None
    assert berlin.days[date(2026, 3, 8)].name == "Frauentag" and date(2026, 3, 8) not in bavaria.days
    assert date(2026, 1, 6) in bavaria.days
    assert date(2026, 4, 4) not in berlin.days, "the Saturday between Good Friday and Easter Monday is no holiday"
    district = read_gazette("US", "DC", 2026, 2026)
    assert (district.until, district.days[date(2026, 7, 3)].kind) == (None, "off"), "Independence Day is a Saturday, and observed before"


def test_estimated_holidays_end_what_is_official() -> None:
    assert read_gazette("IN", "MH", 2026, 2028).until == date(2026, 12, 31)


def test_regions_by_their_codes() -> None:
    assert [find_region(text) for text in ("CN", "us-dc", " DE-BE ")] == [("CN", None), ("US", "DC"), ("DE", "BE")]
    with pytest.raises(UnknownCountry, match="“XX”"):
        find_region("XX")
    with pytest.raises(UnknownSubdivision, match=r"“QQ” of the country DE; it has BB, BE"):
        find_region("DE-QQ")

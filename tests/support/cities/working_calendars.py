"""Calendars for tests of deadlines: an office in Shanghai with the days of 2026, and offices elsewhere."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from data.deadlines.calendar import Calendar, Span, SpecialDay, Week, office_week
from data.deadlines.gazette import read_gazette

MORNING, AFTERNOON = Span(9 * 60, 12 * 60), Span(13 * 60 + 30, 17 * 60 + 30)
OFFICE = office_week(MORNING, AFTERNOON)
"""09:00-12:00 and 13:30-17:30 from Monday to Friday: seven hours."""
EVERY_DAY = Week(((Span(8 * 60, 20 * 60),),) * 7 + ((),))

CHINA_2026 = read_gazette("CN", None, 2025, 2027)


def china(*weeks: Week, until: date | None = date(2026, 12, 31), days: dict[date, SpecialDay] | None = None) -> Calendar:
    """A city in China; by default with the office's hours and the official days of 2025 and 2026."""
    known = {day: one for day, one in CHINA_2026.days.items() if until is None or day <= until}
    return Calendar("Asia/Shanghai", weeks or (OFFICE,), known if days is None else days, until)


def plain(timezone: str, week: Week = OFFICE) -> Calendar:
    """A city without holidays."""
    return Calendar(timezone, (week,))


def at(text: str, timezone: str = "Asia/Shanghai", fold: int = 0) -> datetime:
    """A local time as a moment in UTC: ``2026-02-13 16:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone), fold=fold).astimezone(UTC)

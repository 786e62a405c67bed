"""Days, periods and moments in the usual form of each language: every panel, legend and tooltip writes them in this one way."""

from datetime import date, datetime

from babel.dates import format_date

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang


def format_day(on: date, lang: Lang, year: bool = False) -> str:
    """``11-22`` in Chinese, ``22 Nov`` in English; with the year if asked for."""
    if lang == "zh":
        return on.isoformat() if year else on.strftime("%m-%d")
    return format_date(on, "d MMM y" if year else "d MMM", locale="en_GB")


def format_written_day(text: str, lang: Lang) -> str:
    """A day written as ``2026-11-22`` (or a moment that begins with it), with its year; other texts stay as they are."""
    try:
        return format_day(date.fromisoformat(text[:10]), lang, year=True)
    except ValueError:
        return text


def format_period(period: Period, lang: Lang, today: date | None = None) -> str:
    """First and last day; with years if they are not in this year."""
    year = period.start.year != period.end.year or (today is not None and period.end.year != today.year)
    if period.start == period.end:
        return format_day(period.start, lang, year)
    return t(lang, "{start} to {end}", start=format_day(period.start, lang, year), end=format_day(period.end, lang, year))


def format_moment(at: datetime, lang: Lang) -> str:
    """Day and minute, in the time zone the moment carries."""
    return f"{format_day(at.date(), lang, year=True)} {at:%H:%M}"

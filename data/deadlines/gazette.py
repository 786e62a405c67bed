"""Holidays and make-up workdays of a country, and the last day for which they are official: from the library ``holidays``.

The library knows the yearly notices of China's State Council (and those of other countries that move workdays), and holidays that follow
from the law. It also answers years whose notice has not come yet, with the holidays of the law but without make-up workdays: such a year is
not gazetted, and everything counted in it is provisional.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.core.errors import GridwellError
from data.core.nearest import find_nearest_word
from data.deadlines.calendar import SpecialDay

if TYPE_CHECKING:
    from holidays import HolidayBase

_ONE_DAY = timedelta(days=1)
_MAKE_UP = SpecialDay("work", "调休上班", "Make-up workday")


class UnknownCountry(GridwellError):
    status, code = 422, "unknown_country"
    sentence = "No holidays are known for the country “{country}”; the nearest is “{nearest}”."


class UnknownSubdivision(GridwellError):
    status, code = 422, "unknown_subdivision"
    sentence = "No holidays are known for the part “{subdivision}” of the country {country}; it has {known}."


@dataclass(frozen=True, slots=True)
class Gazette:
    """Special days of some years.

    Attributes:
        days: holidays and make-up workdays, also of years that are not official yet.
        until: last day of the last official year in a row; ``None``: every year is official, as holidays follow from the law.
    """

    days: dict[date, SpecialDay]
    until: date | None


def find_region(text: str) -> tuple[str, str | None]:
    """Country and part of it from one text: ``CN``, ``US-DC``, ``DE-BE`` (ISO 3166).

    Raises:
        UnknownCountry, UnknownSubdivision: the library has no holidays for it.
    """
    import holidays

    country, _, subdivision = text.strip().upper().partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise UnknownCountry(country=country[:20], nearest=find_nearest_word(country, known))
    if subdivision and subdivision not in known[country]:
        raise UnknownSubdivision(country=country, subdivision=subdivision[:20], known=", ".join(known[country]) or "-")
    return country, subdivision or None


def read_gazette(country: str, subdivision: str | None, first: int, last: int) -> Gazette:
    """Special days from the first to the last year, both included.

    Args:
        country: ISO 3166 code, as of ``find_region``.
        subdivision: part of the country.
        first, last: years.
    """
    years = range(first, last + 1)
    own, english = _read_library(country, subdivision, years, english=False), _read_library(country, subdivision, years, english=True)
    moves_days = bool(getattr(own, "has_substituted_holidays", False))
    days = {day: SpecialDay("off", name, english.get(day, name)) for day, name in own.items()}
    if moves_days:
        days = _bridge_weekends(own, _name_moved_days(own, english, days))
    days |= dict.fromkeys(own.weekend_workdays, _MAKE_UP)
    return Gazette({day: one for day, one in sorted(days.items()) if day.year in years}, _find_end(english, moves_days, years))


def _read_library(country: str, subdivision: str | None, years: range, english: bool) -> "HolidayBase":
    """The library's calendar with one more year on each side: a holiday may move days across New Year."""
    import holidays

    wide = range(years.start - 1, years.stop + 1)
    known = holidays.country_holidays(country)
    language = "en_US" if english and "en_US" in known.supported_languages else known.default_language
    return holidays.country_holidays(country, subdiv=subdivision, years=wide, expand=False, language=language)


def _name_moved_days(own: "HolidayBase", english: "HolidayBase", days: dict[date, SpecialDay]) -> dict[date, SpecialDay]:
    """Days that stand in for others get the name of the holiday beside them, instead of “observed” or “substituted from …”."""
    moved = {day for day in days if _is_moved(own, day) or _is_moved(english, day)}
    kept = sorted(days.keys() - moved)
    nearest = {day: min(kept, key=lambda other, day=day: abs(day - other)) for day in moved if kept}  # type: ignore[misc]
    return {day: days[nearest.get(day, day)] for day in days}


def _is_moved(known: "HolidayBase", day: date) -> bool:
    """Whether a name has the form of one of the library's labels, such as “Day off (substituted from %s)”."""
    name = str(known.get(day, ""))
    for label in filter(None, (known.substituted_label, known.observed_label)):
        before, _, after = known.tr(label).partition("%s")
        if before + after and name.startswith(before) and name.endswith(after):
            return True
    return False


def _bridge_weekends(own: "HolidayBase", days: dict[date, SpecialDay]) -> dict[date, SpecialDay]:
    """Weekend days before, between and after the days of a holiday belong to it: notices give it as one span, such as nine days."""
    bridged = dict(days)
    for step in (_ONE_DAY, -_ONE_DAY):
        for day, one in days.items():
            beside = day + step
            while beside not in bridged and beside.weekday() in own.weekend and beside not in own.weekend_workdays:
                bridged[beside] = one
                beside += step
    return bridged


def _find_end(english: "HolidayBase", moves_days: bool, years: range) -> date | None:
    """The last day of the last official year."""
    estimated = {day.year for day, name in english.items() if "estimated" in name}
    moved = {day.year for day in english.weekend_workdays} if moves_days else set(years)
    official = [year for year in years if year in moved and year not in estimated and not any(year > other for other in estimated)]
    if not moves_days and not estimated & set(years):
        return None
    return date(official[-1] if official else years.start - 1, 12, 31)

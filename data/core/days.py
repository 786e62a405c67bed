"""Days in the one short form of each language: as the scripts of the desk write them (``clockOf`` in ``moments.js``)."""

from datetime import date

from babel.dates import format_date


def write_day(day: date, today: date, lang: str) -> str:
    """A day for readers: without its year where that is the present one.

    >>> this = date(2026, 11, 29)
    >>> [write_day(day, this, lang) for lang in ("en", "zh") for day in (date(2026, 9, 1), date(2027, 1, 4))]
    ['1 Sept', '4 Jan 2027', '09-01', '2027-01-04']
    """
    near = day.year == today.year
    if lang == "en":
        return str(format_date(day, "d MMM" if near else "d MMM y", locale="en_GB"))
    return f"{day:%m-%d}" if near else f"{day:%Y-%m-%d}"

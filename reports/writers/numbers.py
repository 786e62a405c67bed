"""Numbers of figures and intervals as texts, and the forms in which workbooks show them."""

import re
from math import isclose, isfinite

from layers.style.numbers import MINUS, NONE, one_digit, percent, whole
from reports.content import Figure, Interval, Number, Scale

_SHOWN = re.compile(r'^([+-]?)(\d[\d,]*)(?:\.(\d+))?(\s*%|[^\d"%\\\x00-\x1f]{1,20})?$')
"""A number, with its unit behind it."""


def write_number(value: float | None, share: bool = False) -> str:
    """A number with separators and at most one digit behind the point; a share in percent."""
    if value is None or not isfinite(value):
        return NONE
    if share:
        return f"{percent(value)}%"
    return whole(value) if value == int(value) else one_digit(value)


def is_share(scale: Scale | None) -> bool:
    """Whether a scale is one of shares, shown in percent."""
    return scale is not None and "%" in scale.low_text + scale.high_text and scale.high <= 1


def write_interval(cell: Interval, scale: Scale | None) -> str:
    """A value and its interval: 96.7% (92.1%–98.6%)."""
    value, low, high = (write_number(number, is_share(scale)) for number in (cell.value, cell.low, cell.high))
    return f"{value} ({low}\N{EN DASH}{high})"


def write_fraction(figure: Figure) -> str:
    """What a share or a mean was divided from: 1,880 ÷ 2,862; empty where it was not."""
    if figure.numerator is None or figure.denominator is None:
        return ""
    return f"{write_number(figure.numerator)} ÷ {write_number(figure.denominator)}"


def find_form(number: Number) -> str | None:
    """The form in which a workbook shows a number as the report does; ``General`` where its text is no plain number.

    ``None``: the text does not state the number, such as “fewer than 5”, so the workbook must not state it either.
    """
    text = number.text.strip().replace(MINUS, "-")
    if number.value is None or not isfinite(number.value) or text[:1] in ("<", "＜", "≤", "") or not any(map(str.isdigit, text)):
        return None
    found = _SHOWN.match(text)
    if not found:
        return "General"
    sign, digits, behind, unit = found[1], found[2], found[3] or "", (found[4] or "").rstrip()
    shown, near = float(f"{sign}{digits.replace(',', '')}.{behind or 0}"), 0.51 * 10 ** -len(behind)
    as_it_is, in_percent = isclose(shown, number.value, abs_tol=near), isclose(shown, number.value * 100, abs_tol=max(near, 0.11))
    places = f".{'0' * len(behind)}" if behind else ""
    if in_percent and (unit.strip() == "%" or not (unit or as_it_is)):
        form = f"0{places}%"
    elif unit and not as_it_is:
        return "General"  # the value is in another unit
    else:
        form = f'#,##0{places}"{unit}"' if unit else f"#,##0{places}"
    return f"+{form};-{form};{form}" if sign == "+" else form

"""Numbers as texts: with separators, a real minus, no more digits than mean something, and a dash for what is not known."""

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import Rate

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
_WAN = 10_000
_LEAST_SHOWN = 0.05
"""Changes below this many percent would be shown as 0.0."""


def whole(n: float | None) -> str:
    """A count with separators; a dash where it is not known."""
    return NONE if n is None else f"{n:,.0f}".replace("-", MINUS)


def one_digit(n: float | None) -> str:
    """A number with one digit behind the point."""
    return NONE if n is None else f"{n:,.1f}".replace("-", MINUS)


def short(n: float | None, lang: Lang) -> str:
    """A large number in few characters: 万 and 亿 in Chinese, k and M in English; all digits below 100,000."""
    if n is None or abs(n) < 10 * _WAN:
        return whole(n)
    if lang == "zh":
        return f"{n / _WAN:,.1f} 万" if abs(n) < 1e8 else f"{n / 1e8:,.2f} 亿"
    return f"{n / 1000:,.0f}k" if abs(n) < 1e6 else f"{n / 1e6:,.2f}M"


def area(m2: float | None, lang: Lang) -> str:
    """An area in a suitable unit: m², hectares or km²."""
    if not m2:
        return NONE
    if m2 < 10_000:
        return f"{m2:,.0f} m²"
    if m2 < 1_000_000:
        return t(lang, "{n} ha", n=f"{m2 / 10_000:,.1f}")
    return f"{m2 / 1e6:,.1f} km²" if m2 < 1e9 else f"{m2 / 1e6:,.0f} km²"


# ---- Shares ----


def percent(share: float | None) -> str:
    """A share as the number of percent, without the sign: 91.9. What is not all is never 100.0, and what is something never 0.0."""
    if share is None:
        return NONE
    if 0 < share < 1:
        share = min(max(share, 0.001), 0.999)
    return f"{share * 100:.1f}"


def percent_of(rate: Rate) -> str:
    """The same of a rate that stands alone, where a sign can say that it is nearly all (>99.9) or nearly none (<0.1)."""
    value = rate["value"]
    if value is None or not 0 < value < 1:
        return percent(value)
    shown = f"{value * 100:.1f}"
    return ">99.9" if shown == "100.0" else "<0.1" if shown == "0.0" else shown


def fraction(numerator: float | None, denominator: float | None) -> str:
    """A fraction in a table: 111 / 116."""
    return f"{whole(numerator)} / {whole(denominator)}"


# ---- Differences ----


def signed(n: float, digits: int = 0) -> str:
    """A difference with its sign: +72, −9; 0 has none."""
    text = f"{abs(n):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("+" if n > 0 else MINUS) + text


def relative_change(now: float, before: float) -> str | None:
    """A change in percent with its sign: +2.6%; ``None`` where there was nothing before."""
    return f"{signed((now / before - 1) * 100, 1)}%" if before else None


def change(now: float, before: float) -> str:
    """The same where there is little room: a dash if the value before was 0, ``×12`` for large ones. No change is 0%, a tiny one ≈0%."""
    if not before:
        return NONE
    share = (now - before) / before * 100
    if abs(share) >= 1000:
        return f"×{now / before:,.0f}"
    if abs(share) < _LEAST_SHOWN:
        return "≈0%" if share else "0%"
    return f"{signed(share, 1)}%"

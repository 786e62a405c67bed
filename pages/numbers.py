"""Numbers and dates in the usual form of each language."""

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.reports import Rate
from layers.style.days import format_day, format_moment, format_period

_WAN = 10_000
_NOTHING = "—"
_LEAST_SHOWN = 0.05
"""Changes below this many percent would be shown as 0.0."""


def whole(n: float | None) -> str:
    """All digits, with a comma between thousands; a dash if the number is not known."""
    return _NOTHING if n is None else f"{n:,.0f}"


def short(n: float | None, lang: Lang) -> str:
    """A large number in few characters: 万 and 亿 in Chinese, k and M in English; all digits below 100,000."""
    if n is None or abs(n) < 10 * _WAN:
        return whole(n)
    if lang == "zh":
        return f"{n / _WAN:,.1f} 万" if abs(n) < 1e8 else f"{n / 1e8:,.2f} 亿"
    return f"{n / 1000:,.0f}k" if abs(n) < 1e6 else f"{n / 1e6:,.2f}M"


def percent(rate: Rate) -> str:
    """A share in percent with one decimal, without the percent sign; a dash if nothing was due. Only all is 100.0, and only none is 0.0."""
    if rate["value"] is None:
        return _NOTHING
    shown = f"{rate['value'] * 100:.1f}"
    if shown == "100.0" and rate["value"] < 1:
        return ">99.9"
    return "<0.1" if shown == "0.0" and rate["value"] > 0 else shown


def change(now: float, before: float) -> str:
    """The change from before, in percent with plus or minus; a dash if the value before was 0. No change is 0%, a tiny one ≈0%."""
    if not before:
        return _NOTHING
    share = (now - before) / before * 100
    if abs(share) >= 1000:
        return f"×{now / before:,.0f}"
    if abs(share) < _LEAST_SHOWN:
        return "≈0%" if share else "0%"
    return f"{share:+.1f}%".replace("-", "−")


def area(m2: float | None, lang: Lang) -> str:
    """An area in a suitable unit: m², hectares or km²."""
    if not m2:
        return _NOTHING
    if m2 < 10_000:
        return f"{m2:,.0f} m²"
    if m2 < 1_000_000:
        return t(lang, "{n} ha", n=f"{m2 / 10_000:,.1f}")
    return f"{m2 / 1e6:,.1f} km²" if m2 < 1e9 else f"{m2 / 1e6:,.0f} km²"


day, span, moment = format_day, format_period, format_moment

"""Charts as plain HTML: every bar is a link to its filtered view, can be reached by keyboard, and has a label for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from layers.style import numbers
from layers.style.days import format_day, format_period
from layers.style.wording import format_count
from layers.view import View
from pages import html
from pages.components import attributes, current, icon, link
from pages.html import Child

MOST_BINS = 92
"""More bars than this cannot be distinguished in 328 px; longer periods are drawn by week or by longer spans."""
LARGEST = 5
"""This many categories are shown; the others are in a fold."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Neighbouring days drawn as one bar, with their reports."""

    days: Period
    count: int

    @property
    def weekend(self) -> bool:
        """Whether the bar is a single Saturday or Sunday."""
        return self.days.days == 1 and self.days.start.weekday() >= _SATURDAY


def bins(by_day: Sequence[tuple[str, int]], most: int = MOST_BINS) -> list[Bin]:
    """Days as bars: one bar a day, or one for a week or more if there are too many days. The last bar may hold fewer days."""
    width = 1 if len(by_day) <= most else 7 * ceil(len(by_day) / (7 * most))
    found = []
    for first in range(0, len(by_day), width):
        part = by_day[first : first + width]
        days = Period(date.fromisoformat(part[0][0]), date.fromisoformat(part[-1][0]))
        found.append(Bin(days, sum(count for _, count in part)))
    return found


def share(count: float, largest: float) -> str:
    """A bar's length in percent of the largest; a value above 0 never has the length 0."""
    return "0%" if not largest or not count else f"{max(count / largest * 100, 1.5):.1f}%"


def day_bars(view: View, by_day: Sequence[tuple[str, int]], lang: Lang, where: str) -> html.Div:
    """Reports by day, 48 px high, weekends light. A click on a bar selects only its days, a second click selects all days again."""
    drawn = bins(by_day)
    largest = max((one.count for one in drawn), default=0)
    chosen = view.window
    bars: list[Child] = []
    for one in drawn:
        inside = chosen is None or (chosen.start <= one.days.start and one.days.end <= chosen.end)
        when, count = format_period(one.days, lang), format_count(one.count, "cases", lang)
        text = t(lang, "{where}, {when}: {count} reported", where=where, when=when, count=count)
        looks = " ".join(name for name, on in (("day", True), ("weekend", one.weekend), ("quiet", not inside)) if on)
        target = view.but(window=None if chosen == one.days else one.days)
        # One tab stop for all bars: the arrow keys go on from it.
        stop = 0 if not bars else -1
        bars.append(link(target, html.I(style={"height": share(one.count, largest)}), text, className=looks, tabIndex=stop))
    label = t(lang, "Cases reported by day")
    return html.Div([html.Div(bars, className="day-bars", role="group", **attributes(aria_label=label)), _ticks(drawn, lang, 4)])


def histogram(by_day: Sequence[tuple[str, int]], window: Period | None, lang: Lang) -> html.Div:
    """The bars under the time slider. They carry the data from which ``assets/scripts/page/time_slider.js`` draws
    the window over them.
    """
    drawn = bins(by_day, 120)
    largest = max((one.count for one in drawn), default=0)
    bars = [
        html.I(
            className="on" if not window or (one.days.start <= window.end and window.start <= one.days.end) else "",
            style={"height": share(one.count, largest)},
            title=f"{format_period(one.days, lang)} · {numbers.whole(one.count)}",
        )
        for one in drawn
    ]
    first, last = date.fromisoformat(by_day[0][0]), date.fromisoformat(by_day[-1][0])
    facts = {"data-first": first.isoformat(), "data-days": str((last - first).days + 1)}
    return html.Div(
        [html.Div(bars, className="bars-row"), _brush(first, last, window, lang), _ticks(drawn, lang, 5)], className="histogram", **facts
    )


def _brush(first: date, last: date, window: Period | None, lang: Lang) -> html.Div:
    days = (last - first).days + 1
    start, end = ((window.start - first).days, (window.end - first).days + 1) if window else (0, days)
    style = {"left": f"{start / days * 100:.3f}%", "width": f"{(end - start) / days * 100:.3f}%"}
    spoken = format_period(window, lang) if window else t(lang, "the whole period")
    return html.Div(
        [html.Span(className="edge left"), html.Span(className="edge right")],
        className="brush" if window else "brush all",
        style=style,
        tabIndex=0,
        role="slider",
        title=t(lang, "Drag to choose days, drag an edge to resize, or use the arrow keys"),
        **attributes(
            aria_label=t(lang, "Days shown"),
            aria_valuemin="0",
            aria_valuemax=str(days - 1),
            aria_valuenow=str(start),
            aria_valuetext=spoken,
            data_start=str(start),
            data_end=str(end),
        ),
    )


def _ticks(drawn: Sequence[Bin], lang: Lang, most: int) -> html.Div:
    """A few dates under the bars: the first, the last, and some between at even steps."""
    if not drawn:
        return html.Div(className="ticks")
    count = min(most, len(drawn))
    places = sorted({round(i * (len(drawn) - 1) / max(count - 1, 1)) for i in range(count)})
    year = drawn[0].days.start.year != drawn[-1].days.end.year
    return html.Div(
        [
            html.Span(
                format_day(drawn[place].days.start if place < len(drawn) - 1 else drawn[-1].days.end, lang, year),
                style=_at(place, len(drawn)),
            )
            for place in places
        ],
        className="ticks",
        **attributes(aria_hidden="true"),
    )


def _at(place: int, of: int) -> dict[str, str]:
    if place == 0:
        return {"left": "0"}
    if place == of - 1:
        return {"right": "0"}
    return {"left": f"{(place + 0.5) / of * 100:.2f}%", "transform": "translateX(-50%)"}


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a list: its name, its count, the view that a click opens, and whether it is chosen."""

    name: str
    count: int
    to: View | None
    chosen: bool = False
    symbol: str | None = None


def count_bars(rows: Sequence[Row], lang: Lang, where: str, anything_chosen: bool = False) -> html.Div:
    """Horizontal bars, the five largest first and the rest in a fold; a click filters by the row."""
    largest = max((row.count for row in rows), default=0)
    top, rest = list(rows[:LARGEST]), list(rows[LARGEST:])
    if len(rest) == 1:
        top, rest = list(rows), []
    parts: list[Child] = [_count_bar(row, largest, where, anything_chosen) for row in top]
    if rest:
        total = sum(row.count for row in rest)
        summary = html.Summary(
            [
                html.Span([t(lang, "{n} others", n=len(rest)), icon("chevron", 12, 2)], className="bar-name"),
                html.Span(html.I(style={"width": share(total, max(largest, total))}), className="bar-track"),
                html.Span(numbers.whole(total), className="bar-count"),
            ],
            className="bar-row",
        )
        inside = [_count_bar(row, largest, where, anything_chosen) for row in rest]
        parts.append(html.Details([summary, html.Div(inside)], className="rest", open=any(row.chosen for row in rest)))
    return html.Div(parts, className="count-bars")


def _count_bar(row: Row, largest: int, where: str, anything_chosen: bool) -> html.A | html.Div:
    looks = " ".join(name for name, on in (("bar-row", True), ("chosen", row.chosen), ("quiet", anything_chosen and not row.chosen)) if on)
    inside: list[Child] = [
        html.Span(row.name, className="bar-name"),
        " ",  # what is spoken begins with what is seen
        html.Span(html.I(style={"width": share(row.count, largest)}), className="bar-track"),
        html.Span(numbers.whole(row.count), className="bar-count"),
    ]
    text = f"{row.name} {numbers.whole(row.count)} · {where}"
    if row.to is None:
        return html.Div(inside, className=looks, title=text)
    return link(row.to, inside, text, className=looks, **current(row.chosen))


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of a ranking; ``value`` is ``None`` if nothing can be calculated."""

    name: str
    value: float | None
    text: str
    to: View
    own: bool = False
    colour: str | None = None


def ranking(rows: Sequence[Ranked], lang: Lang, what: str, base: float = 0.0) -> html.Div:
    """Areas by a measure, the largest first. Of a long list only both ends and the neighbours of the own row show; a fold holds the rest.

    Args:
        rows: in order; those without a value are counted below.
        lang: language of the sentences.
        what: the measure, for the rows' labels.
        base: value at which a bar has no length (otherwise all rates near 100 % would look the same).
    """
    placed = [(place, row) for place, row in enumerate((row for row in rows if row.value is not None), start=1)]
    largest = max((row.value - base for _, row in placed if row.value is not None), default=0.0)
    shown = _shortened(placed)
    parts: list[Child] = []
    before = 0
    for place, row in shown:
        if place != before + 1:
            parts.append(html.Div("···", className="rank-gap", **attributes(aria_hidden="true")))
        parts.append(_ranked(place, row, largest, base, what))
        before = place
    if len(shown) < len(placed):
        every = [_ranked(place, row, largest, base, what) for place, row in placed]
        button = html.Summary([t(lang, "All {n}", n=len(placed)), icon("chevron", 12, 2)], className="more")
        parts.append(html.Details([button, html.Div(every)], className="rank-all"))
    unplaced = [row for row in rows if row.value is None]
    if unplaced:
        names = html.Div([link(row.to, row.name, className="plain") for row in unplaced], className="unranked")
        sentence = html.Summary(t(lang, "{n} more without enough data to rank", n=len(unplaced)), className="more")
        parts.append(html.Details([sentence, names], className="rank-all"))
    return html.Div(parts, className="ranking")


def _shortened(placed: list[tuple[int, Ranked]]) -> list[tuple[int, Ranked]]:
    if len(placed) <= 8:
        return placed
    own = next((place for place, row in placed if row.own), 0)
    return [pair for pair in placed if pair[0] <= 3 or pair[0] > len(placed) - 3 or abs(pair[0] - own) <= (1 if own else -1)]


def _ranked(place: int, row: Ranked, largest: float, base: float, what: str) -> html.A:
    looks = {
        "width": share(max((row.value or 0.0) - base, 0.0), largest),
        **({"background": row.colour} if row.colour and not row.own else {}),
    }
    inside = [
        html.Span(str(place), className="rank-place"),
        html.Span(row.name, className="bar-name"),
        html.Span(html.I(style=looks), className="bar-track"),
        html.Span(row.text, className="bar-count"),
    ]
    return link(row.to, inside, f"{row.name} · {what}: {row.text}", className="rank-row own" if row.own else "rank-row")


def age_bars(ages: dict[str, int], lang: Lang) -> html.Div:
    """Residents by age band as columns, youngest first; the label of each has its count and share."""
    ordered = sorted(ages.items(), key=lambda pair: _youngest(pair[0]))
    total, largest = sum(ages.values()), max(ages.values(), default=0)
    columns = [
        html.Span(html.I(style={"height": share(count, largest)}), title=_aged(band, count, total, lang), role="listitem")
        for band, count in ordered
    ]
    count = min(6, len(ordered))
    places = sorted({round(i * (len(ordered) - 1) / max(count - 1, 1)) for i in range(count)})
    ticks = [html.Span(ordered[place][0].replace("-", "–"), style=_at(place, len(ordered))) for place in places]
    label = attributes(aria_label=t(lang, "Residents by age"))
    return html.Div([html.Div(columns, className="age-bars", role="list", **label), html.Div(ticks, className="ticks")])


def _aged(band: str, count: int, total: int, lang: Lang) -> str:
    rate = f"{count / total * 100:.1f}%" if total else numbers.NONE
    if count == 1:
        return t(lang, "Aged {band}: 1 resident, {share}", band=band, share=rate)
    return t(lang, "Aged {band}: {n} residents, {share}", band=band, n=numbers.whole(count), share=rate)


def _youngest(band: str) -> int:
    digits = "".join(ch if ch.isdigit() else " " for ch in band).split()
    return int(digits[0]) if digits else 0

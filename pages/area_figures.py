"""The key figures of the picked area: large numbers with what they are compared with, and where their cases are listed."""

from collections.abc import Sequence
from datetime import date, datetime

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from data.figures.changes import SameHours
from data.figures.types import Comparison
from layers.incidents import STATE_TITLES
from layers.style import numbers
from layers.style.days import format_day, format_moment, format_period
from layers.style.wording import format_count, local_name
from pages import html
from pages.desk_links import desk_link
from pages.html import Child
from pages.scene import Scene


def where(scene: Scene) -> str:
    """The area's name."""
    return local_name(scene.report, scene.lang)


def when_where(scene: Scene) -> str:
    """Name of the area and the days, for labels."""
    return t(scene.lang, "{where}, {when}", where=where(scene), when=format_period(scene.selected_period, scene.lang, scene.today))


def key_figures(scene: Scene) -> html.Div:
    """Cases reported, the share closed on time, open cases, and the share found by the grid itself."""
    lang, report, says = scene.lang, scene.report, when_where(scene)
    cases, on_time, proactive = report["incidents"], report["on_time_closing_rate"], report["proactive"]
    unit, one = t(lang, "cases"), t(lang, "case (unit)")
    listed = t(lang, "Show these cases in a list")
    states = [
        desk_link(scene, [t(lang, "overdue"), html.B(numbers.whole(cases["overdue"]), className="overdue")], listed, state="overdue"),
        desk_link(scene, [t(lang, "due soon"), html.B(numbers.whole(cases["amber"]), className="amber")], listed, state="amber"),
        *_at_end(scene),
    ]
    stands = t(lang, "{where}, as of {when}", where=where(scene), when=format_moment(datetime.fromisoformat(report["city"]["as_of"]), lang))
    of_due = t(lang, "{n} ÷ {of} due", n=numbers.whole(on_time["numerator"]), of=numbers.whole(on_time["denominator"]))
    of_all = t(lang, "{n} ÷ {of} reported", n=numbers.whole(proactive["numerator"]), of=numbers.whole(proactive["denominator"]))
    return html.Div(
        [
            figure(
                t(lang, "Cases reported"),
                numbers.short(cases["total"], lang),
                one if cases["total"] == 1 else unit,
                [*_changes(scene), *_unplaced(scene)],
                says,
            ),
            figure(t(lang, "On-time closing rate"), numbers.percent_of(on_time), "%", [html.Span(of_due)], says),
            figure(
                _open_label(scene),
                desk_link(scene, numbers.short(cases["open"], lang), listed),
                one if cases["open"] == 1 else unit,
                states,
                stands,
            ),
            figure(t(lang, "Proactive share"), numbers.percent_of(proactive), "%", [html.Span(of_all)], says),
        ],
        className="key-figures",
    )


def _open_label(scene: Scene) -> str:
    """What the figure of open cases is called: with the deadline states that are filtered."""
    lang, states = scene.lang, scene.view.states
    label = t(lang, "Open now") if scene.report["city"]["current"] else t(lang, "Open")
    return " · ".join([label, *(t(lang, STATE_TITLES[state]) for state in states)])


def _unplaced(scene: Scene) -> list[Child]:
    """How many of the reported cases have no place."""
    lang, n = scene.lang, scene.report["incidents"]["unplaced"]
    if not n or scene.report["origin"] == "unplaced":
        return []
    told = t(lang, "{n} without a place", n=numbers.whole(n))
    return [html.Span(told, title=t(lang, "They count here, and are on no map."), className="unplaced")]


def _at_end(scene: Scene) -> list[Child]:
    """What was open when the last selected day ended, if that day is over: another figure than what is open now."""
    lang, cases, last = scene.lang, scene.report["incidents"], scene.selected_period.end
    if last.isoformat() >= scene.report["city"]["as_of"][:10]:
        return []
    open_, overdue = numbers.whole(cases["open_at_end"]), numbers.whole(cases["overdue_at_end"])
    day = format_day(last, lang, last.year != scene.today.year)
    return [
        html.Span(t(lang, "at the end of {day}: {open} open, {overdue} overdue", day=day, open=open_, overdue=overdue), className="at-end")
    ]


def figure(label: str, value: Child, unit: str, third: Sequence[Child], says: str) -> html.Div:
    """A figure with its label and what stands below it; ``says``: of what and when it is, for whoever points at it."""
    told = value if isinstance(value, str) else str(getattr(value, "children", ""))
    small = html.Small(unit if told != numbers.NONE else "")
    number = html.Div([value, small], className="value", title=f"{label} · {says}: {told} {unit}")
    return html.Div([html.Div(label, className="label"), number, html.Div(third, className="detail")])


def _changes(scene: Scene) -> list[Child]:
    """How many more cases were reported than before, on whole days alone; up to which one is said where the last one is not over."""
    lang, report = scene.lang, scene.report
    whole, before = report["whole_days"], report["previous"]
    if whole is None and scene.figures.same_hours:
        return _same_hours(scene.figures.same_hours, lang)
    if whole is None:
        return [html.Span(t(lang, "This day is not over, so it is not compared."))]
    days = Period.parse(before["period"]["from"], before["period"]["to"]).days
    label = t(lang, "vs. previous day") if days == 1 else t(lang, "vs. previous {n} days", n=days)
    told = [
        _change(label, whole["total"], before, lang),
        _change(t(lang, "vs. last year"), whole["total"], report["year_before"], lang),
    ]
    if whole["period"] != report["period"]:
        last = date.fromisoformat(whole["period"]["to"])
        told.append(html.Span(t(lang, "whole days, to {day}", day=format_day(last, lang, last.year != scene.today.year))))
    return [*told]


def _same_hours(compared: SameHours, lang: Lang) -> list[Child]:
    """Today so far beside earlier days until the same hour."""
    until = f"{compared.until:%H:%M}"
    earlier = [
        (t(lang, "vs. the day before until {time}", time=until), compared.previous),
        (t(lang, "vs. last year until {time}", time=until), compared.year_before),
    ]
    return [
        html.Span(
            f"{label} {numbers.change(compared.now, before)}",
            title=t(
                lang,
                "{count} today until {time}, {before} then",
                count=format_count(compared.now, "cases", lang),
                time=until,
                before=numbers.whole(before),
            ),
        )
        for label, before in earlier
    ]


def _change(label: str, now: int, before: Comparison, lang: Lang) -> html.Span:
    span = format_period(Period.parse(before["period"]["from"], before["period"]["to"]), lang)
    says = t(lang, "{span}: {count}", span=span, count=format_count(before["total"], "cases", lang))
    return html.Span(f"{label} {numbers.change(now, before['total'])}", title=says)

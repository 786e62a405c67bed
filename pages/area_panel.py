"""The panel of the picked area: who is responsible, the key figures, and charts that filter the map."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from data.figures.changes import SameHours
from data.figures.types import Comparison
from layers.incidents import SEVERITY_TITLES, STATE_TITLES
from layers.style import numbers
from layers.style.days import format_day, format_moment, format_period, format_written_day
from layers.style.measures import density, is_withheld
from layers.style.wording import CHANNEL_TITLES, format_area_count, local_label, local_name
from pages import area_sections, charts, html, people_register, saving
from pages.components import attributes, heading, icon, link, toggle
from pages.desk_links import desk_link
from pages.html import Child
from pages.scene import Scene
from pages.viewer_menu import why_counted


def panel(scene: Scene) -> list[Child]:
    """The whole panel, from the head down; a city without any cases has no charts of them."""
    told = _cases if scene.report["city"]["has_cases"] else _no_cases
    return [
        _title(scene),
        *_filters(scene),
        *_limits(scene),
        *_head(scene),
        *told(scene),
        *area_sections.residents(scene),
        *people_register.section(scene),
        *area_sections.buildings(scene),
        *area_sections.facilities(scene),
        *saving.section(scene),
        *area_sections.sources(scene),
    ]


def _cases(scene: Scene) -> list[Child]:
    return [
        _key_figures(scene),
        *_begun(scene),
        *_by_day(scene),
        *_bars(scene, t(scene.lang, "By category"), _categories(scene), bool(scene.view.categories)),
        *_withheld(scene),
        *area_sections.rankings(scene),
        *_bars(scene, t(scene.lang, "By source"), _channels(scene), bool(scene.view.channels)),
    ]


NEWS_DAYS = 7
"""So long the page says that work began, and that deadlines follow the clock since then."""


def _begun(scene: Scene) -> list[Child]:
    """That deadlines are judged by the clock since the first step here: what is overdue may have jumped with it."""
    city, lang = scene.report["city"], scene.lang
    if not city["worked_since"]:
        return []
    began = datetime.fromisoformat(city["worked_since"])
    if datetime.fromisoformat(city["as_of"]) - began > timedelta(days=NEWS_DAYS):
        return []
    told = t(
        lang,
        "Work on cases began here on {when}. Since then deadlines are judged by the clock; before, by the day the data ended.",
        when=format_moment(began, lang),
    )
    return [html.P([icon("info", 14), told], className="note begun")]


def _by_day(scene: Scene) -> list[Child]:
    counted = scene.figures.by_day
    if not any(n for _, n in counted):
        return [html.P(t(scene.lang, "No case was reported in this period."), className="sub")]
    aside = t(scene.lang, "cases, weekends light")
    return [heading(t(scene.lang, "Reported by day"), aside), charts.day_bars(scene.view, counted, scene.lang, where(scene))]


def _bars(scene: Scene, title: str, rows: list[charts.Row], filtered: bool) -> list[Child]:
    """A section of bars; empty if there is nothing to count."""
    if not rows:
        return []
    return [heading(title, t(scene.lang, "cases")), charts.count_bars(rows, scene.lang, when_where(scene), filtered)]


def _withheld(scene: Scene) -> list[Child]:
    """Which categories are not counted for this reader, if any."""
    codes = scene.report["incidents"]["withheld"]
    if not codes:
        return []
    names = " · ".join(category_name(scene, code) for code in codes)
    told = t(scene.lang, "Not counted here: {names}. These cases concern people, and require access to the register.", names=names)
    return [html.P(told, className="sub")]


def _no_cases(scene: Scene) -> list[Child]:
    lang, report, here = scene.lang, scene.report, where(scene)
    figures = [
        (t(lang, "Residents"), numbers.short(report["population"]["total"], lang)),
        (t(lang, "Residents per km²"), numbers.short(density(report), lang)),
        (t(lang, "Buildings"), numbers.short(report["buildings"]["total"], lang)),
        (t(lang, "Facilities"), numbers.short(report["facilities"]["total"], lang)),
    ]
    return [
        html.Div([_figure(label, value, "", [], here) for label, value in figures], className="key-figures"),
        html.P(t(lang, "This city has no case data."), className="note"),
        *area_sections.rankings(scene),
    ]


def where(scene: Scene) -> str:
    """The area's name."""
    return local_name(scene.report, scene.lang)


def when_where(scene: Scene) -> str:
    """Name of the area and the days, for labels."""
    return t(scene.lang, "{where}, {when}", where=where(scene), when=format_period(scene.selected_period, scene.lang, scene.today))


def _title(scene: Scene) -> html.Div:
    report, lang = scene.report, scene.lang
    facts = [report["code"], *_parts_below(scene)]
    total = report["population"]["total"]
    if total is not None:
        facts.append(t(lang, "1 resident") if total == 1 else t(lang, "{n} residents", n=numbers.short(total, lang)))
    elif report["area_m2"]:
        facts.append(numbers.area(report["area_m2"], lang))
    children: list[Child] = [
        html.H1(where(scene), title=where(scene)),
        html.Div(_apart(facts), className="sub", title=_population_says(scene)),
    ]
    notes = {
        "approximate": t(lang, "Approximate outline, made from points"),
        "none": _without_outline(scene),
        "unplaced": t(lang, "Cases without a place: they count for the area above, and are on no map."),
    }
    if report["origin"] in notes:
        children.append(html.Div([icon("info", 14), notes[report["origin"]]], className="sub noted"))
    return html.Div(children, className="title")


def _without_outline(scene: Scene) -> str:
    """That the map cannot show the area, and what it shows instead."""
    above = [area for area in scene.report["ancestors"] if area["seen"]]
    if not above:
        return t(scene.lang, "No outline is known. The map cannot show it.")
    return t(scene.lang, "No outline is known. The map shows {area}, in which it lies.", area=local_name(above[-1], scene.lang))


def _apart(facts: list[str]) -> list[html.Span]:
    """Facts with a dot between them; a line can break only between two facts, never inside one."""
    return [html.Span(f"{fact} ·" if n < len(facts) else fact, className="fact") for n, fact in enumerate(facts, start=1)]


def _parts_below(scene: Scene) -> list[str]:
    """How many areas of the next level and of the coloured level lie here: '7 communities', '33 grid cells'."""
    found: dict[str, int] = {}
    children = [unit for unit in scene.report["children"] if unit["origin"] != "unplaced"]
    for unit in [*children, *scene.coloured]:
        if unit["level"] != scene.report["level"] and unit["code"] != scene.report["code"]:
            found.setdefault(unit["level"], 0)
    for level in found:
        same = [unit for unit in children if unit["level"] == level]
        found[level] = len(same) or sum(1 for unit in scene.coloured if unit["level"] == level)
    return [format_area_count(n, scene.report, level, scene.lang) for level, n in found.items()]


def _population_says(scene: Scene) -> str:
    people, lang = scene.report["population"], scene.lang
    if is_withheld(scene.report):
        return t(lang, "Figures that would reveal fewer than 5 people are not shown.")
    if people["total"] is None:
        return t(lang, "The population of this area is not known")
    day = format_written_day(people["as_of"], lang) if people["as_of"] else numbers.NONE
    if people["total"] == 1:
        return t(lang, "1 resident as of {day}", day=day)
    return t(lang, "{n} residents as of {day}", n=numbers.whole(people["total"]), day=day)


def _filters(scene: Scene) -> list[html.Div]:
    """The active filters, each with a link that removes it."""
    view, lang = scene.view, scene.lang
    chips = []
    if view.window:
        chips.append((format_period(view.window, lang, scene.today), view.but(window=None)))
    for code in view.categories:
        chips.append((category_name(scene, code), view.but(categories=tuple(c for c in view.categories if c != code))))
    for code in view.channels:
        chips.append((channel_name(code, lang), view.but(channels=tuple(c for c in view.channels if c != code))))
    for state in view.states:
        chips.append((t(lang, STATE_TITLES[state]), view.but(states=tuple(one for one in view.states if one != state))))
    for severity in view.severities:
        chips.append((t(lang, SEVERITY_TITLES[severity]), view.but(severities=tuple(one for one in view.severities if one != severity))))
    if not chips:
        return []
    parts = [
        link(to, [text, icon("close", 12, 2.2)], t(lang, "Remove filter: {name}", name=text), className="filter") for text, to in chips
    ]
    if len(chips) > 1:
        parts.append(
            link(
                view.but(window=None, categories=(), channels=(), states=(), severities=()), t(lang, "Clear all"), className="filter clear"
            )
        )
    found = [html.Div(parts, className="filters")]
    if view.states or view.severities:
        told = t(lang, "Deadline and severity filter open cases; what was reported, due or closed is counted whatever they are.")
        found.append(html.Div(told, className="sub"))
        if view.severities:
            listed = t(lang, "Show these cases in a list")
            found.append(html.Div(desk_link(scene, listed, listed, severity=",".join(map(str, view.severities))), className="sub listed"))
    return found


def _limits(scene: Scene) -> list[Child]:
    """What this page leaves out because of the viewer's rights, and why."""
    said = why_counted(scene.report["seen"], scene.lang) if scene.report["city"]["has_cases"] else ""
    return [html.P([icon("info", 14), said], className="note limits")] if said else []


def category_name(scene: Scene, code: str) -> str:
    """A category's name in the reader's language, or its code if the city gives it no name."""
    return local_label(code, scene.report["categories"].get(code), scene.lang)


def channel_name(code: str, lang: Lang) -> str:
    """A source's name in the reader's language."""
    return t(lang, CHANNEL_TITLES.get(code, "Other"))


def _head(scene: Scene) -> list[Child]:
    head, lang = scene.report["head"], scene.lang
    named, title = _in(lang, head["name"], head["name_en"]), _in(lang, head["title"], head["title_en"])
    body = _in(lang, head["body"], head["body_en"])
    who = named or body
    if not who:
        return []
    number = None if scene.viewer.role == "wall" else head["phone"]  # guests can see a wall display
    second = "　".join(part for part in (title or (body if named else None), number) if part)
    texts = html.Div([html.B(who), html.Span(second, className="sub")], className="head-text")
    avatar = html.Span(who[0], className="avatar", **attributes(aria_hidden="true"))
    whole = people_register.reveal_form("head", scene.report["code"], scene.viewer, t(lang, "Show the full number")) if number else []
    return [html.Div([avatar, texts, *_call(number, who, lang)], className="head"), *whole]


def _in(lang: Lang, chinese: str | None, english: str | None) -> str | None:
    return english or chinese if lang == "en" else chinese or english


def _call(number: str | None, who: str, lang: Lang) -> list[Child]:
    if not number:
        return []
    if "*" in number:  # a masked number cannot be called
        return []
    text = t(lang, "Call {who}", who=who)
    return [html.A(icon("call"), href=f"tel:{number.replace(' ', '')}", className="call", title=text, **attributes(aria_label=text))]


def _key_figures(scene: Scene) -> html.Div:
    lang, report, says = scene.lang, scene.report, when_where(scene)
    cases, on_time, proactive = report["incidents"], report["on_time_closing_rate"], report["proactive"]
    unit, one = t(lang, "cases"), t(lang, "case")
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
            _figure(
                t(lang, "Cases reported"),
                numbers.short(cases["total"], lang),
                one if cases["total"] == 1 else unit,
                [*_changes(scene), *_unplaced(scene)],
                says,
            ),
            _figure(t(lang, "On-time closing rate"), numbers.percent_of(on_time), "%", [html.Span(of_due)], says),
            _figure(
                _open_label(scene),
                desk_link(scene, numbers.short(cases["open"], lang), listed),
                one if cases["open"] == 1 else unit,
                states,
                stands,
            ),
            _figure(t(lang, "Proactive share"), numbers.percent_of(proactive), "%", [html.Span(of_all)], says),
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


def _figure(label: str, value: Child, unit: str, third: Sequence[Child], says: str) -> html.Div:
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
                lang, "{n} cases today until {time}, {before} then", n=numbers.whole(compared.now), time=until, before=numbers.whole(before)
            ),
        )
        for label, before in earlier
    ]


def _change(label: str, now: int, before: Comparison, lang: Lang) -> html.Span:
    span = format_period(Period.parse(before["period"]["from"], before["period"]["to"]), lang)
    says = t(lang, "{span}: {n} cases", span=span, n=numbers.whole(before["total"]))
    return html.Span(f"{label} {numbers.change(now, before['total'])}", title=says)


def _categories(scene: Scene) -> list[charts.Row]:
    view, counted = scene.view, dict(scene.figures.by_category)
    for code in view.categories:
        counted.setdefault(code, 0)
    return [
        charts.Row(category_name(scene, code), n, view.but(categories=toggle(view.categories, code)), code in view.categories)
        for code, n in counted.items()
    ]


def _channels(scene: Scene) -> list[charts.Row]:
    view, counted = scene.view, dict(scene.figures.by_source)
    for code in view.channels:
        counted.setdefault(code, 0)
    return [
        charts.Row(channel_name(code, scene.lang), n, view.but(channels=toggle(view.channels, code)), code in view.channels)
        for code, n in counted.items()
    ]

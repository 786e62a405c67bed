"""The panel of the picked area: who is responsible, the key figures, and charts that filter the map."""

from datetime import datetime, timedelta

from data.core.i18n import t
from data.core.viewer import Lang
from layers.incidents import SEVERITY_TITLES, STATE_TITLES
from layers.style import numbers
from layers.style.days import format_moment, format_period, format_written_day
from layers.style.measures import density, is_withheld
from layers.style.wording import CHANNEL_TITLES, format_area_count, local_label, local_name
from pages import area_sections, charts, html, people_register, saving
from pages.area_figures import figure, key_figures, when_where, where
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
        key_figures(scene),
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
        html.Div([figure(label, value, "", [], here) for label, value in figures], className="key-figures"),
        html.P(t(lang, "This city has no case data."), className="note"),
        *area_sections.rankings(scene),
    ]


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

"""The bar at the top: the current area with links to areas nearby, period, 2D or 3D, language, theme, and who is signed in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from data.core.i18n import languages, t
from data.core.period import Period
from data.core.viewer import Lang, Viewer
from data.figures.reports import DEFAULT_DAYS, Unit
from data.figures.types import AreaName
from layers.style import numbers
from layers.style.days import format_day, format_moment, format_period
from layers.style.wording import level_name, local_name
from layers.view import THEMES, View
from pages import html
from pages.area_sections import move_to_area
from pages.cards import clear_picks
from pages.components import attributes, choice, icon, link, menu, segment
from pages.desk_links import desk_address, figures_address, may_open_desk, reports_address
from pages.html import Child
from pages.scene import Scene
from pages.viewer_menu import viewer_menu

_MOST_ITEMS = 400
LANGUAGE_MARKS = {"zh": ("中", "中文"), "en": ("EN", "English")}


# ---- Breadcrumb ----


def breadcrumb(scene: Scene) -> list[Child]:
    """The path from the city to the current area; each step is a link, the last one has a menu of its siblings and parts."""
    lang, report, view = scene.lang, scene.report, scene.view
    steps: list[Child] = []
    path = _above(scene)
    for place, (area, seen) in enumerate(path):
        above = local_name(area, lang)
        # Where the bar is narrow, only the city and the area just above keep their names.
        looks = "step" if place == len(path) - 1 else "step between" if place else "step top"
        closed = html.Span(above, className=f"{looks} closed", title=t(lang, "Outside the area of your account"))
        step = link(move_to_area(view, area["code"]), above, above, className=looks) if seen else closed
        steps += [step, html.I("›", **attributes(aria_hidden="true"))]
    here = html.Span([html.B(local_name(report, lang)), icon("chevron", 16, 2)], className="here")
    label = t(lang, "{area}: neighbouring and smaller areas", area=local_name(report, lang))
    return [html.Div([*steps, menu("places", here, _places(scene), label)], className="steps"), *_keys(scene)]


def _above(scene: Scene) -> list[tuple[AreaName, bool]]:
    """The areas above, each with whether it can be opened. If the viewer may see only a functional zone, the zone is the area above."""
    report = scene.report
    above: list[tuple[AreaName, bool]] = [(area, area["seen"]) for area in report["ancestors"]]
    top = report["seen"]["figures"]
    if top and top["code"] != report["code"] and not any(seen for _, seen in above):
        above.append((top, True))
    return above


def _places(scene: Scene) -> list[Child]:
    report, lang = scene.report, scene.lang
    groups: list[Child] = []
    if report["children"]:
        groups += _group(scene, level_name(report, report["children"][0]["level"], lang), report["children"])
    if len(report["siblings"]) > 1:
        groups += _group(scene, level_name(report, report["level"], lang), report["siblings"])
    if report["zones"]:
        groups += _group(scene, t(lang, "Functional zones"), report["zones"])
    if len(scene.figures.cities) > 1:
        groups.append(html.Div(t(lang, "Cities"), className="menu-head"))
        for city in scene.figures.cities:
            target = View(area=city["code"], dim=scene.view.dim, theme=scene.view.theme, lang=scene.view.lang)
            groups.append(choice(target, local_name(city, lang), city["code"] == report["city"]["code"]))
    return groups or [html.Div(t(lang, "There are no neighbouring or smaller areas."), className="menu-head")]


def _group(scene: Scene, title: str, units: Sequence[Unit]) -> list[Child]:
    head = html.Div([title, html.Span(numbers.whole(len(units)))], className="menu-head")
    own = scene.report["code"]
    items = [
        choice(move_to_area(scene.view, unit["code"]), local_name(unit, scene.lang), unit["code"] == own) for unit in units[:_MOST_ITEMS]
    ]
    return [head, *items]


def _keys(scene: Scene) -> list[Child]:
    """Links for Esc and the arrow keys; the page's script uses them, and they are hidden."""
    view, report = scene.view, scene.report
    targets: dict[str, View] = {}
    if scene.card:
        targets["up"] = clear_picks(view)
    elif (above := _above(scene)) and above[-1][1]:
        targets["up"] = move_to_area(view, above[-1][0]["code"])
    codes = [unit["code"] for unit in report["siblings"]]
    if report["code"] in codes and len(codes) > 1:
        place = codes.index(report["code"])
        targets["previous"] = move_to_area(view, codes[place - 1])
        targets["next"] = move_to_area(view, codes[(place + 1) % len(codes)])
    return [html.A(href=to.search() or "?", hidden=True, **attributes(data_key=key)) for key, to in targets.items()]


# ---- Tools at the right ----


def tools(scene: Scene) -> list[Child]:
    """Tools for period, dimension, language, theme and person."""
    view, lang = scene.view, scene.lang
    flat = (view.but(dim="2d"), "2D", view.dim == "2d", t(lang, "2D map"))
    three = (view.but(dim="3d"), "3D", view.dim == "3d", t(lang, "3D map"))
    return [
        *old_data(scene),
        *_desk(scene),
        period_menu(scene),
        segment([flat, three], t(lang, "Map"), "dims"),
        *switches(view, lang),
        _corner(scene),
    ]


def _desk(scene: Scene) -> list[Child]:
    """The way to the desk with the same area, for whoever may see its cases singly; to reports for every person."""
    reports = html.A(t(scene.lang, "Reports (tab)"), href=reports_address(scene), target="_self", className="to-desk tab")
    if not (scene.report["seen"]["cases"] and may_open_desk(scene.viewer)):
        return [reports] if scene.viewer.may("password") else []
    return [
        html.A(t(scene.lang, "Cases (desk)"), href=desk_address(scene), target="_self", className="to-desk tab"),
        html.A(t(scene.lang, "Figures (desk)"), href=figures_address(scene), target="_self", className="to-desk tab"),
        reports,
    ]


def switches(view: View, lang: Lang) -> list[Child]:
    """Switches for language and theme; they work even if nothing else does."""
    return [_languages(view, lang), _theme(view, lang)]


def _languages(view: View, lang: Lang) -> html.Div:
    marks = [(code, *LANGUAGE_MARKS.get(code, (code.upper(), code))) for code in languages()]
    return segment([(view.but(lang=code), short, code == lang, full) for code, short, full in marks], t(lang, "Language"))


def _theme(view: View, lang: Lang) -> html.A:
    following = THEMES[(THEMES.index(view.theme) + 1) % len(THEMES)]
    names = {"auto": t(lang, "same as the system"), "light": t(lang, "light"), "dark": t(lang, "dark")}
    glyph = {"auto": "auto", "light": "sun", "dark": "moon"}[view.theme]
    text = t(lang, "Theme: {now}. Switch to {next}", now=names[view.theme], next=names[following])
    return link(view.but(theme=following), icon(glyph), text, className="round-button theme")


def _corner(scene: Scene) -> html.Details:
    notes = [str(note.get(scene.lang) or "") for note in scene.report["city"]["notes"]]
    return viewer_menu(scene.viewer, scene.report["seen"], switches(scene.view, scene.lang), notes)


def tools_alone(view: View, viewer: Viewer) -> list[Child]:
    """The tools that work if there is nothing to show."""
    return [*switches(view, viewer.lang), viewer_menu(viewer, None, switches(view, viewer.lang), [])]


# ---- Period ----


ENDING_TODAY = ("Last 7 days", "Last 30 days", "Last 90 days")


def presets(today: date) -> list[tuple[str, Period | None]]:
    """Name (a msgid) and days of every ready-made period; ``None`` is the default one, the last 30 days."""
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    return [
        ("Today", Period(today, today)),
        ("Last 7 days", Period.last_days(7, today)),
        ("Last 30 days", None),
        ("Last 90 days", Period.last_days(90, today)),
        ("This month", Period(first, today)),
        ("Last month", Period(before.replace(day=1), before)),
        ("This year", Period(today.replace(month=1, day=1), today)),
    ]


def name_preset(title: str, days: Period | None, scene: Scene) -> str:
    """The name of a ready-made period. Where its last day is not the present one, nothing is called “today”, “last” or “this”."""
    lang = scene.lang
    if scene.report["city"]["current"]:
        return t(lang, title)
    days = days or Period.last_days(DEFAULT_DAYS, scene.today)
    if title in ENDING_TODAY:
        return t(lang, "{n} days to {day}", n=days.days, day=format_day(days.end, lang))
    return format_period(days, lang)


def period_title(scene: Scene) -> str | None:
    """The name of the period shown if it is a ready-made one."""
    shown = scene.period
    for title, days in presets(scene.today):
        if (days or Period.last_days(DEFAULT_DAYS, scene.today)) == shown:
            return name_preset(title, days, scene)
    return None


def old_data(scene: Scene) -> list[Child]:
    """Up to which day the data reach, if that is not the present day."""
    city, lang = scene.report["city"], scene.lang
    if city["current"] or not city["has_cases"]:
        return []
    day = format_day(scene.today, lang, year=True)
    moment = format_moment(datetime.fromisoformat(city["as_of"]), lang)
    told = t(lang, "The newest cases are of {day}. Open and overdue cases are counted as of {moment}.", day=day, moment=moment)
    return [html.Span([icon("info", 14), html.Span(t(lang, "Data up to {day}", day=day))], className="old-data", title=told)]


def period_menu(scene: Scene) -> html.Details:
    """The menu of periods: ready-made ones, and two days to choose freely."""
    lang, shown, title = scene.lang, scene.period, period_title(scene)
    days = format_period(shown, lang, scene.today)
    summary = [icon("calendar"), html.Span(title or days, className="period-name")]
    if title:
        summary.append(html.Span(days, className="sub"))
    names = [(name_preset(name, when, scene), when) for name, when in presets(scene.today)]
    items: list[Child] = [choice(scene.view.but(period=when, window=None), name, title == name) for name, when in names]
    items.append(_own_days(scene, shown))
    return menu("period", [*summary, icon("chevron", 16, 2)], items, t(lang, "Period: {days}", days=f"{title} {days}" if title else days))


def _own_days(scene: Scene, shown: Period) -> html.Form:
    lang = scene.lang
    fields = [
        html.Label(
            [html.Span(text), html.Input(type="date", name=part, value=day.isoformat(), className="date", max=f"{scene.today.year}-12-31")]
        )
        for part, text, day in (("from", t(lang, "From"), shown.start), ("to", t(lang, "To"), shown.end))
    ]
    wrong = html.P(t(lang, "The start date must not be after the end date."), className="form-error", hidden=True, role="alert")
    return html.Form([*fields, wrong, html.Button(t(lang, "Apply"), type="submit", className="primary")], className="own-days")

"""The lower parts of the area panel: rankings, residents, buildings, facilities, and where the data come from."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from data.core.i18n import t
from data.core.rate_changes import RateChange
from data.figures.changes import Changes
from data.figures.reports import Unit
from layers.style import numbers
from layers.style.breaks import diverging_breaks, find_class
from layers.style.change import CHANCE, TOKENS, find_change_class, format_change, percent_of
from layers.style.days import format_moment, format_written_day
from layers.style.measures import MEASURES, Measure, format_value, is_withheld
from layers.style.theme import DIVERGING, css_variable
from layers.style.wording import level_name, local_label, local_name, pluralize
from layers.view import View
from pages import charts, html
from pages.components import heading, icon, withheld_mark
from pages.html import Child
from pages.scene import Scene

LONGEST_CHANGE = 300.0
"""A bar of change has its full length at this many percent."""


def move_to_area(view: View, code: str) -> View:
    """The view of another area, without the picked object and the camera of the old one."""
    return view.but(area=code, building=None, incident=None, facility=None, camera=None, units=None)


def rankings(scene: Scene) -> list[Child]:
    """Two rankings by the chosen measure: the parts of the area, and the area among its siblings."""
    report, lang = scene.report, scene.lang
    found: list[Child] = []
    if len(report["siblings"]) > 1:
        beside = pluralize(level_name(report, report["level"], lang), lang)
        above = report["ancestors"][-1] if report["ancestors"] else None
        title = (
            t(lang, "All {things} of {area}", area=local_name(above, lang), things=beside)
            if above
            else t(lang, "All {things}", things=beside)
        )
        found += _ranking(scene, title, report["siblings"])
    if report["children"]:
        below = pluralize(level_name(report, report["children"][0]["level"], lang), lang)
        found += _ranking(scene, t(lang, "All {things} of {area}", area=local_name(report, lang), things=below), report["children"])
    return found


def _ranking(scene: Scene, title: str, units: Sequence[Unit]) -> list[Child]:
    measure, lang, changes = MEASURES[scene.view.measure], scene.lang, scene.figures.changes
    if changes is None:
        rank, base = _rank_values(scene, units), _base(measure, [value for value in map(measure.value, units) if value is not None])
    else:
        rank, base = _rank_changes(scene, units, changes), 0.0
    what = t(lang, measure.title)
    return [heading(title, what), charts.ranking(rank, lang, what, base=base)]


def _rank_values(scene: Scene, units: Sequence[Unit]) -> list[charts.Ranked]:
    measure = MEASURES[scene.view.measure]
    values = {unit["code"]: measure.value(unit) for unit in units}
    colour = _colours(measure, [value for value in values.values() if value is not None], measure.value(scene.report))

    def row(unit: Unit, value: float | None) -> charts.Ranked:
        text = "" if value is None else format_value(measure, value)
        return _row(scene, unit, value, text, None if value is None or colour is None else colour(value))

    return [row(unit, values[unit["code"]]) for unit in _ordered(units, values)]


def _rank_changes(scene: Scene, units: Sequence[Unit], changes: Changes) -> list[charts.Ranked]:
    """By the change, largest growth first. Bars tell its size, whichever way it goes, and colours the way, if it is more than chance."""
    found = {unit["code"]: changes.of(unit["code"]) for unit in units}
    values = {code: percent_of(change) for code, change in found.items()}

    def row(unit: Unit, change: RateChange | None) -> charts.Ranked:
        index, length = find_change_class(change), _length(change)
        text = "" if change is None or length is None else format_change(change, scene.lang)
        return _row(scene, unit, length, text, css_variable("paused" if index in (None, CHANCE) else TOKENS[index or 0]))

    return [row(unit, found[unit["code"]]) for unit in _ordered(units, values)]


def _ordered(units: Sequence[Unit], values: Mapping[str, float | None]) -> list[Unit]:
    """The largest value first, then those without one; cases without a place come last."""

    def place(unit: Unit) -> tuple[bool, bool, float, str]:
        value = values[unit["code"]]
        return unit["origin"] == "unplaced", value is None, -(value or 0.0), unit["code"]

    return sorted(units, key=place)


def _row(scene: Scene, unit: Unit, value: float | None, text: str, colour: str | None) -> charts.Ranked:
    to = move_to_area(scene.view, unit["code"])
    return charts.Ranked(local_name(unit, scene.lang), value, text, to, own=unit["code"] == scene.report["code"], colour=colour)


def _length(change: RateChange | None) -> float | None:
    """The length of a bar of change, whichever way it goes: at most that of four times as many, so that the others can be compared."""
    percent = percent_of(change)
    return None if percent is None else min(abs(percent), LONGEST_CHANGE)


def _base(measure: Measure, known: Sequence[float]) -> float:
    """The value at which bars begin: a little below the lowest rate, because rates lie close together; 0 for counts."""
    if not measure.diverging or not known:
        return 0.0
    low, high = min(known), max(known)
    return max(low - max((high - low) * 0.3, 1.0), 0.0)


def _colours(measure: Measure, known: Sequence[float], own: float | None) -> Callable[[float], str] | None:
    """The map's colour of each value for rates; counts keep the plain bar colour."""
    if not measure.diverging or own is None or not known:
        return None
    breaks = diverging_breaks(list(known), own)
    return lambda value: css_variable(DIVERGING[find_class(value, breaks)])


def residents(scene: Scene) -> list[Child]:
    """Households, sexes and ages; empty if no population is known."""
    people, lang = scene.report["population"], scene.lang
    total = people["total"]
    if total is None and not people["hidden"]:
        return []
    facts = [(t(lang, "Residents"), _people(total, scene)), (t(lang, "Households"), _people(people["households"], scene))]
    if people["male"] is not None and people["female"]:
        facts.append((t(lang, "Men per 100 women"), f"{people['male'] / people['female'] * 100:.1f}"))
    if scene.report["area_m2"] and total is not None:
        facts.append((t(lang, "Residents per km²"), numbers.whole(total / (scene.report["area_m2"] / 1e6))))
    aside = t(lang, "as of {day}", day=format_written_day(people["as_of"], lang)) if people["as_of"] else ""
    methods = {
        "by_area": t(lang, "Distributed over the cells by area"),
        "by_buildings": t(lang, "Distributed over the cells by buildings"),
    }
    note = methods.get(people["method"] or "")
    return [
        heading(t(lang, "Residents"), aside),
        facts_list(facts),
        *([charts.age_bars(people["ages"], lang)] if people["ages"] else []),
        *([html.P(note, className="note")] if note else []),
        *[html.P(said, className="note") for said in _not_shown(scene)],
    ]


def _people(n: int | None, scene: Scene) -> Child:
    """A figure about people, or the mark that it is withheld."""
    return withheld_mark(scene.lang) if n is None and scene.report["population"]["hidden"] else numbers.whole(n)


def _not_shown(scene: Scene) -> list[str]:
    """What is left out of the figures about people, and why."""
    people, lang = scene.report["population"], scene.lang
    said = []
    if people["rounded"]:
        said.append(t(lang, "Figures about people are rounded to 5."))
    few = sum(1 for unit in scene.report["children"] if is_withheld(unit))
    if few and scene.report["level"] == "zone":
        one = t(lang, "1 cell with few people is not in these sums.")
        said.append(one if few == 1 else t(lang, "{n} cells with few people are not in these sums.", n=few))
    elif people["hidden"]:
        said.append(t(lang, "Figures that would reveal fewer than 5 people are not shown."))
    return said


def buildings(scene: Scene) -> list[Child]:
    """How many buildings, and how much floor they have."""
    held, lang = scene.report["buildings"], scene.lang
    if not held["total"]:
        return []
    facts = [
        (t(lang, "Buildings"), numbers.whole(held["total"])),
        (t(lang, "Footprint"), numbers.area(held["footprint_m2"], lang)),
        (t(lang, "Floor area"), numbers.area(held["floor_area_m2"], lang)),
    ]
    total = scene.report["population"]["total"]
    if total:
        facts.append((t(lang, "Floor area per resident"), f"{held['floor_area_m2'] / total:,.0f} m²"))
    return [heading(t(lang, "Buildings")), facts_list(facts)]


def facilities(scene: Scene) -> list[Child]:
    """Facilities by kind."""
    held, lang = scene.report["facilities"], scene.lang
    if not held["total"]:
        return []
    kinds = scene.report["kinds"]
    rows = [
        charts.Row(local_label(kind, kinds.get(kind), lang), n, None)
        for kind, n in sorted(held["by_kind"].items(), key=lambda pair: -pair[1])
    ]
    here = local_name(scene.report, lang)
    return [heading(t(lang, "Facilities"), numbers.whole(held["total"])), charts.count_bars(rows, lang, here)]


def sources(scene: Scene) -> list[Child]:
    """The moment for which the figures are valid, and the city's notes on its data."""
    city, lang = scene.report["city"], scene.lang
    notes = [str(note.get(lang) or note.get("zh") or "") for note in city["notes"]]
    as_of = t(lang, "Figures as of {when}", when=format_moment(datetime.fromisoformat(city["as_of"]), lang))
    return [html.Div([html.P([icon("info", 14), as_of]), *(html.P(note) for note in notes if note)], className="sources")]


def facts_list(facts: Sequence[tuple[str, Child]], wide: bool = False) -> html.Dl:
    """Labels and values, two in a line; one in a line if values are long."""
    return html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in facts], className="facts wide" if wide else "facts")

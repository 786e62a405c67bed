"""The panel of one picked building, incident or facility, with a link back to its area."""

import re
from datetime import datetime

from data.cases.stages import STEP_TITLES
from data.core.i18n import t
from data.core.viewer import Lang
from data.places.cards import AnyCard, BuildingCard, Card, CaseBeside, Event, FacilityCard, IncidentCard
from data.queries.objects import BESIDE_M
from data.schema import DEADLINE_STATES
from layers.style import numbers
from layers.style.days import format_day, format_moment
from layers.style.wording import STAGE_TITLES, local_name
from layers.view import View
from pages import html, people_register
from pages.area_panel import channel_name
from pages.area_sections import facts_list, move_to_area
from pages.components import attributes, heading, icon, link
from pages.desk_links import desk_address, may_open_desk
from pages.html import Child
from pages.scene import Scene

STATE_TITLES = {
    "overdue": "Overdue",
    "amber": "Due soon",
    "paused": "Paused",
    "on_time": "On time",
    "closed": "Closed",
    "ended": "Ended",
}
_MOST_ATTRIBUTES = 12
_CHINESE = re.compile("[\u3400-\u9fff]")


def panel(scene: Scene, card: AnyCard) -> list[Child]:
    """The card of the picked object."""
    lang = scene.lang
    return [
        link(
            clear_picks(scene.view), [icon("back", 16, 2), t(lang, "Back to {area}", area=local_name(scene.report, lang))], className="back"
        ),
        *_body(scene, card),
        *_place(scene, card),
        *_attributes(card, lang),
        *_as_recorded(card, lang),
        *_source(card, lang),
    ]


def _body(scene: Scene, card: AnyCard) -> list[Child]:
    if card["kind"] == "building":
        return _building(scene, card)
    return _incident(scene, card) if card["kind"] == "incident" else _facility(scene, card)


def clear_picks(view: View) -> View:
    """The same view with nothing picked."""
    return view.but(building=None, incident=None, facility=None)


def pick_object(view: View, kind: str, key: str | None) -> View:
    """The same view with one building, incident or facility picked; nothing is picked if it has another kind or no key."""
    plain = clear_picks(view)
    if kind == "building":
        return plain.but(building=key or None)
    if kind == "incident":
        return plain.but(incident=key or None)
    return plain.but(facility=key or None) if kind == "facility" else plain


def _in_language(card: Card, field: str, text: str | None, lang: Lang) -> str:
    """The text of a field: in English for English readers if the publisher gave an English text, otherwise the main text."""
    english = (card["attributes"] or {}).get(f"{field}_en") if lang == "en" else None
    return str(english or text or "")


def _kind_of(card: Card, lang: Lang) -> str:
    return local_name(card["category"], lang)


def _title(text: str, sub: str, symbol: str) -> html.Div:
    mark = html.Span(icon(symbol, 20), className="mark")
    return html.Div([mark, html.Div([html.H1(text), html.Div(sub, className="sub")])], className="title card-title")


def _building(scene: Scene, card: BuildingCard) -> list[Child]:
    lang = scene.lang
    title = _in_language(card, "name", card["name"], lang) or _in_language(card, "address", card["address"], lang) or t(lang, "Building")
    origins = {"floors": t(lang, "from floors × 3 m"), "none": t(lang, "unknown")}
    height = f"{card['height_m']:,.0f} m" if card["height_m"] else numbers.NONE
    facts = [
        (t(lang, "Floors"), numbers.whole(card["floors"])),
        (t(lang, "Height"), " ".join(part for part in (height, origins.get(card["height_origin"], "")) if part)),
        *([(t(lang, "Residents"), numbers.whole(card["residents"] or None))] if card["residents"] is not None else []),
        (t(lang, "Footprint"), numbers.area(card["footprint_m2"], lang)),
        (t(lang, "Built"), str(card["year_built"] or numbers.NONE)),
    ]
    question = {"of": "building", "key": card["key"]}
    who = [people_register.list_button(t(lang, "Who lives here"), question)] if scene.viewer.may("find_people") else []
    head = _title(title, _kind_of(card, lang), card["category"]["symbol"] or "building")
    return [head, facts_list(facts), *who, *_cases_beside(scene, card)]


def _cases_beside(scene: Scene, card: BuildingCard) -> list[Child]:
    """The cases at a building, each with its deadline and the way to the desk; how many are not listed is said."""
    told, lang = card["cases"], scene.lang
    if told is None:
        return [heading(t(lang, "Cases")), html.P(t(lang, "Single cases are not shown to this account."), className="note")]
    title = heading(
        t(lang, "Cases at the building"), t(lang, "{open} open, {all} in all", open=told["open"], all=numbers.whole(told["total"]))
    )
    found: list[Child] = [title, html.P(t(lang, "Up to {n} m away.", n=BESIDE_M), className="sub")]
    if told["rows"]:
        found.append(html.Ol([_case_beside(scene, row) for row in told["rows"]], className="cases-beside"))
    more = told["total"] - len(told["rows"])
    return [*found, *([html.P(t(lang, "{n} more are not listed.", n=numbers.whole(more)), className="note")] if more else [])]


def _case_beside(scene: Scene, row: CaseBeside) -> html.Li:
    lang, named = scene.lang, row["title"] or local_name(row["category"], scene.lang)
    when = _moment(row["due_at"], lang, row["due_is_day"])
    due = t(lang, "due {time}", time=when) if row["due_at"] and row["state"] in DEADLINE_STATES else _moment(row["reported_at"], lang)
    inside: list[Child] = [
        html.Span(t(lang, STATE_TITLES.get(row["state"], "On time")), className=f"chip {row['state']}"),
        link(pick_object(scene.view, "incident", row["key"]), named, className="plain"),
        html.Span(f"{row['number']} · {due}", className="sub"),
    ]
    if may_open_desk(scene.viewer):
        ended = {"state": row["state"]} if row["state"] not in DEADLINE_STATES else {}
        text, label = t(lang, "Desk"), t(lang, "Desk: open {number}", number=row["number"])
        address = desk_address(scene, case=row["number"], **ended)
        inside.append(html.A(text, href=address, target="_self", title=label, className="plain to-desk", **attributes(aria_label=label)))
    return html.Li(inside)


def _facility(scene: Scene, card: FacilityCard) -> list[Child]:
    kind = _kind_of(card, scene.lang)
    return [_title(_in_language(card, "name", card["name"], scene.lang) or kind, kind, card["category"]["symbol"] or "place")]


def _incident(scene: Scene, card: IncidentCard) -> list[Child]:
    lang = scene.lang
    kind, state = _kind_of(card, lang), card["state"]
    title = _in_language(card, "title", card["title"], lang) or kind
    told, moment = _state_text(scene, card), datetime.fromisoformat(scene.report["city"]["as_of"])
    if state in DEADLINE_STATES and not scene.report["city"]["current"]:
        told = t(lang, "{state} (as of {day})", state=told, day=format_day(moment.date(), lang, year=True))
    chip = html.Span(told, className=f"chip {state}")
    facts = [
        (t(lang, "Stage"), t(lang, STAGE_TITLES.get(card["stage"], "In progress"))),
        (t(lang, "Source"), channel_name(card["channel"], lang)),
        (t(lang, "Reported at"), _moment(card["reported_at"], lang, card["reported_is_day"])),
        (t(lang, "Due at"), _moment(card["due_at"], lang, card["due_is_day"])),
        (t(lang, "Closed at"), _moment(card["closed_at"], lang, card["closed_is_day"])),
        (t(lang, "Handled by"), _handler(card, lang)),
    ]
    return [
        _title(title, f"{kind} · {card['number']}", card["category"]["symbol"] or "incident"),
        html.Div(chip, className="chips"),
        *_to_desk(scene, card),
        facts_list(facts, wide=True),
        *_reporter(scene, card),
        *_history(card, lang),
    ]


def _handler(card: IncidentCard, lang: Lang) -> str:
    """Who handles it: the name of its unit, or what was published."""
    english = card["handler_en"] if lang == "en" else None
    return english or _in_language(card, "handler", card["handler"], lang) or numbers.NONE


def _to_desk(scene: Scene, card: IncidentCard) -> list[Child]:
    """The way to the desk, where the case can be worked on; empty for viewers to whom it is not open."""
    if not may_open_desk(scene.viewer):
        return []
    state = {"state": card["state"]} if card["state"] in ("closed", "ended") else {}
    address = desk_address(scene, case=card["number"], **state)
    return [html.A(t(scene.lang, "Open at the desk"), href=address, target="_self", className="act to-desk")]


def _reporter(scene: Scene, card: IncidentCard) -> list[Child]:
    """Who reported it, masked; empty if that is not known or not visible to this viewer."""
    told, lang = card["reporter"], scene.lang
    if not told:
        return []
    facts = [(t(lang, "Full name"), told["name"]), (t(lang, "Telephone"), told["phone"] or numbers.NONE)]
    return [heading(t(lang, "Reported by")), facts_list(facts), *people_register.reveal_form("reporter", told["key"], scene.viewer)]


def _state_text(scene: Scene, card: IncidentCard) -> str:
    """The deadline's state; for overdue cases also for how long."""
    lang, state = scene.lang, card["state"]
    if state == "overdue" and card["due_at"]:
        late = datetime.fromisoformat(scene.report["city"]["as_of"]) - datetime.fromisoformat(card["due_at"])
        hours = int(late.total_seconds() // 3600)
        if hours < 48:
            return t(lang, "Overdue by 1 hour") if hours <= 1 else t(lang, "Overdue by {n} hours", n=hours)
        return t(lang, "Overdue by {n} days", n=numbers.whole(hours // 24))
    return t(lang, STATE_TITLES.get(state, "On time"))


def _moment(value: str | None, lang: Lang, is_day: bool = False) -> str:
    """Day and minute, or the day alone where no more is known."""
    if not value:
        return numbers.NONE
    at = datetime.fromisoformat(value)
    return format_day(at.date(), lang, year=True) if is_day else format_moment(at, lang)


def _title_event(event: Event, lang: Lang) -> str:
    """What was done; of published cases only the stage is known."""
    if event["step"] == "stage":
        return t(lang, STAGE_TITLES.get(event["stage"], "In progress"))
    return t(lang, STEP_TITLES.get(event["step"], event["step"]))


def _said(event: Event, lang: Lang) -> tuple[str | None, str | None]:
    """Who did it, and what they said, in English where it is there in English."""
    if lang != "en":
        return event["actor"], event["remark"]
    return event["actor_en"] or event["actor"], event["remark_en"] or event["remark"]


def _history(card: IncidentCard, lang: Lang) -> list[Child]:
    if not card["events"]:
        return []
    steps = [
        html.Li(
            [
                html.Span(_moment(event["at"], lang, event["is_day"]), className="sub"),
                html.B(_title_event(event, lang)),
                html.Span(" · ".join(part for part in _said(event, lang) if part), className="sub"),
            ]
        )
        for event in card["events"]
    ]
    return [heading(t(lang, "History"), t(lang, "{n} steps", n=len(steps))), html.Ol(steps, className="history")]


def _place(scene: Scene, card: Card) -> list[Child]:
    lang = scene.lang
    chain: list[Child] = []
    for area in card["areas"]:
        chain += [
            link(move_to_area(scene.view, area["code"]), local_name(area, lang), className="plain"),
            html.I("›", **attributes(aria_hidden="true")),
        ]
    facts: list[tuple[str, Child]] = [
        (t(lang, "Address"), _in_language(card, "address", card["address"], lang) or numbers.NONE),
        (t(lang, "Area"), html.Span(chain[:-1], className="chain")),
    ]
    known = card["lon"] is not None and card["lat"] is not None
    facts.append((t(lang, "Coordinates"), f"{card['lon']:.5f}, {card['lat']:.5f}" if known else t(lang, "None known: on no map")))
    if card["grid_method"] == "nearest":
        facts.append((t(lang, "Grid cell"), t(lang, "the nearest one (the place is outside every cell)")))
    return [heading(t(lang, "Place")), facts_list(facts, wide=True)]


def _as_recorded(card: AnyCard, lang: Lang) -> list[Child]:
    """For English readers: that some texts stand in the language in which they were recorded, if any does."""
    english = card["attributes"] or {}
    names = ("title", "name", "address", "handler")
    held = [card.get(name) for name in names if not (english.get(f"{name}_en") or card.get(f"{name}_en"))]
    if card["kind"] == "incident":
        held += [text for event in card["events"] for text in _said(event, lang)]
    if lang != "en" or not any(_CHINESE.search(str(text)) for text in held if text):
        return []
    return [html.P(t(lang, "Some texts are shown in the language in which they were recorded."), className="note")]


def _attributes(card: Card, lang: Lang) -> list[Child]:
    """Further fields of the publisher, for which we have no column."""
    given = (card["attributes"] or {}).items()
    held = [(str(key), str(value)) for key, value in given if value not in (None, "") and key.removesuffix("_en") not in card]
    if not held:
        return []
    return [heading(t(lang, "As published"), t(lang, "{n} fields", n=len(held))), facts_list(held[:_MOST_ATTRIBUTES], wide=True)]


def _source(card: Card, lang: Lang) -> list[Child]:
    source = card["source"]
    texts = [part for part in (source["name"], source["department"], source["licence"]) if part]
    if not texts:
        return []
    fresh = t(lang, "refreshed {when}", when=_moment(source["refreshed_at"], lang)) if source["refreshed_at"] else ""
    return [html.Div(html.P([icon("info", 14), " · ".join([*texts, *([fresh] if fresh else [])])]), className="sources")]

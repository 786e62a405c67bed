"""The panel of one picked building, incident or facility, with a way back to its area."""

from datetime import datetime
from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from layers.style.wording import name
from layers.view import View
from pages import html, numbers, people_register
from pages.area_panel import channel_name
from pages.area_sections import facts_list, opened
from pages.components import attributes, heading, icon, link
from pages.scene import Scene

STATE_TITLES = {
    "overdue": "Overdue",
    "amber": "Due soon",
    "paused": "Paused",
    "on_time": "On time",
    "closed": "Closed",
    "ended": "Ended",
}
STAGE_TITLES = {
    "reported": "Reported",
    "filed": "Filed",
    "dispatched": "Dispatched",
    "in_progress": "In progress",
    "feedback": "Feedback given",
    "closed": "Closed",
    "evaluated": "Evaluated",
    "void": "Void",
    "duplicate": "Duplicate",
    "not_responsible": "Not responsible",
    "referred": "Referred",
}
_MOST_ATTRIBUTES = 12

Card = dict[str, Any]


def panel(scene: Scene, kind: str, card: Card) -> list[Any]:
    """The card of whatever is picked."""
    lang = scene.lang
    body = {"building": _building, "incident": _incident, "facility": _facility}[kind](scene, card)
    return [
        link(unpicked(scene.view), [icon("back", 16, 2), t(lang, "Back to {area}", area=name(dict(scene.report), lang))], className="back"),
        *body,
        *_place(scene, card),
        *_attributes(card, lang),
        *_source(card, lang),
    ]


def unpicked(view: View) -> View:
    """The same view with nothing picked."""
    return view.but(building=None, incident=None, facility=None)


def _told(card: Card, field: str, lang: Lang) -> str:
    """A text in the reader's language, where the publisher gave it in English beside the main one."""
    english = (card["attributes"] or {}).get(f"{field}_en") if lang == "en" else None
    return str(english or card[field] or "")


def _kind_of(card: Card, lang: Lang) -> str:
    return name(card["category"], lang)


def _title(text: str, sub: str, symbol: str) -> html.Div:
    mark = html.Span(icon(symbol, 20), className="mark")
    return html.Div([mark, html.Div([html.H1(text), html.Div(sub, className="sub")])], className="title card-title")


def _building(scene: Scene, card: Card) -> list[Any]:
    lang = scene.lang
    title = _told(card, "name", lang) or _told(card, "address", lang) or t(lang, "Building")
    origins = {"floors": t(lang, "from floors × 3 m"), "none": t(lang, "unknown")}
    height = f"{card['height_m']:,.0f} m" if card["height_m"] else "—"
    facts = [
        (t(lang, "Floors"), numbers.whole(card["floors"])),
        (t(lang, "Height"), " ".join(part for part in (height, origins.get(card["height_origin"], "")) if part)),
        *([(t(lang, "Residents"), numbers.whole(card["residents"] or None))] if card["residents"] is not None else []),
        (t(lang, "Footprint"), numbers.area(card["footprint_m2"], lang)),
        (t(lang, "Built"), str(card["year_built"] or "—")),
    ]
    who = (
        [people_register.listing(t(lang, "Who lives here"), {"of": "building", "key": card["key"]})]
        if scene.viewer.may("find_people")
        else []
    )
    return [_title(title, _kind_of(card, lang), card["category"]["symbol"] or "building"), facts_list(facts), *who]


def _facility(scene: Scene, card: Card) -> list[Any]:
    kind = _kind_of(card, scene.lang)
    return [_title(_told(card, "name", scene.lang) or kind, kind, card["category"]["symbol"] or "place")]


def _incident(scene: Scene, card: Card) -> list[Any]:
    lang = scene.lang
    kind, state = _kind_of(card, lang), card["state"]
    chip = html.Span(_state_text(scene, card), className=f"chip {state}")
    facts = [
        (t(lang, "Stage"), t(lang, STAGE_TITLES.get(card["stage"], "In progress"))),
        (t(lang, "Source"), channel_name(card["channel"], lang)),
        (t(lang, "Reported at"), _moment(card["reported_at"], lang)),
        (t(lang, "Due at"), _moment(card["due_at"], lang)),
        (t(lang, "Closed at"), _moment(card["closed_at"], lang)),
        (t(lang, "Handled by"), _told(card, "handler", lang) or "—"),
    ]
    return [
        _title(_told(card, "title", lang) or kind, f"{kind} · {card['number']}", card["category"]["symbol"] or "incident"),
        html.Div(chip, className="chips"),
        facts_list(facts, wide=True),
        *_reporter(scene, card),
        *_history(card, lang),
    ]


def _reporter(scene: Scene, card: Card) -> list[Any]:
    """Who reported it, masked; nothing where that is not known, or not for this viewer."""
    told, lang = card["reporter"], scene.lang
    if not told:
        return []
    facts = [(t(lang, "Full name"), told["name"]), (t(lang, "Telephone"), told["phone"] or "—")]
    return [heading(t(lang, "Reported by")), facts_list(facts), *people_register.revealing("reporter", told["key"], scene.viewer)]


def _state_text(scene: Scene, card: Card) -> str:
    """The deadline's state, for overdue cases with how long."""
    lang, state = scene.lang, card["state"]
    if state == "overdue" and card["due_at"]:
        late = datetime.fromisoformat(scene.report["city"]["as_of"]) - datetime.fromisoformat(card["due_at"])
        hours = int(late.total_seconds() // 3600)
        if hours < 48:
            return t(lang, "Overdue by {n} hours", n=max(hours, 1))
        return t(lang, "Overdue by {n} days", n=numbers.whole(hours // 24))
    return t(lang, STATE_TITLES.get(state, "On time"))


def _moment(value: str | None, lang: Lang) -> str:
    return numbers.moment(datetime.fromisoformat(value), lang) if value else "—"


def _history(card: Card, lang: Lang) -> list[Any]:
    if not card["events"]:
        return []
    steps = [
        html.Li(
            [
                html.Span(_moment(event["at"], lang), className="sub"),
                html.B(t(lang, STAGE_TITLES.get(event["stage"], "In progress"))),
                html.Span(" · ".join(part for part in (event["actor"], event["remark"]) if part), className="sub"),
            ]
        )
        for event in card["events"]
    ]
    return [heading(t(lang, "History"), t(lang, "{n} steps", n=len(steps))), html.Ol(steps, className="history")]


def _place(scene: Scene, card: Card) -> list[Any]:
    lang = scene.lang
    chain = []
    for area in card["areas"]:
        chain += [
            link(opened(scene.view, area["code"]), name(area, lang), className="plain"),
            html.I("›", **attributes(aria_hidden="true")),
        ]
    facts: list[tuple[str, Any]] = [
        (t(lang, "Address"), _told(card, "address", lang) or "—"),
        (t(lang, "Area"), html.Span(chain[:-1], className="chain")),
    ]
    facts.append((t(lang, "Coordinates"), f"{card['lon']:.5f}, {card['lat']:.5f}"))
    if card["grid_method"] == "nearest":
        facts.append((t(lang, "Grid cell"), t(lang, "the nearest one: it stands outside every cell")))
    return [heading(t(lang, "Place")), facts_list(facts, wide=True)]


def _attributes(card: Card, lang: Lang) -> list[Any]:
    """What the publisher gave beyond our own columns."""
    given = (card["attributes"] or {}).items()
    held = [(str(key), str(value)) for key, value in given if value not in (None, "") and key.removesuffix("_en") not in card]
    if not held:
        return []
    return [heading(t(lang, "As published"), t(lang, "{n} fields", n=len(held))), facts_list(held[:_MOST_ATTRIBUTES], wide=True)]


def _source(card: Card, lang: Lang) -> list[Any]:
    source = card["source"]
    texts = [part for part in (source["name"], source["department"], source["licence"]) if part]
    if not texts:
        return []
    fresh = t(lang, "refreshed {when}", when=_moment(source["refreshed_at"], lang)) if source["refreshed_at"] else ""
    return [html.Div(html.P([icon("info", 14), " · ".join([*texts, *([fresh] if fresh else [])])]), className="sources")]

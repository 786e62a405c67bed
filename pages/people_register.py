"""The register of people on the page: search and buttons, masked lists, and one full record.

Each question is in a button or a form; ``assets/scripts/page/register.js`` sends it. The answer is shown in a drawer above the panel,
which is emptied when the reader goes elsewhere. No part of it is ever in an address.
"""

import json

from data.core.errors import GridwellError
from data.core.i18n import t, tell
from data.core.viewer import Lang, Viewer
from data.people.register import LONGEST_NAME, LONGEST_PURPOSE, Listing, MaskedPerson, Revealed
from layers.style import numbers
from pages import html
from pages.area_sections import facts_list
from pages.components import attributes, heading, icon
from pages.html import Child
from pages.scene import Scene

PURPOSE_TITLES = ("Visit on duty", "Handling of a case", "Help in an emergency", "Correction of data", "Asked for by the person")
SEX_TITLES = {"M": "male", "F": "female"}
RESIDENCE_TITLES = {"registered": "Registered here", "floating": "From elsewhere", "overseas": "From abroad"}
DOCUMENT_TITLES = {
    "resident_card": "Identity card",
    "passport": "Passport",
    "travel_permit": "Travel permit",
    "residence_permit": "Residence permit",
}


def question_attributes(question: dict[str, str]) -> dict[str, str]:
    """The attribute with which a button or form asks the register."""
    return attributes(data_people=json.dumps(question))


# ---- Questions ----


def section(scene: Scene) -> list[Child]:
    """Search for people, and the list of residents of a cell; empty for viewers who may not see the register."""
    lang, report = scene.lang, scene.report
    if not scene.viewer.may("find_people"):
        return []
    label = t(lang, "Full name, ID or phone number")
    field = html.Input(name="text", type="text", autoComplete="off", maxLength=LONGEST_NAME, placeholder=label, className="field")
    form = html.Form(
        [_labelled(label, field), html.Button(t(lang, "Find"), type="submit", className="act")],
        className="ask",
        **question_attributes({"do": "find"}),
    )
    whole = (
        []
        if any(unit["origin"] != "unplaced" for unit in report["children"])
        else [list_button(t(lang, "Who lives here"), {"of": "area", "key": report["code"]})]
    )
    return [
        heading(t(lang, "Register of people")),
        form,
        *whole,
        html.P(t(lang, "Searches and lists are written to the audit log."), className="note"),
    ]


def list_button(text: str, question: dict[str, str]) -> html.Button:
    """A button that lists people, masked."""
    return html.Button(
        [icon("person", 16), text], type="button", className="act plain-act", **question_attributes({"do": "list", **question})
    )


def reveal_form(of: str, key: str, viewer: Viewer, text: str | None = None) -> list[Child]:
    """A fold that asks for a purpose and then opens one record; empty for viewers who may not open it."""
    lang = viewer.lang
    if not viewer.may("call" if of == "head" else "reveal"):
        return []
    label, usual = t(lang, "Purpose"), f"purposes-{of}-{key}"
    field = html.Input(
        name="purpose", type="text", autoComplete="off", maxLength=LONGEST_PURPOSE, placeholder=label, list=usual, className="field"
    )
    button = html.Button(t(lang, "Open the record"), type="submit", className="act")
    form = html.Form(
        [_labelled(label, field), _purposes(usual, lang), button],
        className="ask",
        **question_attributes({"do": "reveal", "of": of, "key": key}),
    )
    summary = html.Summary(text or t(lang, "Show in full"), className="more")
    return [html.Details([summary, form], className="reveal")]


def _labelled(label: str, field: html.Input) -> html.Label:
    """A field with a visible label, because the placeholder disappears when somebody types."""
    return html.Label([html.Span(label, className="unseen"), field], className="ask-field")


def _purposes(name: str, lang: Lang) -> html.Datalist:
    """Usual purposes, which the field suggests; it also accepts any other text."""
    return html.Datalist([html.Option(value=t(lang, title)) for title in PURPOSE_TITLES], id=name)


# ---- Answers ----


def drawer(title: str, body: list[Child], lang: Lang) -> list[Child]:
    """The drawer with a button that closes it."""
    text = t(lang, "Close this panel")
    close = html.Button(
        icon("close", 16, 2.2),
        type="button",
        className="drawer-close",
        title=text,
        **attributes(aria_label=text),
        **question_attributes({"do": "close"}),
    )
    return [html.Div([html.H2(title, tabIndex=-1), close], className="drawer-head"), html.Div(body, className="drawer-body")]


def people_list(found: Listing, viewer: Viewer) -> list[Child]:
    """A masked list."""
    lang = viewer.lang
    if not found.people:
        return drawer(t(lang, "No match"), [html.P(t(lang, "No match in your area. Enter complete names and numbers."))], lang)
    n = len(found.people)
    title = t(lang, "First {n} people", n=n) if found.more else t(lang, "{n} people", n=n)
    more = [html.P(t(lang, "More people match than are listed here."), className="note")] if found.more else []
    return drawer(title, [html.Ol([_line(one, viewer) for one in found.people], className="people"), *more], lang)


def _line(one: MaskedPerson, viewer: Viewer) -> html.Li:
    lang = viewer.lang
    sex, residence = t(lang, SEX_TITLES.get(one.sex, one.sex)), t(lang, RESIDENCE_TITLES.get(one.residence, one.residence))
    born = t(lang, "born {year}", year=one.birth_year)
    place = (one.area_en if lang == "en" else one.area) or one.area
    numbers = [part for part in (one.id_number, one.phone) if part]
    facts = [" · ".join([sex, born, residence, *([place] if place else [])]), *([" · ".join(numbers)] if numbers else [])]
    return html.Li([html.B(one.name), *(html.Span(fact, className="sub") for fact in facts), *reveal_form("person", one.key, viewer)])


def full_record(found: Revealed, lang: Lang) -> list[Child]:
    """One record in full."""
    document = t(lang, DOCUMENT_TITLES.get(found.id_kind or "", "Identity document"))
    facts: list[tuple[str, Child]] = [(t(lang, "Full name"), found.name)]
    if found.birth_date:
        facts.append((t(lang, "Date of birth"), found.birth_date.isoformat()))
    if found.id_number:
        facts.append((document, found.id_number))
    facts.append((t(lang, "Telephone"), found.phone or numbers.NONE))
    noted = t(lang, "This access and its purpose have been logged.")
    return drawer(t(lang, "One record"), [facts_list(facts, wide=True), html.P(noted, className="note")], lang)


def refusal(error: GridwellError, lang: Lang) -> list[Child]:
    """Why there is no answer."""
    return drawer(t(lang, "Not shown"), [html.P(tell(lang, error))], lang)

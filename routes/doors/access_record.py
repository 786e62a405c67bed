"""The access record of a person, as it is printed: who saw this person's data, when, and what for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from starlette.responses import HTMLResponse

from data.auditing.reader import Record
from data.core.i18n import t
from routes.doors.audit_rows import action_title, shown_moment, subject, who
from routes.doors.frame import Look, column
from routes.doors.markup import Content, Markup, tag
from routes.doors.words import pairs, section

Row = Mapping[str, Any]
_PRINT = Markup("document.querySelector('.print').addEventListener('click', () => print())")


def record_page(look: Look, records: Sequence[Record], purpose: str, made: datetime, clock: tzinfo, nonce: str) -> HTMLResponse:
    """One record, or several where a number stands in the register more than once."""
    lang = look.lang
    back = tag("a", t(lang, "Back to the log"), href="/audit", class_="button second small")
    printing = tag("button", t(lang, "Print"), type="button", class_="print small")
    made_when = (t(lang, "Made"), [shown_moment(made, clock), " ", str(clock)])
    facts: list[tuple[str, Content]] = [made_when, (t(lang, "Made by"), look.who or "–"), (t(lang, "What for"), purpose)]
    shown = [_record(lang, one, clock) for one in records]
    return column(
        look,
        t(lang, "Access record"),
        tag("div", printing, back, class_="actions unprinted"),
        pairs(*facts),
        shown or tag("p", t(lang, "Nobody in the register has this number."), class_="notice"),
        tag("p", t(lang, "That this record was made stands in the audit log, too."), class_="hint"),
        tag("script", _PRINT, nonce=nonce),
    )


def _record(lang: str, one: Record, clock: tzinfo) -> Markup:
    full = _table(lang, one.full, clock, t(lang, "Nobody opened this record."))
    title = one.shown or t(lang, "Not in the register (any more)")
    listed: Content = None
    if one.listed:
        told = t(lang, "Lists of the building or cell in which this person is registered now; names and numbers were masked.")
        listed = [tag("h3", t(lang, "Seen in a list, masked")), tag("p", told, class_="hint"), _table(lang, one.listed, clock, "")]
    return section(title, tag("h3", t(lang, "Opened in full")), full, listed, note=one.person, class_="record")


def _table(lang: str, rows: Sequence[Row], clock: tzinfo, nothing: str) -> Markup:
    if not rows:
        return tag("p", nothing, class_="muted")
    heads = (t(lang, "When"), t(lang, "Who"), t(lang, "What"), t(lang, "What for"), t(lang, "No."))
    cells = [
        [
            shown_moment(row["at"], clock),
            who(lang, row),
            action_title(lang, row["action"]),
            row["purpose"] or subject(lang, row),
            f"{row['no']}",
        ]
        for row in rows
    ]
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [tag("tr", [tag("td", cell) for cell in row]) for row in cells]),
        class_="log",
    )

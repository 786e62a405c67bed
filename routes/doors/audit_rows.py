"""Rows of the audit log in words."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from data.auditing.words import ACTION_TITLES, group_of
from data.i18n import t
from pages.corner import ROLE_TITLES
from routes.doors.markup import Content, Markup, tag

Row = Mapping[str, Any]
MOST_FACTS = 12
FACT_TITLES = {
    "account": "account",
    "action": "what",
    "changed": "changed",
    "days": "days",
    "demo": "demo city",
    "detail": "level of detail",
    "figures": "area compared",
    "format": "format",
    "found": "found",
    "identity": "identity",
    "kind": "kind",
    "known": "known account",
    "lang": "language",
    "link": "link for",
    "must_change": "has to change it",
    "newest": "key",
    "outcome": "outcome",
    "people": "people",
    "person": "person",
    "rejected": "rows rejected",
    "reporters": "reporters",
    "role": "role",
    "rows": "rows",
    "run": "run",
    "scope": "area",
    "sessions": "sessions",
    "shown": "name on the page",
    "since": "from",
    "today": "day",
    "token": "token",
    "until": "to",
    "wanted": "wanted",
    "way": "way",
}
_LEFT_OUT = {"settings"}
"""All settings as they are: what changed says enough."""


def action_title(lang: str, action: str) -> str:
    """What was done."""
    return t(lang, ACTION_TITLES[action]) if action in ACTION_TITLES else action


def shown_moment(moment: datetime, clock: tzinfo) -> Markup:
    """A moment in the log's zone, to the second."""
    local = moment.astimezone(clock)
    return tag("time", f"{local:%Y-%m-%d %H:%M:%S}", datetime=local.isoformat(timespec="milliseconds"), title=f"{local:%Z}")


def who(lang: str, row: Row) -> list[Content]:
    """The account and its role."""
    role = ROLE_TITLES.get(row["role"])
    name = row["account"] if row["account"] != "-" else t(lang, "not signed in")
    return [tag("b", name), tag("span", t(lang, role), class_="hint") if role else None]


def row_cells(lang: str, row: Row, clock: tzinfo) -> list[Content]:
    """The cells of a row on the auditor's page."""
    what = tag("b", action_title(lang, row["action"]), class_=f"act {group_of(row['action'])}")
    about = tag("a", row["person"], href=f"/audit?{urlencode({'person': row['person']})}", class_="code") if row["person"] else None
    subject = tag("span", row["subject"], class_="subject") if row["subject"] and row["subject"] != row["account"] else None
    told = " · ".join(facts(lang, row["detail"]))
    return [
        shown_moment(row["at"], clock),
        who(lang, row),
        [what, subject, about, tag("span", told, class_="hint") if told else None],
        row["purpose"],
        tag("span", row["address"], class_="code") if row["address"] != "-" else None,
        tag("span", f"{row['no']}", class_="code muted"),
    ]


def facts(lang: str, detail: Mapping[str, Any]) -> list[str]:
    """Further facts, each in a few words; of very many the first."""
    found = list(_facts(lang, detail))
    return found[:MOST_FACTS] + (["…"] if len(found) > MOST_FACTS else [])


def _facts(lang: str, detail: Mapping[str, Any]) -> Iterator[str]:
    for name, value in detail.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(value, dict):
            yield from _facts(lang, value)
        else:
            title = t(lang, FACT_TITLES[name]) if name in FACT_TITLES else name
            yield t(lang, "{name}: {value}", name=title, value=_value(lang, value))


def _value(lang: str, value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{_value(lang, value[0])} → {_value(lang, value[1])}"
    if isinstance(value, bool):
        return t(lang, "yes") if value else t(lang, "no")
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

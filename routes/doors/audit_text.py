"""Rows of the audit log in words."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from data.core.i18n import t
from data.schema.audit_actions import ACTION_TITLES, GROUP_TITLES, group_of
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
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
    "files": "files",
    "format": "format",
    "found": "found",
    "identity": "identity",
    "kind": "kind",
    "codes": "codes",
    "known": "known account",
    "left": "left",
    "lang": "language",
    "link": "link for",
    "must_change": "has to change it",
    "newest": "key",
    "outcome": "outcome",
    "people": "people",
    "person": "person",
    "reason": "reason",
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
VALUE_TITLES = {
    "*": "Everywhere",
    "code": "one-time code",
    "confirm": "asked once more",
    "device": "display",
    "dry_run": "dry run",
    "failed": "failed",
    "first": "first administrator",
    "id": "identity number",
    "key": "key of the row",
    "loaded": "loaded",
    "name": "by name",
    "oidc": "identity provider",
    "password": "password",
    "personal": "program",
    "phone": "telephone number",
    "recovery": "recovery code",
    "unchanged": "nothing new",
}
KIND_TITLES = {"person": "person", "building": "building", "area": "area", "incident": "case"}
"""First words of subjects."""
_VALUES_OF: Mapping[str, Mapping[str, str]] = {
    "action": {**GROUP_TITLES, **ACTION_TITLES},
    "detail": DETAIL_TITLES,
    "role": ROLE_TITLES,
    **dict.fromkeys(("figures", "kind", "link", "outcome", "scope", "way"), VALUE_TITLES),
}
"""Whose values are words of ours; what people wrote stays as it is."""
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
    whom = subject(lang, row)
    named = tag("span", whom, class_="subject") if whom and whom != row["account"] else None
    told = " · ".join(facts(lang, row["detail"]))
    return [
        shown_moment(row["at"], clock),
        who(lang, row),
        [what, named, about, tag("span", told, class_="hint") if told else None],
        row["purpose"],
        tag("span", row["address"], class_="code") if row["address"] != "-" else None,
        tag("span", f"{row['no']}", class_="code muted"),
    ]


def subject(lang: str, row: Row) -> str:
    """To what it was done."""
    told: str = row["subject"]
    kind, _, which = told.partition(" ")
    if which and kind in KIND_TITLES:
        return f"{t(lang, KIND_TITLES[kind])} {which}"
    by_what = row["action"] in {"search_people", "access_record"}
    return t(lang, VALUE_TITLES[told]) if by_what and told in VALUE_TITLES else told


def facts(lang: str, detail: Mapping[str, Any]) -> list[str]:
    """Further facts, each in a few words; of very many the first."""
    found = list(_facts(lang, detail))
    return found[:MOST_FACTS] + (["…"] if len(found) > MOST_FACTS else [])


def _facts(lang: str, detail: Mapping[str, Any]) -> Iterator[str]:
    for name, value in detail.items():
        if name in _LEFT_OUT or value in (None, ""):
            continue
        if isinstance(value, dict):
            yield from _facts(lang, value)
        else:
            title = t(lang, FACT_TITLES[name]) if name in FACT_TITLES else name
            yield t(lang, "{name}: {value}", name=title, value=_value(lang, name, value))


def _value(lang: str, name: str, value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{_value(lang, name, value[0])} → {_value(lang, name, value[1])}"
    if isinstance(value, bool):
        return t(lang, "yes") if value else t(lang, "no")
    if value is None or value == "":
        return "–"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    titles = _VALUES_OF.get(name)
    return t(lang, titles[value]) if titles and value in titles else value

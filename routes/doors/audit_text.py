"""Rows of the audit log in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

from data.core.i18n import t
from data.schema.audit_actions import ACTION_TITLES, GROUP_TITLES, group_of
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
from routes.doors.moments import Moment, local_moment

Row = Mapping[str, Any]
MOST_FACTS = 12
NOBODY = "-"
"""The log's value for no account or no address."""
FACT_TITLES = {
    "account": "account",
    "action": "what",
    "before": "before",
    "changed": "changed",
    "days": "days",
    "demo": "demo city",
    "detail": "level of detail",
    "failures": "tries",
    "figures": "area compared",
    "files": "files",
    "format": "format",
    "found": "found",
    "head": "newest row",
    "held": "because of",
    "identity": "identity",
    "kind": "kind",
    "codes": "codes",
    "known": "known account",
    "left": "left",
    "lang": "language",
    "last_known": "last known day",
    "link": "link for",
    "must_change": "has to change it",
    "newest": "key",
    "outcome": "outcome",
    "people": "people",
    "person": "person",
    "reason": "reason",
    "register": "register of people",
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
    "unknown": "without an account",
    "until": "to",
    "wanted": "wanted",
    "way": "way",
}
VALUE_TITLES = {
    "*": "Everywhere",
    "changed": "changed",
    "clock": "the date",
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
    "share": "the number of rows",
    "unchanged": "nothing new",
}
KIND_TITLES = {"person": "person", "building": "building", "area": "area", "incident": "case", "import": "import"}
"""Titles for the first word of a subject, which names its kind."""
_VALUES_OF: Mapping[str, Mapping[str, str]] = {
    "action": {**GROUP_TITLES, **ACTION_TITLES},
    "detail": DETAIL_TITLES,
    "role": ROLE_TITLES,
    **dict.fromkeys(("figures", "held", "kind", "link", "outcome", "register", "scope", "way"), VALUE_TITLES),
}
"""Facts whose values are translated; people wrote the other values, so these stay as they are."""
_LEFT_OUT = {"settings"}
"""Facts that are left out: the list of all settings, because the fact ``changed`` is enough."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the log in words.

    Attributes:
        number: of the row.
        moment: when it was written.
        account: who did it; ``None`` if nobody was signed in.
        role: the account's role; ``None`` if there is none.
        action: what was done.
        group: group of the action, as the style sheet knows it.
        subject: what the action was done to; empty if there is nothing to add.
        account_is_subject: whether the account did it to itself.
        person: key of the person it is about.
        purpose: why it was done.
        details: further facts.
        address: network address that the request came from.
    """

    number: int
    moment: Moment
    account: str | None
    role: str | None
    action: str
    group: str
    subject: str
    account_is_subject: bool
    person: str | None
    purpose: str | None
    details: str
    address: str | None

    @property
    def person_address(self) -> str:
        """Address of the log's rows about the same person."""
        return f"/audit?{urlencode({'person': self.person})}"


def describe_row(lang: str, row: Row, zone: tzinfo) -> AuditRow:
    """A row of the log in words; moments are shown in a time zone."""
    role, subject = ROLE_TITLES.get(row["role"]), describe_subject(lang, row)
    return AuditRow(
        number=row["no"],
        moment=local_moment(row["at"], zone),
        account=None if row["account"] == NOBODY else row["account"],
        role=t(lang, role) if role else None,
        action=describe_action(lang, row["action"]),
        group=group_of(row["action"]),
        subject=subject,
        account_is_subject=subject == row["account"],
        person=row["person"],
        purpose=row["purpose"],
        details=" · ".join(describe_details(lang, row["detail"])),
        address=None if row["address"] == NOBODY else row["address"],
    )


def describe_action(lang: str, action: str) -> str:
    """What was done."""
    return t(lang, ACTION_TITLES[action]) if action in ACTION_TITLES else action


def describe_subject(lang: str, row: Row) -> str:
    """What it was done to."""
    told: str = row["subject"]
    kind, _, which = told.partition(" ")
    if which and kind in KIND_TITLES:
        return f"{t(lang, KIND_TITLES[kind])} {which}"
    by_what = row["action"] in {"search_people", "access_record"}
    return t(lang, VALUE_TITLES[told]) if by_what and told in VALUE_TITLES else told


def describe_details(lang: str, detail: Mapping[str, Any]) -> list[str]:
    """Further facts, each in a few words; at most ``MOST_FACTS`` of them."""
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

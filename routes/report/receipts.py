"""Who has seen a report that a schedule sent: its page tells whoever manages the schedule of all recipients, and others of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from data.core.i18n import t
from reports.periods import write_moment

_ARRIVED = ("sent", "uncertain")
_NOBODY_CONFIRMS = "folder"
"""A way out without a link."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who has confirmed, when (a sentence), and what was answered."""

    account: str
    told: str
    answer: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """What is told.

    Attributes:
        own: the reader is among those who have not confirmed.
        missing: the others who have not.
        confirmed: who has, by account.
    """

    own: bool
    missing: tuple[str, ...]
    confirmed: tuple[Confirmed, ...]


def describe_receipts(lang: str, rows: Sequence[Mapping[str, Any]], reader: str, clock: tzinfo | None) -> Receipts | None:
    """Receipts in words; ``None`` where there is nothing to tell. Whoever confirmed one of several messages has seen the report.

    Args:
        lang: language of the page.
        rows: see ``data.reports.sending.receipts.list_receipts``.
        reader: account of who reads the page.
        clock: in which moments are told.
    """
    seen = [row for row in rows if row["seen_at"] is not None]
    known = {row["account"] for row in seen}
    asked = [row for row in rows if row["state"] in _ARRIVED and row.get("channel") != _NOBODY_CONFIRMS]
    missing = dict.fromkeys(row["account"] for row in asked if row["account"] not in known)
    if not seen and not missing:
        return None
    confirmed = (Confirmed(row["account"], _say_seen(lang, row, clock), row["answer"] or "") for row in seen)
    return Receipts(reader in missing, tuple(account for account in missing if account != reader), tuple(confirmed))


def _say_seen(lang: str, row: Mapping[str, Any], clock: tzinfo | None) -> str:
    moment = row["seen_at"].astimezone(clock).isoformat()
    return t(lang, "confirmed {moment}", moment=write_moment(moment, "zh" if lang == "zh" else "en"))

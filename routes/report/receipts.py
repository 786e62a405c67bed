"""Who has seen a report that a schedule sent: its page tells whoever manages the schedule of all recipients, and others of themselves.

Whoever it was sent to confirms there, too, and answers.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from data.core.i18n import t
from reports.periods import write_moment
from routes.shared.account_names import name_account

_ARRIVED = ("sent", "uncertain")
_CAN_CONFIRM = (*_ARRIVED, "waiting", "sending", "failed")
"""As ``report_confirm_own`` of migration 0050: who reads it here has seen it, whatever became of the message."""
_NOBODY_CONFIRMS = "folder"
"""A way out without a link."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who has confirmed, when (a sentence), and what was answered."""

    who: str
    told: str
    answer: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """What is told.

    Attributes:
        own: the reader is among those who have not confirmed.
        may: the reader confirms here, or answers: it was sent to the own account.
        missing: the others who have not.
        confirmed: who has, by account.
    """

    own: bool
    may: bool
    missing: tuple[str, ...]
    confirmed: tuple[Confirmed, ...]


def describe_receipts(lang: str, of_id: uuid.UUID, rows: Sequence[Mapping[str, Any]], reader: str, clock: tzinfo | None) -> Receipts | None:
    """Receipts in words; ``None`` where there is nothing to tell. Whoever confirmed one of several messages has seen the report.

    Args:
        lang: language of the page.
        of_id: the report that is read; others of the same run and area are told of, too.
        rows: see ``data.reports.sending.receipts.list_receipts``.
        reader: account of who reads the page.
        clock: in which moments are told.
    """
    seen = [row for row in rows if row["seen_at"] is not None]
    known = {row["account"] for row in seen}
    asked = [row for row in rows if row["state"] in _ARRIVED and row.get("channel") != _NOBODY_CONFIRMS]
    missing = {row["account"]: row for row in asked if row["account"] not in known}
    may = any(row["account"] == reader and row["report"] == of_id and row["state"] in _CAN_CONFIRM for row in rows)
    if not seen and not missing and not may:
        return None
    confirmed = (Confirmed(_who(lang, row), _say_seen(lang, row, clock), row["answer"] or "") for row in seen)
    others = tuple(_who(lang, row) for account, row in missing.items() if account != reader)
    return Receipts(reader in missing or (may and reader not in known), may, others, tuple(confirmed))


def _who(lang: str, row: Mapping[str, Any]) -> str:
    return name_account(lang, row.get("shown"), row["account"])


def _say_seen(lang: str, row: Mapping[str, Any], clock: tzinfo | None) -> str:
    moment = row["seen_at"].astimezone(clock).isoformat()
    return t(lang, "confirmed {moment}", moment=write_moment(moment, "zh" if lang == "zh" else "en"))

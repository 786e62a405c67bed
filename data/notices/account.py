"""What became of notices, for administrators: how many of each kind, and the last that failed. Receivers are told without their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from data.core.i18n import t
from data.database.connections import Connection
from data.notices.sending import PAUSES_MIN

Channel = Literal["mail", "hook"]
CHANNELS: tuple[Channel, ...] = ("mail", "hook")
MOST_FAILURES = 10

FAILURE_SENTENCES = {
    "not_set": "No setting names the way.",
    "no_encryption": "The mail server offers no encryption.",
    "certificate": "The certificate was not accepted.",
    "no_answer": "There was no answer.",
    "receiver_refused": "The mail server refused the receiver.",
    "bad_address": "The address cannot be used.",
    "fault": "The message could not be handled.",
    "answer": "The mail server answered {number}.",
    "status": "The receiver answered {number}.",
}
"""Sentences by the code of ``data.notices.failures``, without its number."""

_COUNTS = """
SELECT channel, count(*) FILTER (WHERE sent_at IS NOT NULL)::int, count(*) FILTER (WHERE sent_at IS NULL AND given_up_at IS NULL)::int,
    count(*) FILTER (WHERE given_up_at IS NOT NULL)::int
FROM notice GROUP BY channel ORDER BY channel DESC
"""
# The moment of a try is not kept, but that of the next, and the pause between them.
_FAILURES = """
SELECT coalesce(given_up_at, next_at - make_interval(mins => (%(pauses)s::int[])[least(tries, %(last)s)])) AS at, city, channel, target,
    jsonb_array_length(body -> 'cases'), tries, failure, given_up_at IS NOT NULL
FROM notice WHERE failure IS NOT NULL AND sent_at IS NULL ORDER BY 1 DESC, id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Count:
    """Notices of one channel that are kept, by what became of them."""

    channel: str
    sent: int
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A notice whose last try failed.

    Attributes:
        at: of that try, in seconds since 1970.
        city: code.
        channel: mail or hook.
        receiver: host of the web hook, or domain of the address.
        cases: how many it tells of.
        tries: how many were made.
        code: why it failed.
        over: no further try is made.
    """

    at: float
    city: str
    channel: str
    receiver: str
    cases: int
    tries: int
    code: str
    over: bool


@dataclass(frozen=True, slots=True)
class NoticeAccount:
    """What became of the notices of the last 30 days; ``failures``: the newest first."""

    counts: tuple[Count, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_account(connection: Connection) -> NoticeAccount:
    """Read it as the owner."""
    counts = tuple(Count(*row) for row in connection.execute(_COUNTS).fetchall())
    bound = {"pauses": list(PAUSES_MIN), "last": len(PAUSES_MIN), "most": MOST_FAILURES}
    return NoticeAccount(counts, tuple(_failure(*row) for row in connection.execute(_FAILURES, bound).fetchall()))


def parse_account(held: Any) -> NoticeAccount:
    """The way back from JSON."""
    return NoticeAccount(tuple(Count(**one) for one in held["counts"]), tuple(Failure(**one) for one in held["failures"]))


def describe_failure(lang: str, code: str) -> str:
    """Why a notice was not taken, as a sentence."""
    kind, _, number = code.rpartition("_")
    if number.isdigit() and kind in FAILURE_SENTENCES:
        return t(lang, FAILURE_SENTENCES[kind], number=number)
    return t(lang, FAILURE_SENTENCES[code]) if code in FAILURE_SENTENCES else code


def hide_receiver(channel: str, target: str) -> str:
    """What is told of a receiver: an address belongs to a person, and that of a web hook may hold a secret."""
    if channel == "mail":
        return f"…@{target.rpartition('@')[2]}"
    try:
        return urlsplit(target).hostname or "…"
    except ValueError:
        return "…"


def _failure(at: datetime, city: str, channel: str, target: str, cases: int | None, tries: int, code: str, over: bool) -> Failure:
    return Failure(at.timestamp(), city, channel, hide_receiver(channel, target), cases or 0, tries, code, over)


def facts_of(lang: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Facts of a reason for worry, with a failure in words."""
    return {name: describe_failure(lang, str(value)) if name == "failure" else value for name, value in facts.items()}

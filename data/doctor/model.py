"""Types of the doctor: checks and their findings."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from psycopg import sql

from data.database.connections import Connection

MOST_LISTED = 20
CHECKED = "{examined} checked"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one check.

    Attributes:
        sentence: msgid that tells the figures.
        figures: what the sentence names.
        total: how many offenders there are; none means that all is well.
        offenders: the first of them, in words.
        note: what was found is worth knowing, but not wrong (a publisher's own gaps).
    """

    sentence: str
    figures: dict[str, float | int | str] = field(default_factory=dict)
    total: int = 0
    offenders: tuple[str, ...] = ()
    note: bool = False

    @property
    def ok(self) -> bool:
        """Whether the check passed; a note is no failure."""
        return self.total == 0 or self.note


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's code, its title (a msgid), and its outcome."""

    code: str
    title: str
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"code": self.code, "title": self.title, "ok": self.outcome.ok, **asdict(self.outcome)}


CityCheck = Callable[[Connection, str], Outcome]
"""Examines the data of one city, given by its code."""

CITY_CHECKS: dict[str, tuple[str, CityCheck]] = {}
"""Code → title and check, in the order of the report."""


def city_check(code: str, title: str) -> Callable[[CityCheck], CityCheck]:
    """Register a check of a city's data.

    Args:
        code: subject and name, as ``incident.closed``; ``data.doctor.examine.SUBJECTS`` gives the order of the subjects.
        title: msgid of the statement that the check confirms.
    """

    def register(function: CityCheck) -> CityCheck:
        CITY_CHECKS[code] = (title, function)
        return function

    return register


def judge_offenders(
    offenders: list[str], examined: int, sentence: str = CHECKED, note: bool = False, **figures: float | int | str
) -> Outcome:
    """The outcome of a check that has a list of its offenders.

    Args:
        offenders: what was found, one text each.
        examined: how many things were looked at.
        sentence: msgid that tells the figures.
        note: whether what was found is only to be known, and no fault: the doctor then lists it and is content.
        figures: what the sentence names besides ``examined``.
    """
    return Outcome(sentence, {"examined": examined, **figures}, len(offenders), tuple(offenders[:MOST_LISTED]), note)


def judge_statement(connection: Connection, city: str, examined: str, offenders: str, note: bool = False, **bound: object) -> Outcome:
    """The outcome of a check that is made of two statements.

    Args:
        connection: an open transaction.
        city: bound as ``%(city)s`` in both.
        examined: counts what is looked at.
        offenders: gives one text for each offender.
        note: whether what was found is only to be known, and no fault: the doctor then lists it and is content.
        bound: what the latter names besides.
    """
    counted = connection.execute(examined, {"city": city}).fetchone()
    query = sql.SQL(
        "WITH offender (what) AS MATERIALIZED ({}) SELECT count(*)::int, (array_agg(what ORDER BY what))[1:%(most)s] FROM offender"
    ).format(sql.SQL(offenders))
    found = connection.execute(query, {"city": city, "most": MOST_LISTED, **bound}).fetchone()
    total, first = found or (0, None)
    return Outcome(CHECKED, {"examined": counted[0] if counted else 0}, total, tuple(first or ()), note)

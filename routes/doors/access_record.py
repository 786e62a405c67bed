"""The access record of a person, as it is printed: who saw this person's data, when, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from data.auditing.reader import Record
from routes.doors.audit_text import AuditRow, describe_row
from routes.doors.moments import Moment
from routes.doors.page import PageView


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Who saw the data of one person.

    Attributes:
        person: key of the person.
        name: masked; ``None`` where the person is not in the register (any more).
        opened: rows about the whole record.
        listed: rows about lists in which the person stood masked.
    """

    person: str
    name: str | None
    opened: Sequence[AuditRow]
    listed: Sequence[AuditRow]


@dataclass(frozen=True, kw_only=True)
class AccessRecordPage(PageView):
    """One record, or several where a number stands in the register more than once.

    Attributes:
        records: one for each person.
        made: when.
        zone: time zone of all moments.
        made_by: by whom.
        purpose: what for.
    """

    template: ClassVar[str] = "audit/access_record.html"
    records: Sequence[PersonRecord]
    made: Moment
    zone: str
    made_by: str
    purpose: str


def describe_record(lang: str, record: Record, zone: tzinfo) -> PersonRecord:
    """A record in words."""
    opened, listed = ([describe_row(lang, row, zone) for row in rows] for rows in (record.full, record.listed))
    return PersonRecord(record.person, record.shown, opened, listed)

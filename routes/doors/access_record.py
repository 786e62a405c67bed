"""The printable access record of a person: who saw this person's data, when, and for which purpose."""

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
        name: masked; ``None`` if the person is not, or no longer, in the register.
        opened: audit log rows about looks at the whole record.
        listed: audit log rows about lists that showed the person masked.
    """

    person: str
    name: str | None
    opened: Sequence[AuditRow]
    listed: Sequence[AuditRow]


@dataclass(frozen=True, kw_only=True)
class AccessRecordPage(PageView):
    """One record, or several if a number occurs more than once in the register.

    Attributes:
        records: one record for each person.
        made: when the page was made.
        zone: time zone of all moments.
        made_by: who made it.
        purpose: why it was made.
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

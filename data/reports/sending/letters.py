"""What a recipient reads: the e-mail, the body of a web hook, and the name of a file."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from data.core.i18n import t
from data.core.settings import settings
from data.core.text import as_one_line
from data.core.timezones import iso
from data.notices.failures import NotSent

MOST_ATTACHED = 8_000_000
"""A longer file is not attached: many mail servers take no more than ten megabytes."""
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent.

    Attributes:
        delivery: its id, of which the Message-ID is made.
        account: whom it is for.
        report: id of the issued report.
        schedule: name of the schedule.
        kind, area, period: codes, for the name of the file.
        facts: of the issued report: title, names, days.
        detail: figures or cases.
        lang: of the recipient.
        due_at: when the schedule was due, and the time zone of the city.
        key: for the link that confirms.
        pdf: the report, where it may be attached.
    """

    delivery: UUID
    account: str
    report: UUID
    schedule: str
    kind: str
    area: str
    period: str
    facts: dict[str, Any]
    detail: str
    lang: str
    due_at: datetime
    timezone: str
    key: str
    pdf: bytes | None = None

    @property
    def title(self) -> str:
        """Title, area and days in one line."""
        told = (self.facts.get("title"), self.facts.get("area_name") or self.area, self.facts.get("period") or self.period)
        return as_one_line(" · ".join(str(one) for one in told if one))

    @property
    def address(self) -> str:
        """Where the report is read."""
        return f"{_server()}/report/{self.report}"

    @property
    def seen_address(self) -> str:
        """Where it is confirmed."""
        return f"{_server()}/report/seen/{self.key}"

    @property
    def file_name(self) -> str:
        """The same each time it is sent, and of no other delivery."""
        return _UNSAFE.sub("_", f"{self.period}-{self.area}-{self.kind}-{str(self.delivery)[:8]}") + ".pdf"


def _server() -> str:
    address = settings().public_url
    if not address:
        raise NotSent("no_address")
    return address.rstrip("/")


def message_id(delivery: UUID) -> str:
    """The same however often it is sent."""
    host = urlsplit(settings().public_url or "").hostname or "gridwell.invalid"
    return f"<report.{delivery}@{host}>"


def write_mail(target: str, parcel: Parcel) -> EmailMessage:
    """The e-mail. The report itself is attached only where it holds no single case.

    Raises:
        NotSent: no setting says how people reach this server.
        ValueError: no message can have the address.
    """
    message, lang = EmailMessage(), parcel.lang
    message["From"], message["To"] = settings().smtp_from, target
    message["Subject"] = parcel.title
    message["Message-ID"] = message_id(parcel.delivery)
    message["Date"] = format_datetime(parcel.due_at)
    message["Auto-Submitted"] = "auto-generated"
    attached = parcel.detail == "figures" and parcel.pdf is not None and len(parcel.pdf) <= MOST_ATTACHED
    lines = [
        parcel.title,
        t(lang, "By schedule “{name}”.", name=as_one_line(parcel.schedule)),
        "",
        t(lang, "Read it here: {address}", address=parcel.address),
        t(lang, "Confirm here that you have seen it; who must act answers there, too: {address}", address=parcel.seen_address),
        "",
        t(lang, "The report is attached. It holds figures only.")
        if attached
        else t(lang, "The report is not attached, so that only who may see it reads it."),
    ]
    message.set_content("\n".join(lines) + "\n")
    if attached and parcel.pdf is not None:
        message.add_attachment(parcel.pdf, maintype="application", subtype="pdf", filename=parcel.file_name)
    return message


def write_hook(parcel: Parcel) -> dict[str, object]:
    """The body of a web hook: what there is to read and where, and nothing of what it holds.

    Raises:
        NotSent: no setting says how people reach this server.
    """
    facts = parcel.facts
    return {
        "type": "report.issued",
        "id": str(parcel.report),
        "account": parcel.account,
        "schedule": parcel.schedule,
        "kind": parcel.kind,
        "title": parcel.title,
        "area": parcel.area,
        "area_name": facts.get("area_name"),
        "period": parcel.period,
        "first": facts.get("first"),
        "last": facts.get("last"),
        "due_at": iso(parcel.due_at, parcel.timezone),
        "address": parcel.address,
        "seen": parcel.seen_address,
    }

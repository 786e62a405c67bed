"""The auditor's page: the log with its filter, its export, access records of persons, and what the retention job did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, ClassVar
from urllib.parse import urlencode

from data.auditing.reader import Filter, Row
from data.core.i18n import t
from data.schema.audit_actions import GROUP_TITLES, GROUPS
from data.upkeep.retention import LOG_DAYS
from routes.doors.audit_text import AuditRow, describe_action, describe_details
from routes.doors.moments import Moment, local_moment
from routes.doors.page import PageView

LOG, EXPORT, RECORD = "/audit", "/audit/export", "/audit/record"
"""Addresses of the log, of its export, and of access records."""


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions of one group, for the filter: each as value and name."""

    value: str
    name: str
    actions: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What the retention job did in one city.

    Attributes:
        city: its code.
        text: what the job did, in words.
        moment: when.
    """

    city: str
    text: str
    moment: Moment


@dataclass(frozen=True, kw_only=True)
class AuditLogPage(PageView):
    """The log.

    Attributes:
        filter: which rows the page shows.
        rows: the rows of this page, the newest first.
        actions: the actions that the filter offers.
        seal_number, seal: number and hash of the newest row of all; ``None`` for an empty log.
        older_before: number before which the next page begins; ``None`` on the last page.
        reports: what the retention job did last.
    """

    template: ClassVar[str] = "audit/audit_log.html"
    days_kept: ClassVar[int] = LOG_DAYS
    filter: Filter
    rows: Sequence[AuditRow]
    actions: Sequence[ActionGroup]
    seal_number: int | None
    seal: str | None
    older_before: int | None
    reports: Sequence[RetentionReport]

    @property
    def newest_address(self) -> str | None:
        """Address of the first page; ``None`` on the first page."""
        return None if self.filter.before is None else page_address(self.filter)

    @property
    def older_address(self) -> str | None:
        """Address of the next page; ``None`` on the last page."""
        return None if self.older_before is None else page_address(self.filter, self.older_before)


def page_address(wanted: Filter, before: int | None = None) -> str:
    """Address of the rows that match a filter; with a number, only of rows before it."""
    asked = {**wanted.form_fields(), **({} if before is None else {"before": str(before)})}
    return f"{LOG}?{urlencode(asked)}" if asked else LOG


def list_actions(lang: str) -> list[ActionGroup]:
    """All actions by group, in words."""
    return [
        ActionGroup(group, t(lang, GROUP_TITLES[group]), [(action, describe_action(lang, action)) for action in actions])
        for group, actions in GROUPS.items()
    ]


def describe_retention(lang: str, row: Row, zone: tzinfo) -> RetentionReport:
    """A row that the retention job wrote, in words."""
    detail: Mapping[str, Any] = row["detail"]
    if row["action"] == "retention":
        people, reporters = detail.get("people", 0), detail.get("reporters", 0)
        text = t(lang, "{people} people, {reporters} reporters deleted", people=people, reporters=reporters)
    else:
        text = " · ".join([describe_action(lang, row["action"]), *describe_details(lang, detail)])
    return RetentionReport(row["subject"], text, local_moment(row["at"], zone))

"""How the installation is, as administrators read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from data.core.i18n import t
from data.core.timezones import zone
from data.notices.account import Failure, describe_failure, facts_of
from data.upkeep.conditions import Conditions
from routes.doors.page import PageView

STATUS = "/status"
_HOUR_S = 3600
_GB = 1e9


@dataclass(frozen=True, kw_only=True)
class StatusPage(PageView):
    """The page.

    Attributes:
        reasons: sentences, the worst first.
        looked: when the keeper last looked; ``None`` where it has not looked yet.
        figures: names and values.
        notices: of each way, how many notices were sent, wait, and were given up.
        failures: the last notices that were not taken, the newest first: moment, city, way, receiver, cases, and why.
    """

    template: ClassVar[str] = "accounts/status.html"
    reasons: tuple[str, ...]
    looked: str | None
    figures: tuple[tuple[str, str], ...]
    notices: tuple[tuple[str, int, int, int], ...]
    failures: tuple[tuple[str, str, str, str, int, str], ...]


def describe_conditions(lang: str, found: Conditions) -> StatusPage:
    """The page for what was found, in the reader's language."""
    return StatusPage(
        reasons=tuple(t(lang, reason.sentence, **facts_of(lang, reason.facts)) for reason in found.reasons),
        looked=f"{datetime.fromtimestamp(found.at, zone(found.zone)):%Y-%m-%d %H:%M %Z}" if found.at else None,
        figures=tuple(_figures(lang, found.figures)),
        notices=tuple((_way(lang, one.channel), one.sent, one.waiting, one.given_up) for one in found.notices.counts),
        failures=tuple(_failure(lang, one, found.zone) for one in found.notices.failures),
    )


def _way(lang: str, channel: str) -> str:
    return t(lang, "E-mail") if channel == "mail" else t(lang, "Web hook")


def _failure(lang: str, one: Failure, clock: str) -> tuple[str, str, str, str, int, str]:
    moment = f"{datetime.fromtimestamp(one.at, zone(clock)):%Y-%m-%d %H:%M %Z}"
    why = describe_failure(lang, one.code)
    then = t(lang, "Given up.") if one.over else t(lang, "Tried {count} times; it is tried again.", count=one.tries)
    return moment, one.city, _way(lang, one.channel), one.receiver, one.cases, f"{why} {then}"


def _figures(lang: str, figures: Mapping[str, float]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    if (free := figures.get("disk_free_bytes")) is not None:
        told.append((t(lang, "Free on the disk"), f"{free / _GB:,.1f} GB"))
    if (age := figures.get("backup_age_seconds")) is not None:
        told.append((t(lang, "Age of the newest verified backup"), t(lang, "{hours} h", hours=f"{age / _HOUR_S:,.1f}")))
    if (age := figures.get("audit_head_age_seconds")) is not None:
        told.append((t(lang, "Age of the newest stored head of the audit log"), t(lang, "{hours} h", hours=f"{age / _HOUR_S:,.1f}")))
    if (good := figures.get("import_last_succeeded")) is not None:
        told.append((t(lang, "The last import"), t(lang, "succeeded") if good else t(lang, "failed")))
    return told

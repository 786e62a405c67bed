"""A schedule of reports as people write it, and as it is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from data.core.errors import GridwellError
from data.notices.addresses import is_hook, is_mail
from data.reports.schedule import STEPS, Rhythm, Step

Channel = Literal["mail", "folder", "hook"]
CHANNELS: tuple[Channel, ...] = ("mail", "folder", "hook")
MOST_RECIPIENTS, LONGEST_NAME = 100, 80
MOST_SENT = 20_000
"""What one run sends at most: areas times recipients that name no single one."""
HEAD = "@head"
"""As the account of a recipient: whoever leads the area then, by account."""
_FOLDER = re.compile(r"[\w-][\w.-]{0,60}(?:/[\w-][\w.-]{0,60}){0,3}")


class BadSchedule(GridwellError):
    status, code = 422, "bad_report_schedule"
    sentence = "The schedule cannot be kept: {reason}"


class UnknownSchedule(GridwellError):
    status, code = 404, "unknown_report_schedule"
    sentence = "There is no such schedule in your area."


class ScheduleChanged(GridwellError):
    status, code = 409, "report_schedule_changed"
    sentence = "Somebody has changed this schedule meanwhile. Look at it again."


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives a report, and how.

    Attributes:
        account: under whose rights it is made and sent; ``HEAD``: whoever leads the area.
        channel: mail, folder or hook.
        target: address, or folder below the folder of the settings; of ``HEAD`` with ``{account}`` or ``{area}``, which are filled in.
        area: of a schedule with a level: code of the one area whose report it is. ``None``: the account's own area if that is one of them,
            otherwise each area that the account may see.
    """

    account: str
    channel: Channel
    target: str
    area: str | None = None

    def of_head(self, account: str, area: str) -> "Recipient":
        """The recipient that somebody who leads an area is."""
        return Recipient(account, self.channel, self.target.replace("{account}", account).replace("{area}", area), area)


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What a schedule says.

    Attributes:
        name: as people call it.
        kind: code of the kind of report.
        step: length of the period; the last one that is over is told of.
        area: code of the area.
        level: each area of this level inside has its own report; ``None``: the area itself.
        rhythm: when.
        figures_only: without single cases.
        approval: somebody approves before anything is sent.
        send_empty: sent although there is nothing to report.
        recipients: who receives it.
    """

    name: str
    kind: str
    step: Step
    area: str
    level: str | None
    rhythm: Rhythm
    figures_only: bool
    approval: bool
    send_empty: bool
    recipients: tuple[Recipient, ...]


def check_draft(draft: ScheduleDraft) -> None:
    """Whether a schedule can be kept at all; whether area and accounts exist, the database says.

    Raises:
        BadSchedule: it cannot.
    """
    if not 1 <= len(draft.name.strip()) <= LONGEST_NAME or not draft.name.isprintable():
        raise BadSchedule(reason=_REASONS["name"])
    if draft.step not in STEPS:
        raise BadSchedule(reason=_REASONS["step"])
    if not 1 <= len(draft.recipients) <= MOST_RECIPIENTS or len(set(draft.recipients)) < len(draft.recipients):
        raise BadSchedule(reason=_REASONS["recipients"])
    for one in draft.recipients:
        sent = one.of_head("account", "area") if one.account == HEAD else one
        if one.channel not in CHANNELS or not reaches(one.channel, sent.target):
            raise BadSchedule(reason=_REASONS["target"])
        if one.account == HEAD and one.channel == "mail" and sent.target == one.target:
            raise BadSchedule(reason=_REASONS["head"])
        if one.channel == "folder" and not draft.figures_only:
            raise BadSchedule(reason=_REASONS["folder"])
        if one.area and not draft.level and one.area != draft.area:
            raise BadSchedule(reason=_REASONS["area"])


def reaches(channel: str, target: str) -> bool:
    """Whether something can be sent to a target at all."""
    if not target.isprintable() or len(target) > 300:
        return False
    if channel == "mail":
        return is_mail(target)
    return is_hook(target) if channel == "hook" else _FOLDER.fullmatch(target) is not None


_REASONS = {
    "name": "it needs a name of at most 80 letters.",
    "step": "no period is so long.",
    "recipients": "it needs between one and 100 recipients, each once.",
    "target": "a recipient has an address or folder that nothing can be sent to.",
    "folder": "whoever reads a folder is not known, so that only figures go there.",
    "area": "a recipient names an area of which there is no report.",
    "head": "the address of @head holds {account} or {area}, so that each gets the own one.",
}


def rhythm_as_json(rhythm: Rhythm) -> dict[str, Any]:
    """A rhythm for the database."""
    return {**asdict(rhythm), "weekdays": list(rhythm.weekdays)}


def make_rhythm(held: Mapping[str, Any]) -> Rhythm:
    """The way back.

    Raises:
        ValueError, TypeError: it is none.
    """
    return Rhythm(**{**held, "weekdays": tuple(held.get("weekdays", ()))})


def make_recipients(held: Sequence[Mapping[str, Any]]) -> tuple[Recipient, ...]:
    """Recipients from the database."""
    return tuple(Recipient(one["account"], one["channel"], one["target"], one.get("area")) for one in held)

"""A notice of hazards as it was read, and what is wrong with one that cannot be taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from data.core.errors import GridwellError

Kind = Literal["alert", "update", "cancel"]
COLOURS = ("red", "orange", "yellow", "blue")
"""Of Chinese warnings, the most serious first; level 1 is red."""
SEVERITIES = ("extreme", "severe", "moderate", "minor")
"""Of CAP, in the same order."""
NOT_SAID = 5
"""Level of a hazard of which nobody says how serious it is."""


_REASONS = {
    "empty": "the file is empty",
    "large": "the file is larger than a million bytes",
    "xml": "it is not well-formed XML",
    "encoding": "this encoding cannot be read; UTF-8, UTF-16, GBK, GB 18030 and Big5 can",
    "not_named": "the file is not in the encoding that it names",
    "undecodable": "the file is not in the encoding that it names; without a name it has to be UTF-8",
    "doctype": "it defines a document type or entities, which no notice needs",
    "elements": "it has far more elements than a notice",
    "no_cap": "this is no CAP notice: its outermost element has to be an alert of CAP 1.2",
    "needed": "it is needed",
    "references": "an update or cancellation has to name the notices that it is about",
    "no_info": "it does not say what it warns of",
    "not_actual": "only actual notices are shown; this one is a test, an exercise or a draft",
    "not_public": "only public notices are shown",
    "kind": "only alerts, updates and cancellations are notices",
    "name": "it is needed, without spaces and commas",
    "form": "it does not have the right form",
    "reference": "each has to be sender, identifier and time, with commas between them",
    "foreign": "only who sent a notice may update or cancel it, and this names one of another sender",
    "time": "a time has to be such as 2026-11-30T08:00:00+08:00",
    "future": "it lies more than a day in the future",
    "parts": "it has far more parts than a notice",
    "span": "it has to end after it begins, and within 60 days",
    "areas": "a notice may have at most 10,000 points, 500 polygons and 100 circles, and 4,000 codes and names of areas",
    "tangled": "its edges cross or touch each other too often",
    "slow": "finding its areas takes too long; it needs fewer or simpler ones",
    "nowhere": "it does not say where: a polygon, a circle, a code or a name of an area is needed",
    "polygon": "it has to be four or more points such as 30.1,120.2, the last one the same as the first",
    "circle": "it has to be a point and a radius in kilometres, such as 30.1,120.2 5",
    "degrees": "latitude comes first, then longitude: this is no place on Earth",
}
REASONS = _REASONS
"""Why a file is no notice that may be shown."""


class BadNotice(GridwellError):
    """A file is no notice that may be shown. ``where`` names its part, ``reason`` says why."""

    status, code = 422, "bad_notice"
    sentence = "The notice was not taken ({where}): {reason}"


@dataclass(frozen=True, slots=True)
class Words:
    """What people read, in one language: the hazard, where it is, and who says so."""

    event: str
    place: str
    sender: str


@dataclass(frozen=True, slots=True)
class Part:
    """One hazard of a notice.

    Attributes:
        level: 1 to 4, most serious first; 5: not said.
        colour: the colour that the notice itself names, one of ``COLOURS``.
        severity: the word of CAP, one of ``SEVERITIES``.
        starts, ends: while it is in force. ``is_end_said``: whether the notice says until when, or a day is assumed.
        words: by language, ``zh``, ``en`` or both.
        polygons: as WKT, EPSG:4326. ``circles``: longitude, latitude, radius in metres.
        codes: of administrative areas, as they were given. ``names``: of areas, where nothing else says where it is.
    """

    level: int
    colour: str | None
    severity: str | None
    starts: datetime
    ends: datetime
    is_end_said: bool
    words: dict[str, Words]
    polygons: tuple[str, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice: an alert, an update of earlier ones, or a cancellation.

    Attributes:
        identifier, sender, sent: which one it is.
        references: ``sender,identifier`` of earlier ones of the same sender that it replaces or takes back.
        parts: what it warns of; none in a cancellation.
    """

    identifier: str
    sender: str
    sent: datetime
    kind: Kind
    references: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def source(self) -> str:
        """What later notices name it by."""
        return f"{self.sender},{self.identifier}"

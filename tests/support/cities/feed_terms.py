"""What was agreed about feeds, for tests: cadences by their lines."""

from datetime import date
from typing import Any

from data.feeds.schedule import Agreement, Terms
from data.packs.declaration.cadence import Cadence, parse_cadence


def cadence(line: str) -> Cadence:
    return Cadence.model_validate(parse_cadence(line))


def agree(line: str, first: str, to: str | None = None, paused: str | None = None, **more: Any) -> Agreement:
    """An agreement of one version from a day on."""
    until = date.fromisoformat(to) if to else None
    excused = date.fromisoformat(paused) if paused else None
    begin = date.fromisoformat(first)
    return Agreement((Terms(cadence(line), begin, **more),), begin, until, excused)

"""Fields of steps: what each may hold. Every fault is told, not only the first."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from data.cases.refusals import Refusal
from data.cases.stages import MOST_PARTS, SEVERITIES, Step
from data.core.text import defuse, storable
from data.privacy import normalize_phone

LONGEST_TEXT, LONGEST_NAME, MOST_ATTACHMENTS = 2_000, 200, 20
_TRUTHS = ("answered", "solved", "satisfied", "reopen")
_NAMES = ("unit", "assignee", "approver", "into", "condition", "category", "channel", "area", "city", "datum", "photo")
_TEXTS = ("remark", "reason", "reply", "title", "description", "address")


def check_fields(step: Step, given: Mapping[str, Any], now: datetime) -> list[Refusal]:
    """Every fault of the fields of a step; ``None`` counts as not given."""
    held = {name: value for name, value in given.items() if value is not None}
    found = [Refusal(name, "not_taken") for name in held if name not in step.fields]
    found += [Refusal(name, "needed") for name in step.needs if _is_empty(held.get(name))]
    if step.needs_one_of and all(_is_empty(held.get(name)) for name in step.needs_one_of):
        found.append(Refusal(step.needs_one_of[0], "one_of", {"known": ", ".join(step.needs_one_of)}))
    for name, value in held.items():
        if name in step.fields and not (name in step.needs and _is_empty(value)):
            found += _check_field(name, value, now)
    return found


def _check_field(name: str, value: Any, now: datetime) -> list[Refusal]:
    if name in _TRUTHS:
        return [] if isinstance(value, bool) else [Refusal(name, "bad_truth")]
    if name in _NAMES or name in _TEXTS:
        most = LONGEST_NAME if name in _NAMES else LONGEST_TEXT
        return [] if _is_text(value, most) else [Refusal(name, "bad_text", {"most": most})]
    return _OTHERS[name](name, value, now)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= most and storable(value) and defuse(value) == value


def _severity(name: str, value: Any, _: datetime) -> list[Refusal]:
    good = isinstance(value, int) and not isinstance(value, bool) and value in SEVERITIES
    return [] if good else [Refusal(name, "bad_number", {"known": ", ".join(map(str, SEVERITIES))})]


def _until(name: str, value: Any, now: datetime) -> list[Refusal]:
    moment = parse_moment(value)
    if moment is None:
        return [Refusal(name, "bad_moment")]
    return [] if moment > now else [Refusal(name, "past")]


def parse_moment(value: Any) -> datetime | None:
    """The moment that a text names, with its zone; ``None`` for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment.timestamp()  # a year that no computation can reach
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None and 1990 <= moment.year < 2100 else None


def _place(name: str, value: Any, _: datetime) -> list[Refusal]:
    return [] if parse_place(value) else [Refusal(name, "bad_place")]


def parse_place(value: Any) -> tuple[float, float] | None:
    """Longitude and latitude, degrees; ``None`` for anything else."""
    if (
        not isinstance(value, list | tuple)
        or len(value) != 2
        or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
    ):
        return None
    lon, lat = (float(v) if abs(v) <= 180 else math.nan for v in value)
    return (lon, lat) if math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 90 else None


def _attachments(name: str, value: Any, _: datetime) -> list[Refusal]:
    good = isinstance(value, list) and len(value) <= MOST_ATTACHMENTS and all(_is_text(one, LONGEST_NAME) for one in value)
    return [] if good else [Refusal(name, "bad_list", {"most": MOST_ATTACHMENTS})]


def _parts(name: str, value: Any, _: datetime) -> list[Refusal]:
    if not isinstance(value, list) or len(value) > MOST_PARTS or not all(isinstance(part, dict) for part in value):
        return [Refusal(name, "bad_list", {"most": MOST_PARTS})]
    found = []
    for n, part in enumerate(value):
        at = f"{name}.{n}"
        found += [Refusal(f"{at}.{other}", "not_taken") for other in part if other not in ("title", "category", "description")]
        if _is_empty(part.get("title")):
            found.append(Refusal(f"{at}.title", "needed"))
        for field, most in (("title", LONGEST_TEXT), ("category", LONGEST_NAME), ("description", LONGEST_TEXT)):
            if not _is_empty(part.get(field)) and not _is_text(part[field], most):
                found.append(Refusal(f"{at}.{field}", "bad_text", {"most": most}))
    return found


def _degrees(name: str, value: Any, _: datetime) -> list[Refusal]:
    most = 180 if name == "lon" else 90
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most
    return [] if good else [Refusal(name, "bad_place")]


def _reporter(name: str, value: Any, _: datetime) -> list[Refusal]:
    if not isinstance(value, dict):
        return [Refusal(name, "bad_reporter")]
    found = [Refusal(f"{name}.{other}", "not_taken") for other in value if other not in ("name", "phone")]
    held = {part: text for part, text in value.items() if part in ("name", "phone") and text is not None}
    found += [
        Refusal(f"{name}.{part}", "bad_text", {"most": LONGEST_NAME}) for part, text in held.items() if not _is_text(text, LONGEST_NAME)
    ]
    if not held:
        found.append(Refusal(name, "bad_reporter"))
    elif not found and "phone" in held and normalize_phone(held["phone"]) is None:
        found.append(Refusal(f"{name}.phone", "bad_phone"))
    return found


_OTHERS: Mapping[str, Callable[[str, Any, datetime], list[Refusal]]] = {
    "severity": _severity,
    "until": _until,
    "place": _place,
    "attachments": _attachments,
    "parts": _parts,
    "lon": _degrees,
    "lat": _degrees,
    "reporter": _reporter,
}

"""Moments (date and time) as pages show them."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from babel.dates import format_datetime, format_timedelta

from data.core.i18n import t


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in words.

    Attributes:
        text: what is shown.
        iso: the same for machines, ISO 8601.
        title: what is shown on hover.
    """

    text: str
    iso: str
    title: str


def local_moment(moment: datetime, zone: tzinfo) -> Moment:
    """A moment to the second, in a time zone."""
    local = moment.astimezone(zone)
    return Moment(f"{local:%Y-%m-%d %H:%M:%S}", local.isoformat(timespec="milliseconds"), f"{local:%Z}")


def relative_moment(lang: str, moment: datetime | None) -> Moment | None:
    """How long ago a moment was, or in how long it will be; ``None`` stays ``None``."""
    if moment is None:
        return None
    delta = moment - datetime.now(UTC)
    text = format_timedelta(delta, add_direction=True, locale=lang) if abs(delta.total_seconds()) >= 60 else t(lang, "just now")
    return Moment(text, moment.isoformat(timespec="seconds"), format_datetime(moment, "yyyy-MM-dd HH:mm 'UTC'", tzinfo=UTC))

"""A pack as it is kept in the database, and back: what is installed is what counts, whatever has become of the file."""

import json
from hashlib import sha256
from typing import Any

from data.database.connections import Connection
from data.packs.declaration.cadence import LAST_DAY, WEEKDAYS, Cadence
from data.packs.declaration.model import CODE_KEY, Feed, Pack

_PARTS = ("kinds", "feeds", "rules", "indicators", "scores", "warnings", "lists", "layers", "sections", "public")
_READ = "SELECT declared FROM pack WHERE code = %s"


def to_declared(pack: Pack) -> dict[str, Any]:
    """The declaration as plain values for JSON; what is as it is without being said is left out."""
    told: dict[str, Any] = json.loads(pack.model_dump_json(by_alias=True, exclude_defaults=True))
    for code, feed in pack.feeds.items():
        told["feeds"][code]["cadence"] = write_cadence(feed.cadence)
    return told


def from_declared(declared: dict[str, Any]) -> Pack:
    """The pack that ``to_declared`` wrote."""
    told: dict[str, Any] = json.loads(json.dumps(declared))
    named = [(code, part) for name in _PARTS for code, part in told.get(name, {}).items()]
    named += [one for kind in told["kinds"].values() for one in kind["fields"].items()]
    for code, part in named:
        part.pop("code", None)
        part[CODE_KEY] = code
    return Pack.model_validate_json(json.dumps(told))


def fingerprint(pack: Pack) -> bytes:
    """A hash of what the declaration says, whatever its file looks like."""
    return sha256(json.dumps(to_declared(pack), sort_keys=True, ensure_ascii=False).encode()).digest()


def read_pack(connection: Connection, code: str) -> Pack | None:
    """The installed pack of this code."""
    row = connection.execute(_READ, [code]).fetchone()
    return None if row is None else from_declared(row[0])


def to_contract(pack: Pack, feed: Feed) -> dict[str, Any]:
    """What was agreed with the department that delivers a feed: the feed itself, and the fields that it fills."""
    told = to_declared(pack)
    fields = told["kinds"][feed.kind]["fields"]
    return {"feed": told["feeds"][feed.code], "fields": {name: fields[name] for name in feed.columns if name in fields}}


def write_cadence(cadence: Cadence) -> str:
    """A cadence as packs write it: the way back from ``parse_cadence``.

    >>> from data.packs.declaration.cadence import parse_cadence
    >>> write_cadence(Cadence.model_validate(parse_cadence("monthly last 18:00")))
    'monthly last 18:00'
    """
    day = "" if cadence.day is None else "last" if cadence.day == LAST_DAY else str(cadence.day)
    when = {
        "weekly": WEEKDAYS[cadence.weekday or 0],
        "yearly": f"{cadence.month or 1:02}-{cadence.day or 1:02}",
    }.get(cadence.every, day)
    time = "" if cadence.time is None else f"{cadence.time:%H:%M}"
    return " ".join(part for part in (cadence.every, when, time) if part)

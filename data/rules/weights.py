"""Weights of composites as they are written at the machine door: a version from a day on, and what has not begun taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from data.core.settings import settings
from data.database.connections import Connection
from data.indicators.composite import Composite, Part, find_composite
from data.indicators.definitions import INDICATORS
from data.indicators.weights import Version, read_version
from data.rules.faults import Fault, RulesRefused
from data.rules.known import Known, Reader, list_written

MOST_PARTS = 30
_LONGEST_NUMBER = 20
_ONE_DAY = timedelta(days=1)
_READ = "SELECT id, valid_from, valid_to, name, name_en, parts FROM composite WHERE city = %s ORDER BY valid_from"
_WRITE = """
INSERT INTO composite (city, valid_from, name, name_en, parts) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (city, valid_from) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, parts = excluded.parts
"""
# Each version ends on the day before the next one begins.
_END = """
UPDATE composite c SET valid_to = later.valid_from - 1
FROM (SELECT id, lead(valid_from) OVER (ORDER BY valid_from) AS valid_from FROM composite WHERE city = %(city)s) later
WHERE later.id = c.id AND c.valid_to IS DISTINCT FROM later.valid_from - 1
"""


@dataclass(frozen=True, slots=True)
class WeightsChange:
    """What is asked for: a new version, and numbers of versions that have not begun."""

    composite: Composite | None
    withdrawn: tuple[int, ...]


def read_versions(connection: Connection, city: str) -> list[Version]:
    """All versions of a city, the oldest first."""
    rows = connection.cursor(row_factory=dict_row).execute(_READ, [city])
    return [read_version(row, city) for row in rows]


def read_weights(body: Mapping[str, object], known: Known, stored: Sequence[Version], city: str) -> WeightsChange:
    """What a body asks for. Days that were graded already stay as they were.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    faults: list[Fault] = []
    composite = _read_composite(body["weights"], known, faults) if body.get("weights") is not None else None
    first = composite.valid_from if composite else None
    if first is not None and first < known.today and _is_graded(stored, city, first, known.today - _ONE_DAY):
        faults.append(Fault("weights.valid_from", "graded", {"value": known.today.isoformat()}))
    by_id = {version.id: version for version in stored}
    withdrawn = list_written(body, "withdraw") or []
    for place, number in enumerate(withdrawn):
        if not isinstance(number, int) or isinstance(number, bool) or number not in by_id:
            faults.append(Fault(f"withdraw.{place}", "no_rule"))
        elif by_id[number].first <= known.today:
            faults.append(Fault(f"withdraw.{place}", "begun"))
    if not faults and composite is None and not withdrawn:
        faults.append(Fault("weights", "needed"))
    if faults:
        raise RulesRefused(faults)
    return WeightsChange(composite, tuple(withdrawn))  # type: ignore[arg-type]  # numbers, see above


def _is_graded(stored: Sequence[Version], city: str, first: date, last: date) -> bool:
    """Whether any day of a span has a composite."""
    if any(version.first <= last and (version.composite.valid_to or date.max) >= first for version in stored):
        return True
    if settings().composites is None:
        return False
    return any(find_composite(city, first + n * _ONE_DAY) is not None for n in range((last - first).days + 1))


def _read_composite(given: object, known: Known, faults: list[Fault]) -> Composite:
    reader = Reader(given, "weights", known)
    name, name_en, first = reader.text("name", 100), reader.text("name_en", 100), reader.day("valid_from")
    for field, value in (("name", name), ("valid_from", first)):
        if value is None and not reader.faults:
            reader.fail(field, "needed")
    written = reader.fields.get("parts")
    if not isinstance(written, list) or not 0 < len(written) <= MOST_PARTS:
        reader.fail("parts", "no_parts")
        written = []
    parts = [_read_part(one, f"weights.parts.{place}", known, reader.faults) for place, one in enumerate(written)]
    codes = [part.indicator for part in parts if part]
    if len(set(codes)) < len(codes):
        reader.fail("parts", "twice_indicator")
    faults += reader.faults
    return Composite(name or "", name_en or name or "", tuple(part for part in parts if part), None, first, None)


def _read_part(given: object, place: str, known: Known, faults: list[Fault]) -> Part | None:
    reader = Reader(given, place, known)
    code = reader.word("indicator", "no_indicator", INDICATORS)
    if code is None:
        faults += reader.faults or [Fault(f"{place}.indicator", "needed")]
        return None
    weight, best, worst = (_read_number(reader, name) for name in ("weight", "best", "worst"))
    one = INDICATORS[code]
    usual = (Fraction(1), Fraction(0)) if one.higher_is_better is not False else (Fraction(0), Fraction(1))
    if one.unit == "hours" and (best is None or worst is None):
        reader.fail("best", "needs_scale")
    best, worst = usual[0] if best is None else best, usual[1] if worst is None else worst
    if best == worst:
        reader.fail("best", "no_scale")
    if weight is None or weight <= 0:
        reader.fail("weight", "no_weight")
    faults += reader.faults
    return None if reader.faults or weight is None else Part(code, weight, best, worst)


def _read_number(reader: Reader, name: str) -> Fraction | None:
    """A number as it is written, as a text so that it is exact; ``None`` where there is none."""
    text = reader.text(name, _LONGEST_NUMBER)
    if text is None:
        return None
    whole, _, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 6 and (rest == "" or (rest.isascii() and rest.isdigit()))):
        reader.fail(name, "no_decimal", value=text)
        return None
    return Fraction(text)


def write_weights(connection: Connection, city: str, change: WeightsChange) -> None:
    """Store a change; each version ends on the day before the next one."""
    connection.execute("DELETE FROM composite WHERE city = %s AND id = ANY(%s)", [city, list(change.withdrawn)])
    if change.composite is not None:
        one = change.composite
        parts = [_write_part(part) for part in one.parts]
        connection.execute(_WRITE, [city, one.valid_from, one.name, one.name_en, Jsonb(parts)])
    connection.execute(_END, {"city": city})


def write_composite(version: Version) -> dict[str, Any]:
    """A version as it is written at the machine door."""
    one = version.composite
    return {
        "id": version.id,
        "name": one.name,
        "name_en": one.name_en,
        "valid_from": one.valid_from and one.valid_from.isoformat(),
        "valid_to": one.valid_to and one.valid_to.isoformat(),
        "parts": [_write_part(part) for part in one.parts],
    }


def _write_part(part: Part) -> dict[str, str]:
    numbers = {"weight": part.weight, "best": part.best, "worst": part.worst}
    return {"indicator": part.indicator, **{name: _format(number) for name, number in numbers.items()}}


def _format(number: Fraction) -> str:
    """The decimal that was written: its denominator has no other factors than 2 and 5."""
    if number.denominator == 1:
        return str(number.numerator)
    digits = next(n for n in range(1, _LONGEST_NUMBER + 1) if (number * 10**n).denominator == 1)
    whole, rest = divmod(int(number * 10**digits), 10**digits)
    return f"{whole}.{rest:0{digits}d}"

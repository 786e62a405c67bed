"""Hours, calendars and rules in the database: reading them as values, and what administrators change, in the caller's transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from psycopg.rows import dict_row

from data.core.errors import GridwellError
from data.core.nearest import find_nearest_word
from data.database.connections import Connection
from data.deadlines.calendar import Calendar, SpecialDay, Week
from data.deadlines.gazette import Gazette, find_region, read_gazette
from data.deadlines.rows import ALWAYS, RULE_COLUMNS, format_spans, make_calendar, make_rule, rule_values
from data.deadlines.rules import Rule, spread_rules

YEARS_BACK, YEARS_AHEAD = 3, 2
"""Years of holidays that are read from the library, around the present one."""
_ONE_DAY = timedelta(days=1)
_COLUMNS = ", ".join(RULE_COLUMNS[1:])
_PARENTS = "SELECT code, parent FROM category WHERE city = %s AND subject = 'incident'"


class UnknownCity(GridwellError):
    status, code, sentence = 404, "unknown_city", "There is no city with the code “{code}”; the nearest is “{nearest}”."


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a city's calendar reaches; a row of ``city_calendar``."""

    region: str | None = None
    official_until: date | None = None
    uploaded_until: date | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What a table of rules changed: numbers of new rules, of rules with other times or words, of rules that end earlier."""

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them."""
        return (*self.added, *self.changed, *self.ended)


def find_timezone(connection: Connection, city: str) -> str:
    """A city's time zone.

    Raises:
        UnknownCity: there is no such city.
    """
    known: dict[str, str] = dict(connection.execute("SELECT code, timezone FROM city").fetchall())
    if city not in known:
        raise UnknownCity(code=city[:60], nearest=find_nearest_word(city, known) or "-")
    return str(known[city])


def read_calendar(connection: Connection, city: str) -> Calendar:
    """A city's hours and days.

    Raises:
        UnknownCity: there is no such city.
    """
    timezone, reach = find_timezone(connection, city), read_reach(connection, city)
    return _make_calendar(
        timezone,
        tuple(connection.execute("SELECT valid_from, weekday, spans FROM working_hours WHERE city = %s", [city])),
        (reach.region, reach.official_until, reach.uploaded_until) if reach else None,
        tuple(connection.execute("SELECT day, kind, name, name_en FROM calendar_day WHERE city = %s", [city])),
    )


@lru_cache(maxsize=32)
def _make_calendar(
    timezone: str,
    hours: tuple[tuple[date, int, str], ...],
    reach: tuple[str | None, date | None, date | None] | None,
    days: tuple[tuple[date, str, str, str], ...],
) -> Calendar:
    """The same rows give the same calendar, which keeps what it has worked out."""
    return make_calendar(timezone, hours, reach, days)


def read_reach(connection: Connection, city: str) -> Reach | None:
    """How far a city's calendar reaches; ``None`` where it has none."""
    columns = "region, official_until, uploaded_until, first_day, last_day"
    row = connection.execute(f"SELECT {columns} FROM city_calendar WHERE city = %s", [city]).fetchone()  # noqa: S608 - names of ours
    return Reach(*row) if row else None


def read_rules(connection: Connection, city: str) -> list[Rule]:
    """All rules of a city, old ones too; they know which categories are below theirs."""
    parents: dict[str, str | None] = dict(connection.execute(_PARENTS, [city]).fetchall())
    with connection.cursor(row_factory=dict_row) as cursor:
        statement = f"SELECT id, {_COLUMNS} FROM deadline_rule WHERE city = %s ORDER BY id"  # noqa: S608 - names of ours
        return spread_rules([make_rule(row) for row in cursor.execute(statement, [city])], parents)


def has_hours(connection: Connection, city: str) -> bool:
    """Whether a city has hours of its own."""
    return connection.execute("SELECT FROM working_hours WHERE city = %s LIMIT 1", [city]).fetchone() is not None


def write_hours(connection: Connection, city: str, weeks: Iterable[Week]) -> bool:
    """Replace a city's hours; returns whether they are others now."""
    rows = [(city, week.valid_from or ALWAYS, day, format_spans(spans)) for week in weeks for day, spans in enumerate(week.spans)]
    before = connection.execute("SELECT city, valid_from, weekday, spans FROM working_hours WHERE city = %s", [city]).fetchall()
    if sorted(before) == sorted(rows):
        return False
    connection.execute("DELETE FROM working_hours WHERE city = %s", [city])
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO working_hours (city, valid_from, weekday, spans) VALUES (%s, %s, %s, %s)", rows)
    return True


def set_region(connection: Connection, city: str, region: str, today: date) -> list[date]:
    """Give a city the holidays of a country or a part of it; uploaded days stay. See ``refresh_library``.

    Raises:
        UnknownCountry, UnknownSubdivision: no holidays are known for it.
    """
    country, part = find_region(region)
    connection.execute(
        "INSERT INTO city_calendar (city, region) VALUES (%s, %s) ON CONFLICT (city) DO UPDATE SET region = excluded.region",
        [city, f"{country}-{part}" if part else country],
    )
    return refresh_library(connection, city, today)


def refresh_library(connection: Connection, city: str, today: date) -> list[date]:
    """Bring the days of a city's region to what the library knows now: the next years, and notices that came with a newer version of it.

    Days that are uploaded count before those of the library, and so do whole years that were uploaded before the library knows them.

    Returns:
        The days that are others now.
    """
    reach = read_reach(connection, city)
    if reach is None or reach.region is None:
        return []
    first = min(filter(None, [reach.first_day, date(today.year - YEARS_BACK, 1, 1)]))
    gazette = read_gazette(*find_region(reach.region), first.year, today.year + YEARS_AHEAD)
    until = gazette.until
    if until is not None and reach.official_until is not None:
        until = max(until, reach.official_until)  # an older library may be installed again
    wanted = _library_days(gazette, reach.uploaded_until)
    changed = _replace_days(connection, city, "library", wanted)
    connection.execute(
        "UPDATE city_calendar SET official_until = %s, first_day = %s, last_day = %s, read_at = now() WHERE city = %s",
        [until, first, date(today.year + YEARS_AHEAD, 12, 31), city],
    )
    moved = {reach.official_until, until} - {None} if reach.official_until != until else set()
    return sorted({*changed, *(day + _ONE_DAY for day in moved if day is not None)})


def _library_days(gazette: Gazette, uploaded_until: date | None) -> dict[date, SpecialDay]:
    if gazette.until is None or uploaded_until is None:
        return gazette.days
    return {day: one for day, one in gazette.days.items() if not gazette.until < day <= uploaded_until}


def upload_days(connection: Connection, city: str, days: Mapping[date, SpecialDay], until: date | None, today: date) -> list[date]:
    """Take over uploaded days; an earlier uploaded row of the same day is replaced.

    Args:
        connection: the caller's transaction.
        city: its code.
        days: the days.
        until: last day for which the uploaded days, together with those before, are complete; ``None``: as before.
        today: in the city.

    Returns:
        The days that are others now.
    """
    before = _read_days(connection, city)
    connection.execute("INSERT INTO city_calendar (city) VALUES (%s) ON CONFLICT DO NOTHING", [city])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO calendar_day (city, day, kind, name, name_en, origin) VALUES (%s, %s, %s, %s, %s, 'uploaded')"
            " ON CONFLICT (city, day) DO UPDATE SET kind = excluded.kind, name = excluded.name, name_en = excluded.name_en,"
            " origin = 'uploaded'",
            [(city, day, one.kind, one.name, one.name_en) for day, one in days.items()],
        )
    ends = []
    if until is not None:
        reach = read_reach(connection, city) or Reach()
        ends = [until + _ONE_DAY, *([reach.uploaded_until + _ONE_DAY] if reach.uploaded_until else [])]
        connection.execute("UPDATE city_calendar SET uploaded_until = %s WHERE city = %s", [until, city])
        refresh_library(connection, city, today)
    after = _read_days(connection, city)
    return sorted({*(day for day in before.keys() | after.keys() if before.get(day) != after.get(day)), *ends})


def _read_days(connection: Connection, city: str, origin: str | None = None) -> dict[date, SpecialDay]:
    statement = "SELECT day, kind, name, name_en FROM calendar_day WHERE city = %s AND origin = coalesce(%s, origin)"
    return {day: SpecialDay(kind, name, name_en) for day, kind, name, name_en in connection.execute(statement, [city, origin])}


def _replace_days(connection: Connection, city: str, origin: str, wanted: Mapping[date, SpecialDay]) -> list[date]:
    held = _read_days(connection, city, origin)
    others = _read_days(connection, city).keys() - held.keys()
    changed = sorted(day for day in held.keys() | wanted.keys() - others if held.get(day) != wanted.get(day))
    if changed:
        connection.execute("DELETE FROM calendar_day WHERE city = %s AND origin = %s AND day = ANY(%s)", [city, origin, changed])
        rows = [(city, day, wanted[day].kind, wanted[day].name, wanted[day].name_en, origin) for day in changed if day in wanted]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO calendar_day (city, day, kind, name, name_en, origin) VALUES (%s, %s, %s, %s, %s, %s)", rows)
    return changed


def find_category(connection: Connection, city: str) -> Callable[[str], tuple[str | None, str]]:
    """A function that finds the code of a category of cases by its code or either name, and the nearest code where there is none."""
    rows = connection.execute("SELECT code, name, name_en FROM category WHERE city = %s AND subject = 'incident'", [city]).fetchall()
    known = {str(word).casefold(): str(code) for code, *names in rows for word in (*names, code)}

    def find(text: str) -> tuple[str | None, str]:
        code = known.get(text.casefold())
        return code, find_nearest_word(text, [str(row[0]) for row in rows]) or "-"

    return find


def write_rules(connection: Connection, city: str, rules: Sequence[Rule]) -> RuleChanges:
    """Take over rules. A rule is the same as one that is stored if category, condition and first day are; rules that are not given stay.

    A stored rule of the same category and condition ends on the day before a later one begins.
    """
    known = {(one.category, one.condition, one.valid_from): one for one in read_rules(connection, city)}
    added, changed = [], []
    for rule in rules:
        same = known.get((rule.category, rule.condition, rule.valid_from))
        if same is None:
            added.append(_insert_rule(connection, city, rule))
        elif replace(rule, id=same.id, valid_to=rule.valid_to or same.valid_to) != same:
            _update_rule(connection, replace(rule, id=same.id, valid_to=rule.valid_to or same.valid_to))
            changed.append(same.id)
    return RuleChanges(tuple(added), tuple(changed), _end_succeeded(connection, city))


def _insert_rule(connection: Connection, city: str, rule: Rule) -> int:
    places = ", ".join(["%s"] * len(RULE_COLUMNS))
    statement = f"INSERT INTO deadline_rule (city, {_COLUMNS}) VALUES ({places}) RETURNING id"  # noqa: S608 - names of ours
    row = connection.execute(statement, [city, *rule_values(rule)]).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row
    return int(row[0])


def _update_rule(connection: Connection, rule: Rule) -> None:
    sets = ", ".join(f"{name} = %s" for name in RULE_COLUMNS[1:])
    connection.execute(f"UPDATE deadline_rule SET {sets} WHERE id = %s", [*rule_values(rule), rule.id])  # noqa: S608 - names of ours


_END = """
UPDATE deadline_rule r SET valid_to = later.valid_from - 1
FROM (
    SELECT id, lead(valid_from) OVER (PARTITION BY category, condition ORDER BY valid_from NULLS FIRST) AS valid_from
    FROM deadline_rule WHERE city = %(city)s
) later
WHERE later.id = r.id AND later.valid_from IS NOT NULL AND coalesce(r.valid_to >= later.valid_from, true)
RETURNING r.id
"""


def _end_succeeded(connection: Connection, city: str) -> tuple[int, ...]:
    return tuple(sorted(row[0] for row in connection.execute(_END, {"city": city})))


def local_today(connection: Connection, city: str, now: datetime) -> date:
    """The day of a moment, in a city."""
    return Calendar(find_timezone(connection, city), ()).local_day(now)

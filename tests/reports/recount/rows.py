"""The raw rows of a city as frames, and which area each lies in: by its cell and the cells' parents, or by its place in a polygon."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import psycopg
import shapely

LEVELS = ("city", "district", "street", "community", "grid")
OPEN = ("reported", "filed", "dispatched", "in_progress", "feedback")
CLOSED = ("closed", "evaluated")
ENDED = ("void", "duplicate", "not_responsible", "referred")
PROACTIVE = ("grid_worker", "building_head", "video", "sensor")

_CASES = """
SELECT i.id, i.district AS partition, i.number, i.category, i.channel, i.stage, i.paused, i.reported_at AS at, i.due_at AS due,
    i.closed_at AS closed, i.reported_is_day, i.closed_is_day, i.grid, i.version, i.unit, i.handler, i.assignee, i.stage_at, i.stage_due_at,
    i.filed_at, i.dispatched_at, i.reworked, i.answered, i.solved, i.satisfied, s.key AS source, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
FROM incident i JOIN source s ON s.id = i.source_id
WHERE i.city = %(city)s
"""
_TABLES = {
    "areas": "SELECT code, level, parent, name, name_en, origin, area_m2, head_name, coalesce(head_name, '') <> '' AS headed,"
    " ST_AsBinary(geom) AS shape FROM area WHERE city = %(city)s",
    "categories": "SELECT subject, code, name_en, sensitive FROM category WHERE city = %(city)s",
    "buildings": "SELECT id, grid, ST_X(ST_PointOnSurface(geom)) AS lon, ST_Y(ST_PointOnSurface(geom)) AS lat FROM building"
    " WHERE city = %(city)s",
    "facilities": "SELECT id, grid, kind, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility WHERE city = %(city)s",
    "people": "SELECT id, grid, household, birth_date FROM person WHERE city = %(city)s",
    "census": "SELECT total, households, ages, as_of FROM population_unit WHERE city = %(city)s",
    "units": "SELECT code, name_en FROM unit WHERE city = %(city)s",
    "members": "SELECT area, unit, valid_from, valid_to FROM unit_member WHERE city = %(city)s",
    "events": "SELECT e.district AS partition, e.incident_id AS id, e.seq, e.at, e.step, e.account, e.stage, e.details->>'undone' AS undone"
    " FROM incident_event e JOIN incident i ON i.district = e.district AND i.id = e.incident_id"
    " WHERE i.city = %(city)s AND e.account IS NOT NULL",
}


@dataclass(frozen=True)
class Rows:
    """The raw rows of a city; moments are in the city's own time, without a zone.

    Attributes:
        city: its code.
        now: the moment of its figures.
        cases: ``is_open``, ``is_closed``, ``ended``, and the days of report, deadline and closing.
        tables: the others, by name.
        level_titles: levels by what the city calls them in English, where that is not the usual.
    """

    city: str
    now: pd.Timestamp
    cases: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    level_titles: dict[str, str]

    @property
    def today(self) -> pd.Timestamp:
        """The day of the figures."""
        return self.now.normalize()

    @cached_property
    def since(self) -> pd.Timestamp:
        """The day on which the cases begin: the first after which another one with a case comes within 31 days, or else the first."""
        days = self.cases["day"].drop_duplicates().sort_values(ignore_index=True)
        followed = days[days.shift(-1) - days <= pd.Timedelta(days=31)]
        return (followed if len(followed) else days).min()

    @cached_property
    def areas(self) -> pd.DataFrame:
        """Areas by code."""
        return self.tables["areas"].set_index("code")

    def name(self, code: str) -> str:
        """The English name of an area."""
        row = self.areas.loc[code]
        return str(row["name_en"] or row["name"])

    def find(self, name: str, level: str | None = None) -> str:
        """The code of the area with an English name."""
        same = self.areas[(self.areas["name_en"] == name) & (self.areas["origin"] != "unplaced")]
        found = same if level is None else same[same["level"] == level]
        assert len(found) == 1, (name, level, len(found))
        return str(found.index[0])

    def children(self, code: str) -> list[str]:
        """Codes of the areas of the next level inside an area that has any, without the leaves of cases without a place."""
        known = self.areas[(self.areas["origin"] != "unplaced") & (self.areas["level"] != "zone")]
        return sorted(known.index[known["parent"] == code])

    def inside(self, code: str, rows: pd.DataFrame) -> pd.Series:
        """Which rows lie in an area."""
        if self.areas.loc[code, "level"] == "zone":
            shape = shapely.from_wkb(self.areas.loc[code, "shape"])
            return pd.Series(shapely.intersects_xy(shape, rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)), rows.index)
        return rows["grid"].map(lambda grid: code in self._above[grid]).astype(bool)

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        parents = self.areas["parent"].to_dict()

        def climb(code: str | None) -> frozenset[str]:
            found = set()
            while code is not None and not pd.isna(code):
                found.add(code)
                code = parents[code]
            return frozenset(found)

        return {code: climb(code) for code in parents}

    @cached_property
    def staffed(self) -> tuple[set[str], set[str]]:
        """Codes of areas with a head, and of those with a member of a unit today."""
        members = self.tables["members"]
        day = self.today.date()
        kept = {
            one.area
            for one in members.itertuples()
            if one.area and (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or one.valid_to >= day)
        }
        return set(self.areas.index[self.areas["headed"]]), kept


def read(address: str, city: str, sensitive: bool = True) -> Rows:
    """Read a city; ``sensitive``: also cases of sensitive categories, which few may see."""
    with psycopg.connect(address) as connection:

        def frame(statement: str) -> pd.DataFrame:
            found = connection.execute(statement, {"city": city})  # type: ignore[arg-type]
            return pd.DataFrame(found.fetchall(), columns=[column.name for column in found.description or ()])

        row = connection.execute("SELECT timezone, as_of, level_names FROM city WHERE code = %s", [city]).fetchone()
        assert row is not None and row[1] is not None, "the figures of this city stand for a fixed moment"
        zone, now = row[0], pd.Timestamp(row[1]).tz_convert(row[0]).tz_localize(None)
        tables = {name: frame(statement) for name, statement in _TABLES.items()}
        cases = frame(_CASES)
    if not sensitive:
        known = tables["categories"]
        withheld = set(known[(known["subject"] == "incident") & known["sensitive"]]["code"])
        cases = cases[~cases["category"].isin(withheld)].copy()
    for name in ("at", "due", "closed", "stage_at", "stage_due_at", "filed_at", "dispatched_at"):
        cases[f"{name}_utc"] = pd.to_datetime(cases[name], utc=True)
        cases[name] = cases[f"{name}_utc"].dt.tz_convert(zone).dt.tz_localize(None)
    tables["events"]["at"] = pd.to_datetime(tables["events"]["at"], utc=True)
    cases["is_open"], cases["is_closed"] = cases["stage"].isin(OPEN), cases["stage"].isin(CLOSED)
    cases["ended"] = cases["stage"].isin(ENDED)
    cases["day"], cases["due_day"] = cases["at"].dt.normalize(), cases["due"].dt.normalize()
    cases["closed_day"] = cases[["at", "closed"]].max(axis=1).dt.normalize().where(cases["is_closed"])
    moment = pd.Timestamp(row[1]).tz_convert("UTC")
    until = cases["closed_utc"].where(cases["is_closed"], moment)
    cases["seconds"] = (until - cases["at_utc"]).dt.total_seconds()
    cases["overdue"] = cases["is_open"] & ~cases["paused"] & (cases["due"] < now)
    in_order = cases["closed_utc"] >= cases["at_utc"]
    cases["timed"] = ~cases["reported_is_day"] & ~cases["closed_is_day"] & in_order & cases["is_closed"]
    return Rows(city, now, cases, tables, {title["en"]: level for level, title in row[2].items() if title.get("en")})

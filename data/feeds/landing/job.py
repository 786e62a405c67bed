"""What is known of a delivery before its file is opened: its feed, the kind of its records, the city and its clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from data.database.connections import Connection
from data.feeds.landing.words import MASK
from data.importing.profile.spec import Spec
from data.packs.declaration.model import Feed, FeedSource, Field, Kind, Pack
from data.packs.tables.kept import read_pack
from data.packs.tables.views import place_fields

_FEED = "SELECT f.pack, c.timezone FROM feed f JOIN city c ON c.code = f.city WHERE f.city = %s AND f.code = %s"


class LandingSource(FeedSource):
    """A feed's source while its file is read: values of fields that are not for everybody are masked wherever they would be told.

    ``closed`` names columns of the file with such values; ``has_points``: whether coordinates are looked for at all.
    """

    closed: frozenset[str] = frozenset()
    has_closed_place: bool = False
    wants_points: bool = False

    def quote_value(self, text: str, column: str | None = None) -> str:
        """See ``Source``. Of a shape without a column it is not known what it tells."""
        return MASK if column in self.closed or (column is None and self.has_closed_place) else text

    def reads_geometry(self) -> bool:
        """See ``Source``."""
        return self.wants_points


@dataclass(frozen=True)
class Job:
    """A feed's deliveries, and what becomes of them.

    Attributes:
        city: code.
        zone: the city's clock.
        today: in it.
        specs: where the value of each field comes from, by field.
    """

    city: str
    zone: ZoneInfo
    today: date
    pack: Pack
    feed: Feed
    kind: Kind
    specs: dict[str, Spec]

    @property
    def fields(self) -> list[Field]:
        """The fields that the feed fills."""
        return [field for code, field in self.kind.fields.items() if code in self.specs]

    @property
    def wants_points(self) -> bool:
        """Whether records find their place by coordinates that the feed delivers."""
        place = self.kind.place
        return place is not None and place.by == "point" and place.lon in self.specs and place.lat in self.specs

    @property
    def sets_place(self) -> bool:
        """Whether the feed says where its records are."""
        place = self.kind.place
        return place is not None and (self.wants_points if place.by == "point" else place.field in self.specs)

    def heading(self, field: str) -> str:
        """The column of a field as people know it."""
        return self.specs[field].describe() if field in self.specs else field

    def make_source(self) -> LandingSource:
        """What the readers are told of the file."""
        source, place = self.feed.source, self.kind.place
        given = {name: getattr(source, name) for name in FeedSource.model_fields}
        if self.wants_points and place is not None and not (source.has_points or source.geometry):
            given |= {"lon": _column(self.specs[place.lon or ""]), "lat": _column(self.specs[place.lat or ""])}
        given["decimal"] = source.decimal or "."  # as it is written where these feeds come from; nobody is there to be asked
        closed_place = any(not field.is_open for field in place_fields(self.kind))
        closed = {name for field in self.fields if not field.is_open for name in _columns(self.specs[field.code])}
        if closed_place:
            closed.add(f"{given['lon']}, {given['lat']}")
        more = {"closed": frozenset(closed), "has_closed_place": closed_place, "wants_points": self.wants_points}
        return LandingSource.model_construct(**{**given, "key": self.feed.code, **more})


def _column(spec: Spec) -> str | None:
    return spec.column or spec.template or (spec.first[0] if spec.first else None)


def _columns(spec: Spec) -> list[str]:
    """All columns of which a spec tells."""
    return [
        spec.describe(),
        *([spec.column] if spec.column else []),
        *(spec.first or []),
        *spec.plus,
        *([spec.minus] if spec.minus else []),
    ]


def find_job(connection: Connection, city: str, feed: str) -> Job | None:
    """The job of a feed as it is installed; ``None`` if it is declared no longer."""
    row = connection.execute(_FEED, [city, feed]).fetchone()
    pack = None if row is None else read_pack(connection, row[0])
    found = None if pack is None else pack.feeds.get(feed.partition(".")[2])
    if row is None or pack is None or found is None or found.kind not in pack.kinds:
        return None
    kind, zone = pack.kinds[found.kind], ZoneInfo(row[1])
    specs = {name: spec for name, spec in found.columns.items() if name in kind.fields}
    return Job(city, zone, datetime.now(UTC).astimezone(zone).date(), pack, found, kind, specs)

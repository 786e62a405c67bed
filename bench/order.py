"""The order for a row's process: which databases, which peers, and how many measurements."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.model import Json

PEERS = ("group-by", "pgbench", "static", "tipg", "copy", "geopandas", "ogr2ogr")
"""Peers with which the product can be compared; ``--against`` chooses some."""
TENTH = "tenth"
"""Name of the database that holds the same city with a tenth of its incidents: the cost of a drill-down there shows how costs grow."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many measurements of each kind are made."""

    rounds: int = 3
    clicks: int = 96
    raw_districts: int = 12
    cold_tiles: int = 240
    warm_s: float = 8.0
    import_rows: int = 200_000
    requests: int = 20_000
    viewers: int = 100
    mixed_s: float = 60.0
    arriving_s: float = 20.0
    think_s: tuple[float, float] = (3.0, 6.0)
    listeners: int = 300
    live_per_s: float = 100.0
    live_s: float = 60.0
    walls: int = 200
    walls_per_s: float = 20.0
    walls_s: float = 60.0


FULL = Counts()
QUICK = Counts(1, 6, 2, 6, 0.4, 400, 60, 4, 2.0, 0.5, (0.1, 0.3), 20, 40.0, 1.5, 12, 10.0, 2.0)
"""Counts of a quick run, which shows that everything works; its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """The settings of one run.

    Attributes:
        scale: scale of the measured database.
        databases: addresses by scale or ``TENTH``; all are filled and migrated.
        server: address of a database of the server on which scratch databases are made.
        embedded: whether that server is the embedded cluster.
        home: folder for files that are kept between runs (peers' environment, generated inputs).
        against: peers that are also measured.
        unfilled: why a database is missing, by the same names.
    """

    scale: str
    databases: dict[str, str]
    server: str
    home: str
    embedded: bool = False
    against: tuple[str, ...] = PEERS
    counts: Counts = FULL
    unfilled: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """Address of the database of the measured scale."""
        return self.databases[self.scale]

    @property
    def quick(self) -> bool:
        """Whether this is a quick run, whose figures mean nothing."""
        return self.counts == QUICK

    @property
    def folder(self) -> Path:
        """``home`` as a path."""
        return Path(self.home)

    def as_json(self) -> Json:
        """The order as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Json) -> "Order":
        """Make an order from the result of ``as_json``, also after JSON encoding."""
        counts = {**given["counts"], "think_s": tuple(given["counts"]["think_s"])}
        return cls(**{**given, "against": tuple(given["against"]), "counts": Counts(**counts)})

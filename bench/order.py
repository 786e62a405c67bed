"""What a row's process is told: which databases, which peers, how much of everything."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.model import Json

PEERS = ("group-by", "pgbench", "static", "tipg", "copy", "geopandas", "ogr2ogr")
"""What the product can be measured beside; ``--against`` picks some."""
TENTH = "tenth"
"""Name of the database that holds the same city with a tenth of its incidents: what a drill costs there shows how costs grow."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is measured."""

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


FULL = Counts()
QUICK = Counts(1, 6, 2, 6, 0.4, 400, 60, 4, 2.0, 0.5, (0.1, 0.3))
"""Shows that everything works; its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run.

    Attributes:
        scale: of the database that is measured.
        databases: address by scale, or of its ``TENTH``; filled and migrated.
        server: address of a database of the server on which scratch databases are made.
        embedded: that server is the embedded cluster.
        home: folder for what outlives a run (peers' environment, made inputs).
        against: peers to measure beside.
        unfilled: why a database is not there, by the same names.
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
        """Address of the database of the scale that is measured."""
        return self.databases[self.scale]

    @property
    def quick(self) -> bool:
        """Whether its figures mean nothing."""
        return self.counts == QUICK

    @property
    def folder(self) -> Path:
        """``home`` as a path."""
        return Path(self.home)

    def as_json(self) -> Json:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Json) -> "Order":
        """From ``as_json``, after a journey through JSON."""
        counts = {**given["counts"], "think_s": tuple(given["counts"]["think_s"])}
        return cls(**{**given, "against": tuple(given["against"]), "counts": Counts(**counts)})

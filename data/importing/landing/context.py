"""The state of one running import, which all subjects use."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from data.importing.landing.staging import Changes
from data.importing.placing.coordinate_checks import CityOutline
from data.importing.placing.leaves import Leaves
from data.importing.placing.tree import Tree
from data.importing.profile.model import Profile
from data.importing.progress import Progress
from data.importing.rows.categories import Book
from data.importing.rows.intake import Intake
from data.importing.rows.rejects import Ledger
from data.rollup import TouchedRows

if TYPE_CHECKING:
    from data.importing.landing.handlers import HandlerLinks


@dataclass
class Context:
    """One running import.

    Attributes:
        moment: dates after it lie in the future (the profile's ``as_of``, else now).
        source_ids: id of each source by its key.
        changes: rows changed, by table.
        analysed: tables of which statistics were gathered since their rows were written.
        held: tables in which the city had rows before this import.
        register: takes note of the people that are changed, while they may be.
        fingerprint: of the files and the profile (see ``data.importing.run_records``).
        stamps: of the files, from before the fingerprint was taken.
        standing: versions of what the city holds at the end.
        outline: the outline of the city; set when its areas are written, as ``leaves``.
        leaves: the leaf areas of the city.
        handlers: finds the units that handlers' names mean; set after the city's sources are written.
        recount: whether roll-ups are counted again at the end, because the areas changed; otherwise they follow each change.
    """

    connection: psycopg.Connection
    profile: Profile
    intake: Intake
    ledger: Ledger
    progress: Progress
    moment: dt.datetime
    tree: Tree
    books: dict[str, Book] = field(default_factory=dict)
    source_ids: dict[str, int] = field(default_factory=dict)
    changes: dict[str, Changes] = field(default_factory=dict)
    recount: bool = True
    analysed: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    register: TouchedRows | None = None
    fingerprint: str = ""
    stamps: list[tuple[object, ...]] = field(default_factory=list)
    standing: dict[str, int] = field(default_factory=dict)
    outline: CityOutline = field(init=False)
    leaves: Leaves = field(init=False)
    handlers: "HandlerLinks" = field(init=False)

    @property
    def city(self) -> str:
        """Code of the city."""
        return self.profile.city.code

    def add_changes(self, table: str, changes: Changes) -> None:
        """Add to the rows changed in one table."""
        self.changes.setdefault(table, Changes()).__iadd__(changes)

    @property
    def anything_changed(self) -> bool:
        """Whether any row of any table was changed."""
        return any(c.any for c in self.changes.values())

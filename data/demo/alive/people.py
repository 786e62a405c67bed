"""Who belongs to the crew, what each may do and where, and the units in which they work. Pure: no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from zlib import crc32

from data.core.roles import Detail
from data.demo.alive.admission import PREFIX
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.offices import KIND_OF, OFFICES, kind_of
from data.organisation.model import Member as UnitMember

DESKS, WORKERS = 2, 2
"""How many dispatchers there are, and how many workers in each unit."""

Post = Literal["hotline", "devices", "desk", "chief", "caller", "grid", "worker"]

UNIT_OF = KIND_OF
"""The kind of unit that handles each category."""
SENSITIVE = frozenset(category.code for category in CATEGORIES if category.sensitive)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the crew.

    Attributes:
        name, shown: of the account.
        role, detail, scope: its rights.
        post: what it does.
        unit: kind of the units in which a worker works, one in each district.
    """

    name: str
    shown: str
    role: str
    detail: Detail
    scope: str
    post: Post
    unit: str | None = None


def make_crew(city: str, districts: Sequence[str], units: Iterable[str] = ()) -> "Crew":
    """The crew of a city with these districts and units (codes)."""
    made = [
        Member(f"{PREFIX}hotline", "演示·热线话务员 Demo hotline", "dispatcher", "cases", city, "hotline"),
        Member(f"{PREFIX}devices", "演示·视频与物联值守 Demo devices", "dispatcher", "cases", city, "devices"),
        Member(f"{PREFIX}caller", "演示·回访员 Demo caller", "dispatcher", "cases", city, "caller"),
        Member(f"{PREFIX}chief", "演示·值班长 Demo supervisor", "supervisor", "people", city, "chief"),
    ]
    made += [Member(f"{PREFIX}desk-{n}", f"演示·派遣员{n} Demo dispatcher {n}", "dispatcher", "cases", city, "desk") for n in _count(DESKS)]
    made += [
        Member(f"{PREFIX}grid-{code}", f"演示·网格员 Demo grid worker {code}", "grid_worker", "cases", code, "grid") for code in districts
    ]
    for office in OFFICES:
        kind, name = office.kind, office.name
        detail: Detail = "people" if any(UNIT_OF[code] == kind for code in SENSITIVE) else "cases"
        made += [
            Member(f"{PREFIX}{kind}-{n}", f"演示·{name.zh}{n} Demo {name.en} {n}", "grid_worker", detail, city, "worker", kind)
            for n in _count(WORKERS)
        ]
    return Crew(tuple(made), frozenset(units))


def _count(most: int) -> range:
    return range(1, most + 1)


@dataclass(frozen=True)
class Crew:
    """All of them, and who takes which case: the same for the same number, so that a case stays with its people.

    ``units`` are the codes of the city's units.
    """

    members: tuple[Member, ...]
    units: frozenset[str] = frozenset()

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """The members by the names of their accounts."""
        return {member.name: member for member in self.members}

    def at(self, post: Post) -> Member:
        """The first at a post."""
        return self._at[post][0]

    def find_desk(self, number: str, category: str) -> Member:
        """The dispatcher of a case; dispatchers do not see sensitive ones."""
        desks = self._at["desk"]
        return self.at("chief") if category in SENSITIVE else desks[crc32(number.encode()) % len(desks)]

    def find_caller(self, category: str) -> Member:
        """Who calls the reporter back."""
        return self.at("chief") if category in SENSITIVE else self.at("caller")

    def find_grid_worker(self, grid: str, category: str) -> Member:
        """Who looks after a cell: the grid worker of its district."""
        found = next((member for member in self._at["grid"] if grid.startswith(member.scope)), None)
        return self.at("chief") if found is None or category in SENSITIVE else found

    def find_worker(self, unit: str | None, number: str, category: str) -> Member:
        """Who handles a case of a unit; where the unit is none of the crew's, its category decides."""
        kind = kind_of(unit)
        workers = self._workers[UNIT_OF[category] if kind is None or category in SENSITIVE else kind]
        return workers[crc32(number.encode()) % len(workers)]

    def find_colleague(self, worker: Member) -> Member:
        """Another worker of the same unit."""
        return next(member for member in self._workers[worker.unit or ""] if member != worker)

    def find_unit(self, kind: str, grid: str) -> str:
        """Code of the unit of a kind that is responsible for a cell. A city that was made by an older version has one for all districts."""
        own = next((unit for unit in self.units if kind_of(unit) == kind and grid.startswith(unit.removesuffix(f"-{kind}"))), None)
        return own or kind

    def list_unit_members(self) -> list[UnitMember]:
        """The workers as members of the units of their kind."""
        workers = [member for member in self.members if member.unit is not None]
        return [UnitMember(unit, member.name) for member in workers for unit in sorted(self.units) if kind_of(unit) == member.unit]

    @cached_property
    def _at(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        for member in self.members:
            found.setdefault(member.post, []).append(member)
        return found

    @cached_property
    def _workers(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        for member in self._at["worker"]:
            found.setdefault(member.unit or "", []).append(member)
        return found

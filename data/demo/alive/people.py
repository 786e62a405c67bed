"""Who belongs to the crew, what each may do and where, and the units in which they work. Pure: no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from zlib import crc32

from data.core.roles import Detail
from data.demo.alive.admission import PREFIX
from data.demo.common.catalogue import CATEGORIES
from data.organisation.model import Member as UnitMember
from data.organisation.model import RoutingRule, Unit

DESKS, WORKERS = 2, 2
"""How many dispatchers there are, and how many workers in each unit."""

Post = Literal["hotline", "devices", "desk", "chief", "caller", "grid", "worker"]

_UNITS = {
    "环卫所": ("sanitation", "Sanitation"),
    "综合行政执法队": ("enforcement", "Law Enforcement"),
    "市政养护中心": ("utilities", "Utilities Maintenance"),
    "住建管理站": ("construction", "Construction Office"),
    "园林绿化站": ("greening", "Parks and Greening"),
    "综治中心": ("mediation", "Mediation Centre"),
    "应急管理站": ("emergency", "Emergency Office"),
    "民政服务站": ("care", "Civil Affairs"),
}
"""Code and English name of the unit behind each handler of the catalogue."""
UNIT_OF = {category.code: _UNITS[category.handler][0] for category in CATEGORIES}
"""The unit that handles each category."""
SENSITIVE = frozenset(category.code for category in CATEGORIES if category.sensitive)
BY_HAND = frozenset({"construction", "advert", "dispute"})
"""Categories without a rule: their cases wait for a dispatcher."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the crew.

    Attributes:
        name, shown: of the account.
        role, detail, scope: its rights.
        post: what it does.
        unit: code of the unit in which a worker works.
    """

    name: str
    shown: str
    role: str
    detail: Detail
    scope: str
    post: Post
    unit: str | None = None


def make_units() -> tuple[Unit, ...]:
    """The units of the demo city."""
    return tuple(Unit(code, name, name_en, phone=f"0570-880010{n:02}") for n, (name, (code, name_en)) in enumerate(_UNITS.items(), start=1))


def make_rules() -> tuple[RoutingRule, ...]:
    """Which filed cases go to their unit by themselves."""
    codes = [category.code for category in CATEGORIES if category.code not in BY_HAND]
    return tuple(RoutingRule(0, n, UNIT_OF[code], category=code) for n, code in enumerate(codes, start=1))


def make_crew(city: str, districts: Sequence[str]) -> "Crew":
    """The crew of a city with these districts (codes)."""
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
    for handler, (unit, name) in _UNITS.items():
        detail: Detail = "people" if any(UNIT_OF[code] == unit for code in SENSITIVE) else "cases"
        made += [
            Member(f"{PREFIX}{unit}-{n}", f"演示·{handler}{n} Demo {name} {n}", "grid_worker", detail, city, "worker", unit)
            for n in _count(WORKERS)
        ]
    return Crew(tuple(made))


def _count(most: int) -> range:
    return range(1, most + 1)


@dataclass(frozen=True)
class Crew:
    """All of them, and who takes which case: the same for the same number, so that a case stays with its people."""

    members: tuple[Member, ...]

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
        known = unit if unit in self._workers and category not in SENSITIVE else UNIT_OF[category]
        workers = self._workers[known]
        return workers[crc32(number.encode()) % len(workers)]

    def find_colleague(self, worker: Member) -> Member:
        """Another worker of the same unit."""
        return next(member for member in self._workers[worker.unit or ""] if member != worker)

    def list_unit_members(self) -> list[UnitMember]:
        """The workers as members of their units."""
        return [UnitMember(member.unit, member.name) for member in self.members if member.unit is not None]

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

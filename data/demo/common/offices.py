"""The units of the demo city that handle cases, one of each kind in every district; invented like everything else there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data.demo.common.catalogue import CATEGORIES
from data.demo.common.frame import make_dice
from data.demo.common.names import GIVEN, SURNAMES, Name
from data.organisation.model import RoutingRule, Unit


@dataclass(frozen=True, slots=True)
class Office:
    """A kind of unit: the word in its code, its name, and the department that it belongs to."""

    kind: str
    name: Name
    department: Name


_URBAN = Name("城市管理局", "Urban Management Bureau")
OFFICES = (
    Office("sanitation", Name("环卫所", "Sanitation"), _URBAN),
    Office("enforcement", Name("综合行政执法队", "Law Enforcement"), Name("综合行政执法局", "Law Enforcement Bureau")),
    Office("utilities", Name("市政养护中心", "Utilities Maintenance"), _URBAN),
    Office("construction", Name("住建管理站", "Construction Office"), Name("住房和城乡建设局", "Housing and Construction Bureau")),
    Office("greening", Name("园林绿化站", "Parks and Greening"), _URBAN),
    Office("mediation", Name("综治中心", "Mediation Centre"), Name("社会治理办公室", "Social Governance Office")),
    Office("emergency", Name("应急管理站", "Emergency Office"), Name("应急管理局", "Emergency Management Bureau")),
    Office("care", Name("民政服务站", "Civil Affairs"), Name("民政局", "Civil Affairs Bureau")),
)
KINDS = tuple(office.kind for office in OFFICES)
_KIND_OF_NAME = {office.name.zh: office.kind for office in OFFICES}
KIND_OF = {category.code: _KIND_OF_NAME[category.handler] for category in CATEGORIES}
"""The kind of unit that handles each category."""
BY_HAND = frozenset({"construction", "advert", "dispute"})
"""Categories without a rule: their cases wait for a dispatcher."""


def code_unit(district: str, kind: str) -> str:
    """Code of the unit of a kind in a district (a code)."""
    return f"{district}-{kind}"


def kind_of(unit: str | None) -> str | None:
    """The kind of a unit by its code, if it is one of ours."""
    kind = (unit or "").rsplit("-", 1)[-1]
    return kind if kind in KINDS else None


def name_unit(district: Name, office: Office) -> Name:
    """What the unit of a district is called: 钟楼区环卫所, Zhonglou District Sanitation."""
    return district.of(office.name)


def make_units(districts: Sequence[tuple[str, Name]], valid_from: date | None = None) -> tuple[Unit, ...]:
    """The units of districts (code and name of each), with heads and telephones of their offices."""
    rng = make_dice(15)
    made = []
    for d, (district, called) in enumerate(districts, start=1):
        for n, office in enumerate(OFFICES, start=1):
            name = name_unit(called, office)
            surname, given = SURNAMES[rng.integers(0, len(SURNAMES))], GIVEN[rng.integers(0, len(GIVEN))]
            unit = Unit(
                code_unit(district, office.kind),
                name.zh,
                name.en,
                office.department.zh,
                office.department.en,
                valid_from=valid_from,
                phone=f"0570-88{d:02}{n:02}10",
                head=surname.zh + given.zh,
                head_en=f"{surname.en} {given.en}",
            )
            made.append(unit)
    return tuple(made)


def make_rules(districts: Sequence[str]) -> tuple[RoutingRule, ...]:
    """Which filed cases go to the unit of their district by themselves."""
    codes = [category.code for category in CATEGORIES if category.code not in BY_HAND]
    wanted = [(code, district) for code in codes for district in districts]
    return tuple(
        RoutingRule(0, n, code_unit(district, KIND_OF[code]), category=code, area=district)
        for n, (code, district) in enumerate(wanted, start=1)
    )

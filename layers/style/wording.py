"""Short texts that several layers and pages share: names, counts, days."""

from typing_extensions import ReadOnly, TypedDict

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from data.figures.types import AreaReport, LabelledName
from layers.style.days import format_day, format_period
from layers.style.measures import AS_IT_STANDS, AT_END


class Named(TypedDict):
    """An object with a code and a name in both languages: an area, a city, a category."""

    code: ReadOnly[str]
    name: ReadOnly[str]
    name_en: ReadOnly[str]


def level_name(report: AreaReport, level: str, lang: Lang) -> str:
    """The city's own name for areas of this level (街道, Ward …)."""
    given = report["city"]["level_names"].get(level, {})
    return str(given.get(lang) or t(lang, _LEVELS.get(level, _LEVELS["grid"])))


_LEVELS = {
    "city": "City",
    "district": "District",
    "street": "Street",
    "community": "Community",
    "grid": "Grid cell",
    "zone": "Functional zone",
}


def local_name(named: Named, lang: Lang) -> str:
    """The name in the reader's language; the Chinese name if there is no other, and the code if there is no name."""
    return (named["name_en"] if lang == "en" else named["name"]) or named["name"] or named["code"]


def local_label(code: str, names: LabelledName | None, lang: Lang) -> str:
    """The name of a category or kind; its code if the city gives it no name."""
    return code if names is None else local_name({"code": code, "name": names["name"], "name_en": names["name_en"]}, lang)


def format_area_count(n: int, report: AreaReport, level: str, lang: Lang) -> str:
    """How many areas of a level: '33 个网格', '33 grid cells'."""
    return format_level_count(n, level_name(report, level, lang), lang)


def format_level_count(n: int, thing: str, lang: Lang) -> str:
    """A count of areas with their level's name: ``33 个网格``, ``33 grid cells``."""
    return t(lang, "{n} {things}", n=f"{n:,}", things=thing.lower() if lang == "en" and n == 1 else pluralize(thing, lang))


COUNTED = {
    "areas": ("1 area", "{n} areas"),
    "buildings": ("1 building", "{n} buildings"),
    "cases": ("1 case", "{n} cases"),
    "days": ("1 day", "{n} days"),
    "facilities": ("1 facility", "{n} facilities"),
    "households": ("1 household", "{n} households"),
    "kinds": ("1 kind", "{n} kinds"),
    "residents": ("1 resident", "{n} residents"),
}
"""Sentences for a count of one and for every other count."""


def format_count(n: int, things: str, lang: Lang) -> str:
    """A count in words: ``1 case``, ``1,234 cases``; ``things`` is a key of ``COUNTED``."""
    once, more = COUNTED[things]
    return t(lang, once) if n == 1 else t(lang, more, n=f"{n:,}")


def pluralize(thing: str, lang: Lang) -> str:
    """The plural of a level's name, as inside a sentence; Chinese has no plural."""
    if lang != "en":
        return thing
    return " or ".join(_plural(word) for word in thing.lower().split(" or "))


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}s"


def report_period(report: AreaReport) -> Period:
    """The period of the report's figures."""
    return Period.parse(report["period"]["from"], report["period"]["to"])


def format_measured_days(name: str, report: AreaReport, lang: Lang) -> str:
    """For which days or moment a measure is counted; empty for figures that do not depend on days of cases."""
    if name in ("population", "density"):
        return ""
    period = report_period(report)
    if name in AS_IT_STANDS or (name in AT_END and period.end.isoformat() >= report["city"]["as_of"][:10]):
        return t(lang, "as it stands")
    return t(lang, "when {day} ended", day=format_day(period.end, lang)) if name in AT_END else format_period(period, lang)


CHANNEL_TITLES = {
    "grid_worker": "Grid worker",
    "hotline": "Hotline",
    "public": "Public",
    "building_head": "Building head",
    "video": "Video",
    "sensor": "Sensor",
    "superior": "Higher authority",
    "media": "Media",
    "business_system": "Business system",
    "database_mirror": "Database",
    "self_declared": "Self-declared",
    "other": "Other",
}
"""How a case was reported, by channel."""
STAGE_TITLES = {
    "reported": "Reported",
    "filed": "Filed",
    "dispatched": "Dispatched",
    "in_progress": "In progress",
    "feedback": "Feedback given",
    "closed": "Closed",
    "evaluated": "Evaluated",
    "void": "Void",
    "duplicate": "Duplicate",
    "not_responsible": "Not responsible",
    "referred": "Referred",
}
"""Stages of a case, by code."""

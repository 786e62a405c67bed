"""Answers about rules and calendars, read as the viewer in one transaction each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.i18n import t
from data.core.pinyin import spell
from data.core.viewer import Viewer
from data.database.transactions import read_transaction
from data.deadlines.rows import find_end, format_spans, make_calendar, make_rule
from data.figures.types import VERSION
from data.indicators.composite import find_composite
from data.indicators.definitions import INDICATORS
from data.indicators.weights import Version
from data.indicators.weights import read_version as read_version_of_weights
from data.queries import deadlines as deadline_queries
from data.rules import statements as queries
from data.rules.deadline_rules import write_deadline
from data.rules.duplicate_rules import read_reach
from data.rules.duplicate_trial import try_reach
from data.rules.reading import Change, RuleCity, read_areas, read_changes, read_known, read_organisation, read_version
from data.rules.routing_rules import find_remarks, read_routing, write_routing
from data.rules.trial import Trial, list_units, try_rules
from data.rules.types import (
    CalendarTold,
    CategoryTold,
    ChangeTold,
    DeadlineRules,
    DuplicateRules,
    ReachTried,
    RoutingRules,
    RuleCityTold,
    Tried,
    Weights,
)
from data.rules.weights import write_composite
from data.schema import CHANNELS

_MOST_MOVES, _MOST_UNTAKEN = 200, 100


async def fetch_routing(city: RuleCity, viewer: Viewer) -> RoutingRules:
    """Rules of routing with what they may name."""
    async with read_transaction(viewer) as connection:
        organisation = await read_organisation(connection, city.code)
        used = sorted({rule.area for rule in organisation.rules if rule.area})
        known, areas = await read_known(connection, city, used), await read_areas(connection, city.code, used)
        told: Any = {
            "version": VERSION,
            "seen": await read_version(connection, city.code, "routing"),
            "city": tell_city(city),
            "rules": [write_routing(rule) for rule in organisation.rules],
            "remarks": find_remarks(organisation.rules, known, viewer.lang),
            "areas": [{name: row[name] for name in ("code", "name", "name_en")} for row in areas],
            "categories": await _read_categories(connection, city.code),
            "channels": list(CHANNELS),
            "changes": _tell_changes(await read_changes(connection, city.code, "routing")),
        }
    return told  # type: ignore[no-any-return]  # all names of RoutingRules


async def fetch_trial(city: RuleCity, body: Mapping[str, Any], viewer: Viewer, codes: Sequence[str]) -> Tried:
    """What rules that are not stored would do.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    async with read_transaction(viewer) as connection:
        known = await read_known(connection, city, codes)
    rules = read_routing(body, known)
    trial = await try_rules(city, rules, known, viewer)
    async with read_transaction(viewer) as connection:
        areas = await read_areas(connection, city.code, [code for code in trial.areas if code])
    return _tell_trial(trial, areas, find_remarks(rules, known, viewer.lang))


def _tell_trial(trial: Trial, areas: Sequence[Any], remarks: Any) -> Tried:
    names = {row["code"]: (row["name"], row["name_en"]) for row in areas}
    made: Any = {
        "version": VERSION,
        "first": trial.first.isoformat(),
        "last": trial.last.isoformat(),
        "cases": trial.cases,
        "routed": trial.routed,
        "changed": trial.changed,
        "waiting": trial.cases - trial.routed,
        "level": trial.level,
        "units": list_units(trial),
        "moves": [
            {"before": before, "after": after, "cases": cases}
            for (before, after), cases in sorted(trial.moves.items(), key=lambda one: (-one[1], one[0]))[:_MOST_MOVES]
        ],
        "rules": [{"rule": rule, "cases": cases} for rule, cases in sorted(trial.by_rule.items())],
        "untaken": [
            {"category": category, "area": area, "cases": cases}
            for (category, area), cases in sorted(trial.untaken.items(), key=lambda one: (-one[1], one[0]))[:_MOST_UNTAKEN]
        ],
        "areas": [
            {"code": code, "name": names[code][0], "name_en": names[code][1], "cases": cases, "changed": changed}
            for code, (cases, changed) in sorted(trial.areas.items())
            if code in names
        ],
        "moved": [_tell_moved(one) for one in trial.moved],
        "remarks": remarks,
    }
    return made  # type: ignore[no-any-return]  # all names of Tried


def _tell_moved(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("number", "title", "title_en", "category", "channel", "state", "lon", "lat", "before", "after")
    moments = {name: one[name] and _moment(one[name]) for name in ("reported_at", "due_at")}
    return {**{name: one[name] for name in names}, **moments}


async def fetch_deadlines(city: RuleCity, viewer: Viewer) -> DeadlineRules:
    """Rules of deadlines, old ones too, with how many open cases of the viewer's follow each."""
    bound = {"city": city.code}
    async with read_transaction(viewer) as connection:
        rows = (await connection.execute(deadline_queries.rules(), bound)).mappings()
        rules = sorted((make_rule(dict(row)) for row in rows), key=lambda rule: rule.id)
        cases = {row["rule_id"]: row["cases"] for row in (await connection.execute(queries.OPEN_BY_RULE, bound)).mappings()}
        told: Any = {
            "version": VERSION,
            "seen": await read_version(connection, city.code, "deadlines"),
            "city": tell_city(city),
            "rules": [{**write_deadline(rule), "cases": cases.get(rule.id, 0)} for rule in rules],
            "categories": await _read_categories(connection, city.code),
            "changes": _tell_changes(await read_changes(connection, city.code, "deadlines")),
        }
    return told  # type: ignore[no-any-return]  # all names of DeadlineRules


async def fetch_duplicates(city: RuleCity, viewer: Viewer) -> DuplicateRules:
    """How near likely duplicates are: the city's own rows, and those that stand where it has none."""
    async with read_transaction(viewer) as connection:
        rows = (await connection.execute(queries.REACHES, {"city": city.code})).mappings().all()
        reaches = [(row["own"], {name: row[name] for name in ("category", "radius_m", "days")}) for row in rows]
        told: Any = {
            "version": VERSION,
            "seen": await read_version(connection, city.code, "duplicates"),
            "city": tell_city(city),
            "rules": [reach for own, reach in reaches if own],
            "usual": [reach for own, reach in reaches if not own],
            "categories": await _read_categories(connection, city.code),
            "changes": _tell_changes(await read_changes(connection, city.code, "duplicates")),
        }
    return told  # type: ignore[no-any-return]  # all names of DuplicateRules


async def fetch_reach_trial(city: RuleCity, body: Mapping[str, Any], viewer: Viewer) -> ReachTried:
    """What a row that is not stored would find.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    async with read_transaction(viewer) as connection:
        known = await read_known(connection, city, [])
    trial = await try_reach(city, read_reach(body, "rule", known), viewer)
    span = {"first": trial.first.isoformat(), "last": trial.last.isoformat()}
    return {"version": VERSION, **span, "looked_at": trial.looked_at, "found": trial.found, "pairs": trial.pairs}  # type: ignore[typeddict-item]


async def fetch_calendar(city: RuleCity, viewer: Viewer) -> CalendarTold:
    """Hours, days, and how far they are official."""
    bound = {"city": city.code}
    async with read_transaction(viewer) as connection:
        reach = (await connection.execute(deadline_queries.reach(), bound)).mappings().first()
        days = (await connection.execute(queries.DAYS, bound)).mappings().all()
        worked = (await connection.execute(deadline_queries.hours(), bound)).mappings()
        hours = [(row["valid_from"], row["weekday"], row["spans"]) for row in worked]
        ends = (reach["region"], reach["official_until"], reach["uploaded_until"]) if reach else None
        until, weeks = find_end(*ends) if ends else None, make_calendar(city.timezone, hours, ends, ()).weeks
        told: Any = {
            "version": VERSION,
            "seen": await read_version(connection, city.code, "calendar"),
            "seen_hours": await read_version(connection, city.code, "hours"),
            "city": tell_city(city),
            "region": ends and ends[0],
            "gazetted_until": until and until.isoformat(),
            "uploaded_until": ends and ends[2] and ends[2].isoformat(),
            "weeks": [
                {"valid_from": week.valid_from and week.valid_from.isoformat(), "hours": [format_spans(spans) for spans in week.spans]}
                for week in weeks
            ],
            "days": [{**row, "day": row["day"].isoformat()} for row in days],
            "provisional": (await connection.execute(queries.PROVISIONAL, bound)).scalar(),
            "changes": await _read_both(connection, city.code, ("calendar", "hours")),
        }
    return told  # type: ignore[no-any-return]  # all names of CalendarTold


async def _read_both(connection: AsyncConnection, city: str, kinds: Sequence[str]) -> list[ChangeTold]:
    """Changes of several kinds, the latest first."""
    found = [change for kind in kinds for change in await read_changes(connection, city, kind)]
    return _tell_changes(sorted(found, key=lambda one: one.id, reverse=True))


async def fetch_weights(city: RuleCity, viewer: Viewer) -> Weights:
    """Weights of the composite score with their days, the city's own or, where it has none, those of the operator's file for today."""
    async with read_transaction(viewer) as connection:
        rows = (await connection.execute(queries.COMPOSITES, {"city": city.code})).mappings()
        versions = [read_version_of_weights(dict(row), city.code) for row in rows]
        file = None if versions else find_composite(city.code, city.today)
        told: Any = {
            "version": VERSION,
            "seen": await read_version(connection, city.code, "weights"),
            "city": tell_city(city),
            "versions": [write_composite(one) for one in (versions or ([Version(0, file)] if file else []))],
            "indicators": [
                {"code": one.code, "title": t(viewer.lang, one.title), "unit": one.unit, "higher_is_better": one.higher_is_better}
                for one in INDICATORS.values()
                if one.numerator is not None or one.anchor == "now"
            ],
            "changes": _tell_changes(await read_changes(connection, city.code, "weights")),
        }
    return told  # type: ignore[no-any-return]  # all names of Weights


def tell_city(city: RuleCity) -> RuleCityTold:
    """The city in an answer."""
    return {
        "code": city.code,
        "name": city.name,
        "name_en": city.name_en,
        "timezone": city.timezone,
        "today": city.today.isoformat(),
        "may_change": city.may_change,
    }


def _tell_changes(changes: Sequence[Change]) -> list[ChangeTold]:
    return [{"id": one.id, "at": _moment(one.at), "account": one.account, "facts": one.facts, "before": one.before} for one in changes]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def _read_categories(connection: AsyncConnection, city: str) -> list[CategoryTold]:
    rows = (await connection.execute(queries.CATEGORIES, {"city": city})).mappings()
    return [
        {
            **{name: row[name] for name in ("code", "parent", "name", "name_en", "symbol")},  # type: ignore[typeddict-item]
            "pinyin": spell(row["name"]),
        }
        for row in rows
    ]

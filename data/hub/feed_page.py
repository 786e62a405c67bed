"""Everything about one feed, as a viewer may see it: contract, deliveries, what was rejected, quality and lineage."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from data.core.roles import IMPORTS
from data.core.text import LARGEST_BIGINT, mask_phone
from data.core.viewer import Viewer
from data.database.transactions import write_transaction
from data.figures.types import VERSION
from data.hub.errors import UnknownDelivery, UnknownFeed
from data.hub.lineage import tell_lineage
from data.hub.matrix import Row, city_timezone, end_of, find_city, in_language, moment, open_rows
from data.hub.quality import DAYS, tell_quality
from data.hub.types import ContractTold, Counted, DeliveryAnswer, DeliveryTold, FeedAnswer, QuarantinedRow, RejectedRow
from data.hub.words import contact_of, named, tell_cadence, tell_changes, tell_problem, tell_reason, way_of
from data.queries.hub import statements as queries

MOST_DELIVERIES, MOST_ROWS = 60, 100
_NOTHING: Mapping[str, Any] = dict.fromkeys(("day", "state", "due_at", "arrived_at", "completeness"))


async def fetch_feed(viewer: Viewer, feed: str, city: str | None, day: date | None) -> FeedAnswer:
    """A feed as it stood on a day; without one, on its newest.

    Raises:
        UnknownHubCity, UnknownFeed: there is none, or not for this viewer.
    """
    code = await find_city(viewer, city)
    async with open_rows(viewer) as ask:
        timezone = await city_timezone(ask, code)
        bound: dict[str, Any] = {"city": code, "feed": feed}
        rows = await ask(queries.FEED, bound)
        if not rows:
            raise UnknownFeed(code=feed[:60])
        found = rows[0]
        days = await ask(queries.FEED_DAY, {**bound, "day": day or date.max})
        now: Row = days[0] if days else _NOTHING
        until_day = day or now["day"] or datetime.now(UTC).date()
        until = end_of(until_day, timezone)
        deliveries = await ask(queries.DELIVERIES, {**bound, "until": until, "most": MOST_DELIVERIES})
        contracts = await ask(queries.CONTRACTS, bound)
        first = until_day - timedelta(days=DAYS - 1)
        counted = (await ask(queries.QUALITY_DAYS, {**bound, "first": first, "day": until_day}))[0]
        sums = (await ask(queries.QUALITY_ROWS, {**bound, "since": until - timedelta(days=DAYS), "until": until}))[0]
    newest = next((one for one in deliveries if one["state"] not in ("received", "landing")), None)
    rejected, quarantined = await _fetch_rows(viewer, newest)
    declared = found["declared"] or {}
    return {
        "version": VERSION,
        "city": code,
        "feed": feed,
        "name": in_language(viewer, found, "name"),
        "pack": found["pack"],
        "kind": found["kind"],
        "level": found["level"],
        "department": found["department"],
        "department_name": in_language(viewer, found, "short") if found["short"] else found["department"],
        "hidden": found["hidden"],
        "paused_until": str(found["paused_until"]) if found["paused_until"] else None,
        "now": {
            "day": str(now["day"]) if now["day"] else None,
            "state": now["state"],
            "late_days": now.get("late_days") or 0,
            "due_at": moment(now["due_at"]),
            "arrived_at": moment(now["arrived_at"]),
            "records": now.get("records") or 0,
            "completeness": now["completeness"],
        },
        "contracts": tell_contracts(viewer.lang, contracts),
        "deliveries": [tell_delivery(viewer.lang, one) for one in deliveries],
        "rejects": tell_reasons(viewer.lang, newest, "rejects", declared),
        "quarantine": tell_reasons(viewer.lang, newest, "held", declared),
        "rejected_rows": rejected,
        "quarantined_rows": quarantined,
        "quality": tell_quality(viewer.lang, sums, counted),
        "lineage": tell_lineage(viewer.lang, found, deliveries),
    }


async def fetch_delivery(viewer: Viewer, feed: str, number: int, city: str | None) -> DeliveryAnswer:
    """One delivery and what became of it.

    Raises:
        UnknownHubCity, UnknownFeed, UnknownDelivery: there is none, or not for this viewer.
    """
    code = await find_city(viewer, city)
    async with open_rows(viewer) as ask:
        await city_timezone(ask, code)
        bound: dict[str, Any] = {"city": code, "feed": feed}
        found = await ask(queries.FEED, bound)
        if not found:
            raise UnknownFeed(code=feed[:60])
        rows = await ask(queries.DELIVERY, {**bound, "id": number}) if 0 < number <= LARGEST_BIGINT else []
    if not rows:
        raise UnknownDelivery(id=number)
    declared = found[0]["declared"] or {}
    return {
        **tell_delivery(viewer.lang, rows[0]),
        "version": VERSION,
        "city": code,
        "feed": feed,
        "rejects": tell_reasons(viewer.lang, rows[0], "rejects", declared),
        "quarantine": tell_reasons(viewer.lang, rows[0], "held", declared),
    }


async def _fetch_rows(viewer: Viewer, newest: Row | None) -> tuple[list[RejectedRow], list[QuarantinedRow]]:
    """Rejected and quarantined rows of a delivery, for whoever has the right to imports; of other cities PostgreSQL shows none."""
    if newest is None or not viewer.may("imports"):
        return [], []
    bound = {"delivery": newest["id"], "most": MOST_ROWS}
    async with write_transaction(viewer, IMPORTS) as connection:
        rejected = (await connection.execute(queries.REJECTS, bound)).mappings().all()
        held = (await connection.execute(queries.QUARANTINE, bound)).mappings().all()
    return (
        [{"row": one["row"], "reason": one["reason"], "facts": one["facts"]} for one in rejected],
        [{"id": one["id"], "row": one["row"], "rules": one["rules"], "held": one["repaired"] or one["held"]} for one in held],
    )


def tell_delivery(lang: str, row: Row) -> DeliveryTold:
    """One line of the deliveries."""
    received: datetime = row["received_at"]
    return {
        "id": row["id"],
        "state": row["state"],
        "name": row["name"],
        "size": row["size"],
        "via": row["via"],
        "due_at": moment(row["due_at"]),
        "received_at": moment(received) or "",
        "landed_at": moment(row["landed_at"]),
        "rows": row["rows"],
        "loaded": row["loaded"],
        "rejected": row["rejected"],
        "quarantined": row["quarantined"],
        "problem": tell_problem(lang, row["problem"]),
    }


def tell_reasons(lang: str, delivery: Row | None, part: str, declared: Mapping[str, Any]) -> list[Counted]:
    """Why rows of a delivery were rejected or are in quarantine, the most frequent first."""
    counts: Mapping[str, int] = ((delivery or {}).get("report") or {}).get(part) or {}
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [{"code": code, "sentence": tell_reason(lang, code, declared), "rows": rows} for code, rows in ordered]


def tell_contracts(lang: str, contracts: Sequence[Row]) -> list[ContractTold]:
    """Versions of a contract, the newest first, each with what differs from the one before."""
    told: list[ContractTold] = []
    for place, one in enumerate(contracts):
        declared = one["declared"]
        before = contracts[place + 1]["declared"] if place + 1 < len(contracts) else None
        contact, phone = contact_of(declared)
        told.append(
            {
                "version": one["version"],
                "since": str(one["since"]),
                "cadence": tell_cadence(lang, declared),
                "by": way_of(declared),
                "contact": contact,
                "phone": mask_phone(phone) if phone else None,
                "fields": [
                    {
                        "code": code,
                        "name": named(lang, field.get("name")) or code,
                        "type": str(field.get("type") or ""),
                        "required": bool(field.get("required")),
                        "kept": str(field.get("class") or "ordinary"),
                    }
                    for code, field in (declared.get("fields") or {}).items()
                ],
                "changes": tell_changes(lang, before, declared) if before is not None else [],
            }
        )
    return told

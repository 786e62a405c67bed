"""What a reach would have found: likely duplicates of the cases that were reported lately, as the drawer would have shown them then."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import text

from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import read_transaction
from data.queries.nearby import similar_cases as queries
from data.rules.duplicate_rules import Reach
from data.rules.reading import RuleCity

DAYS = 30
MOST_LOOKED_AT = 40
"""Cases whose duplicates are looked for: the latest ones. More would keep whoever asks waiting."""
LATEST = text(
    """
SELECT i.number, i.category, i.reported_at, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat FROM incident i
WHERE i.city = :city AND i.reported_at >= :first AND i.reported_at < :until AND i.geom IS NOT NULL AND (
    CAST(:category AS text) IS NULL OR i.category = :category OR i.category IN (
        SELECT code FROM category WHERE city = :city AND subject = 'incident' AND parent = :category))
ORDER BY i.reported_at DESC LIMIT :most
"""
)
"""The latest cases of a category and of those below it; of every category where none is named."""


@dataclass(frozen=True, slots=True)
class ReachTrial:
    """How many cases were looked at, how many have at least one likely duplicate that was reported before them, and all such pairs.

    Attributes:
        first, last: days of the reports.
    """

    first: date
    last: date
    looked_at: int
    found: int
    pairs: int


async def try_reach(city: RuleCity, reach: Reach, viewer: Viewer) -> ReachTrial:
    """Look for likely duplicates of the latest cases of 30 days.

    Args:
        city: the city, as the viewer sees it.
        reach: a row, stored or not.
        viewer: who asks; only cases that they may see are counted.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    first = city.today - timedelta(days=DAYS - 1)
    start = datetime.combine(first, time(), zone(city.timezone))
    bound = {"city": city.code, "category": reach.category, "first": start, "until": city.now, "most": MOST_LOOKED_AT}
    within = timedelta(days=reach.days)
    counts: list[int] = []
    async with read_transaction(viewer) as connection:
        like: dict[str, list[str]] = {}
        for one in (await connection.execute(LATEST, bound)).mappings().all():
            if one["category"] not in like:
                named = {"city": city.code, "category": one["category"]}
                like[one["category"]] = list((await connection.execute(queries.categories_like(), named)).scalars())
            where = one["lon"], one["lat"], reach.radius_m
            span = one["reported_at"] - within, one["reported_at"]
            found = await connection.execute(queries.near(city.code, like[one["category"]], *where, *span, one["number"]))
            counts.append(len(found.all()))
    return ReachTrial(first, city.today, len(counts), sum(n > 0 for n in counts), sum(counts))

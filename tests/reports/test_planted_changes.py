"""Cases planted in the small city's database: the section says what it must in both languages, and of noise at most the stated share."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
import small_city
from scipy import stats
from small_city import CELLS, CITY

from data import rollup
from data.core.period import Period
from data.core.viewer import Lang, everything
from data.database import partitions
from reports.content import Bullets
from reports.context import Context
from reports.sections.summary import Options, make
from reports.summary.pieces import text_of

MONDAY = date(2026, 10, 19)
WEEKS = 13
KINDS = ("env", "order", "utility")
Plant = Callable[[np.ndarray, np.ndarray], None]
LANGS: tuple[Lang, ...] = ("zh", "en")
_CASES = """
INSERT INTO incident (district, city, source_id, source_key, grid, path, number, category, channel, stage, reported_at, due_at, closed_at)
SELECT left(grid, 6), %(city)s, (SELECT id FROM source), 'p' || n, grid, (SELECT path FROM area a WHERE a.code = grid), 'P-' || n, category,
    'hotline', 'closed', at, at + interval '6 hours', at + CASE WHEN late THEN interval '7 hours' ELSE interval '5 hours' END
FROM unnest(%(n)s::int[],
    %(grid)s::text[], %(category)s::text[], %(at)s::timestamptz[], %(late)s::boolean[]) AS p (n, grid, category, at, late)
"""


def draw(weeks: int = WEEKS, scale: float = 1.0, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Cases by week, cell and category; and by week and cell how many of a hundred are late."""
    dice = np.random.default_rng(seed)
    return dice.poisson(np.array([8, 5, 3]) * scale, (weeks, len(CELLS), len(KINDS))), np.full((weeks, len(CELLS)), 8)


def put(url: str, cases: np.ndarray, late: np.ndarray) -> None:
    """Put cases in place of all others: the last week is that of ``MONDAY``, every day alike."""
    rows: dict[str, list[Any]] = {name: [] for name in ("n", "grid", "category", "at", "late")}
    for week, cell, kind in np.ndindex(*cases.shape):
        start = MONDAY - timedelta(weeks=cases.shape[0] - 1 - week)
        for one in range(int(cases[week, cell, kind])):
            n = len(rows["n"])
            rows["n"].append(n)
            rows["grid"].append(CELLS[cell])
            rows["category"].append(KINDS[kind])
            rows["at"].append(f"{start + timedelta(days=one % 7)} 10:00+08")
            rows["late"].append(n * 37 % 100 < late[week, cell])
    for name, value in zip(rows, (len(rows["n"]), CELLS[0], KINDS[0], "2026-10-30 10:00+08", False), strict=True):
        rows[name].append(value)  # a later case: the week of the newest one is not over
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM incident")
        first = MONDAY - timedelta(weeks=cases.shape[0])
        partitions.ensure_partitions(
            connection, sorted({(first + timedelta(days=n)).replace(day=1) for n in range(7 * cases.shape[0] + 14)})
        )
        connection.execute(_CASES, {"city": CITY, **rows})
        rollup.rebuild(connection, CITY)


async def tell(lang: Lang, monday: date = MONDAY, bold: bool = True) -> list[str]:
    """The points of a week's summary; of each what is bold, or all of it."""
    week = Period(monday, monday + timedelta(days=6))
    section = await make(Context(CITY, "week", week, everything(lang, "figures")), Options())
    assert section is not None and isinstance(section.blocks[0], Bullets)
    return [text_of(piece for piece in point if piece.bold or not bold) for point in section.blocks[0].points]


def everything_rises(cases: np.ndarray, _late: np.ndarray) -> None:
    cases[-1] *= 2


def everything_falls(cases: np.ndarray, _late: np.ndarray) -> None:
    cases[-1] //= 2


def few(cases: np.ndarray, _late: np.ndarray) -> None:
    cases[:] = 0
    cases[:, 0, 0] = 2
    cases[-1, 0, 0] = 5


def a_new_category(cases: np.ndarray, _late: np.ndarray) -> None:
    cases[:-1, :, 2] = 0
    cases[-1, :, 2] = 4


def one_area_stands_out(cases: np.ndarray, _late: np.ndarray) -> None:
    cases[-1, 4:, 1] += 12


def one_area_is_late(_cases: np.ndarray, late: np.ndarray) -> None:
    late[-1, :4] = 45


@pytest.fixture(scope="module")
def planted(fresh_database: Any) -> Iterator[str]:
    with fresh_database(small_city.load) as url:
        yield url


PLANTED: dict[Plant, tuple[str, str]] = {
    everything_rises: ("上报 {n:,} 件，明显多于通常水平。", "Cases reported: {n:,}, clearly more than usual."),
    everything_falls: ("上报 {n:,} 件，明显少于通常水平。", "Cases reported: {n:,}, clearly fewer than usual."),
    few: ("上报 5 件，比上周多 3 件。", "Cases reported: 5, 3 more than the week before."),
    a_new_category: (
        "新出现公用设施案件 32 件，此前 12 周均无上报。",
        "Public utilities is new: 32 reported, and none in the 12 weeks before.",
    ),
    one_area_stands_out: ("东区上报 {east} 件，明显多于通常水平。", "East: {east} reported, clearly more than usual."),
    one_area_is_late: ("西区按期结案率 ", "West: the on-time closing rate is "),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
async def test_a_planted_change_is_told(planted: str, plant: Plant) -> None:
    cases, late = draw()
    plant(cases, late)
    put(planted, cases, late)
    wanted = [text.format(n=cases[-1].sum(), east=cases[-1, 4:].sum()) for text in PLANTED[plant]]
    for lang, text in zip(LANGS, wanted, strict=True):
        told = await tell(lang)
        assert any(point.startswith(text) for point in told), told
        clear = [point for point in told if ("明显" if lang == "zh" else "clearly") in point]
        if plant is few:
            assert not clear and ("件数过少" if lang == "zh" else "too few cases") in (await tell(lang, bold=False))[0]
        if plant is one_area_stands_out:
            assert not any(point.startswith(("西区", "West")) for point in clear), clear
        if plant is one_area_is_late:
            assert clear and all(point.startswith((text, "按期结案率", "The on-time")) for point in clear), clear


@pytest.mark.slow
async def test_of_noise_nothing_is_called_a_change(planted: str) -> None:
    """Thirty weeks of noise through the database: false changes are not more than a binomial with 5 % makes at 99 %. The dice are fixed."""
    weeks = 30
    put(planted, *draw(WEEKS + weeks - 1, seed=12))
    false = 0
    for back in range(weeks):
        false += any("明显" in point for point in await tell("zh", MONDAY - timedelta(weeks=back)))
    assert false <= stats.binom.ppf(0.99, weeks, 0.05)

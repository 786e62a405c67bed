"""Rate limits: the smallest bucket, and look-ups of unknown credentials."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Scope

from data.core.viewer import Viewer
from routes.middleware.identification import Inside
from routes.middleware.rate_limits import (
    CASES_OF_ONE,
    FILES,
    MAP,
    OPEN_FILES,
    OTHER,
    STRANGER,
    Buckets,
    CredentialLookups,
    Rate,
    RateLimits,
    TooOften,
    count_cases,
)
from routes.shared.language import INSIDE

COOKIE = "made-up"


@pytest.mark.parametrize("rate", [STRANGER, FILES, MAP, OTHER])
@pytest.mark.parametrize("factor", [1e-6, 1 / 61, 1 / 60, 0.5, 1, 3])
def test_every_bucket_holds_a_whole_request(rate: Rate, factor: float) -> None:
    moment = [0.0]
    buckets = Buckets(now=lambda: moment[0])
    least = rate.times(factor)
    assert buckets.take("stranger", "a", least) == 0
    while not (wait := buckets.take("stranger", "a", least)):
        pass
    moment[0] += wait * 1.001
    assert buckets.take("stranger", "a", least) == 0, "it is never locked for ever"


def test_a_factor_gives_so_many_times_more() -> None:
    assert STRANGER.times(0.5) == Rate(30, 0.5) and MAP.times(2) == Rate(2_000, 200)
    assert STRANGER.times(1 / 120) == Rate(1, 1 / 120)


class Database:
    """Knows some credentials, and counts how often it was asked."""

    def __init__(self, *known: str) -> None:
        self.known, self.asked = set(known), 0

    async def look_up(self, value: str) -> str | None:
        self.asked += 1
        return value if value in self.known else None


def scope(address: str = "10.0.0.1") -> Scope:
    return {"type": "http", "path": "/signin", "client": (address, 1), "headers": [], "query_string": b"", "method": "GET"}


def lookups(factor: float = 1) -> CredentialLookups:
    return CredentialLookups(Buckets(now=lambda: 0.0), factor)


async def ask_often(find: CredentialLookups, database: Database, times: int, address: str = "10.0.0.1") -> int:
    """How many of so many made-up credentials were refused."""
    refused = 0
    for n in range(times):
        try:
            assert await find.find(scope(address), f"{COOKIE}{n}", database.look_up) is None
        except TooOften:
            refused += 1
    return refused


async def test_made_up_credentials_reach_the_database_only_so_often() -> None:
    find, database = lookups(), Database()
    assert await ask_often(find, database, 100) == 40
    assert database.asked == STRANGER.at_once == 60
    assert await ask_often(find, database, 1, "10.0.0.2") == 0, "every address has a bucket of its own"


async def test_who_chooses_addresses_of_ipv6_at_will_has_one_bucket() -> None:
    find, database = lookups(), Database()
    refused = [await ask_often(find, database, 1, f"2001:db8:1:2::{n:x}") for n in range(100)]
    assert sum(refused) == 40 and await ask_often(find, database, 1, "2001:db8:1:3::1") == 0


async def test_whoever_is_known_is_not_counted() -> None:
    find, database = lookups(), Database("hers")
    for _ in range(100):
        assert await find.find(scope(), "hers", database.look_up) == "hers"
    assert await ask_often(find, database, 61) == 1


async def test_a_guesser_locks_nobody_out_who_was_known_lately() -> None:
    find, database = lookups(), Database("hers", "his")
    await find.find(scope(), "hers", database.look_up)
    await ask_often(find, database, 61)
    assert await find.find(scope(), "hers", database.look_up) == "hers"
    with pytest.raises(TooOften):
        await find.find(scope(), "his", database.look_up)


async def test_a_credential_that_was_withdrawn_is_counted_again() -> None:
    find, database = lookups(), Database("hers")
    await find.find(scope(), "hers", database.look_up)
    database.known.clear()
    database.asked = 0
    with pytest.raises(TooOften):
        for _ in range(100):
            assert await find.find(scope(), "hers", database.look_up) is None
    assert database.asked == 1 + 60, "once as somebody who was known, then as a stranger"


async def test_without_limits_nothing_is_counted() -> None:
    assert await ask_often(lookups(0), Database(), 100) == 0


async def test_a_request_is_counted_once() -> None:
    buckets, reached = Buckets(now=lambda: 0.0), []

    async def app(*_: Any) -> None:
        reached.append(1)

    find, limits, database = CredentialLookups(buckets), RateLimits(app, buckets=buckets), Database()
    for n in range(60):
        one = scope()
        assert await find.find(one, f"{COOKIE}{n}", database.look_up) is None
        await limits(one, None, None)  # type: ignore[arg-type]
    assert len(reached) == 60


async def test_icon_and_style_sheet_leave_strangers_their_requests() -> None:
    reached: list[str] = []

    async def app(asked: Scope, *_: Any) -> None:
        reached.append(asked["path"])

    async def refuse(_: Any) -> None:
        reached.append("refused")

    limits = RateLimits(app, buckets=Buckets(now=lambda: 0.0))
    for path, times in (*((file, FILES.at_once // 2) for file in sorted(OPEN_FILES)), ("/signin", STRANGER.at_once)):
        for _ in range(int(times)):
            await limits({**scope(), "path": path}, None, refuse)  # type: ignore[arg-type]
    assert "refused" not in reached and reached.count("/signin") == 60, "whoever loads many pages keeps nobody from signing in"
    await limits({**scope(), "path": sorted(OPEN_FILES)[0]}, None, refuse)  # type: ignore[arg-type]
    assert "refused" in reached, "files have a limit, too"


def step_of(name: str, path: str = "/api/cases/GW1/steps", method: str = "POST") -> Scope:
    inside = Inside(Viewer(name=name), SimpleNamespace(lang="en"), "token", "")  # type: ignore[arg-type]
    return {**scope(), "path": path, "method": method, INSIDE: inside}


async def test_steps_have_a_limit_of_their_own_for_each_account() -> None:
    moment, reached = [0.0], []

    async def app(asked: Scope, *_: Any) -> None:
        reached.append(asked[INSIDE].viewer.name)

    answers: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        answers.append(message)

    limits = RateLimits(app, buckets=Buckets(now=lambda: moment[0]), steps_per_s=50)
    for _ in range(201):
        await limits(step_of("feed"), None, send)  # type: ignore[arg-type]
    assert reached == ["feed"] * 200 and answers[0]["status"] == 429, "four seconds' worth at once"
    assert (b"retry-after", b"1") in answers[0]["headers"]
    await limits(step_of("feed", method="GET"), None, send)  # type: ignore[arg-type]
    await limits(step_of("other"), None, send)  # type: ignore[arg-type]
    assert reached[200:] == ["feed", "other"], "reading is counted apart, and so is everybody else"
    moment[0] += 1
    for _ in range(51):
        await limits(step_of("feed"), None, send)  # type: ignore[arg-type]
    assert reached[202:] == ["feed"] * 50


async def test_a_step_on_many_cases_counts_once_for_ten_of_them() -> None:
    async def app(asked: Scope, *_: Any) -> None:
        count_cases(asked, cases[0])

    buckets, cases = Buckets(now=lambda: 0.0), [CASES_OF_ONE]
    limits = RateLimits(app, buckets=buckets, steps_per_s=25)
    for cases[0], times in ((CASES_OF_ONE, 50), (CASES_OF_ONE * 5, 10)):
        for _ in range(times):
            await limits(step_of("feed"), None, None)  # type: ignore[arg-type]
    await limits(step_of("other"), None, None)  # type: ignore[arg-type]
    with pytest.raises(TooOften) as refused:
        cases[0] = CASES_OF_ONE * 100
        await limits(step_of("other"), None, None)  # type: ignore[arg-type]
    assert refused.value.retry_s == 1
    cases[0] = 10**6
    await limits(step_of("third"), None, None)  # type: ignore[arg-type]  # more than a bucket holds empties a full one
    count_cases(step_of("nobody"), 10**6)  # without limits nothing is counted

"""Administrators cannot grant more rights than they have, nor change accounts with more rights."""

import pytest
from fastapi import FastAPI
from signin_forms import account, forms, send, sign_in, visitor
from whole_app import app_with_boss as app

from data.accounts import store
from data.accounts.model import Account
from data.accounts.transactions import owner_transaction

WEST, EAST, STREET = "990101", "990102", "990101001"


__all__ = ["app"]  # a fixture


@pytest.fixture
def west(app: FastAPI) -> Account:
    """An administrator of one district."""
    return account("west", role="administrator", scope=WEST)


@pytest.mark.parametrize(("scope", "figures", "field"), [
    ("*", "", "scope"),
    (EAST, "", "scope"),
    ("990000", "", "scope"),
    ("QUAY", "", "scope"),  # reaches into the east
    ("nowhere", "", "scope"),
    (WEST, "*", "figures"),
    (STREET, EAST, "figures"),
    (WEST, "", None),
    (STREET, WEST, None),
])  # fmt: skip
async def test_an_administrator_of_a_district_gives_no_more_than_that(
    app: FastAPI, west: Account, scope: str, figures: str, field: str | None
) -> None:
    chen = account("chen", scope=STREET)
    chens = f"/accounts/{chen.id}"
    async with visitor(app) as http:
        await sign_in(http, "west")
        page = (await http.get("/accounts")).text
        assert (
            "inside that of your own account, West 990101" in page
            and 'id="scope" name="scope" aria-describedby="scope-hint" value="990101"' in page
        )
        made = await send(http, "/accounts", name="new", role="leader", scope=scope, figures=figures)
        changed = await send(http, chens, role="leader", scope=scope, figures=figures)
    with owner_transaction() as connection:
        new, chen = store.find_by_name(connection, "new"), store.fetch_named(connection, "chen")
    if field is None:
        assert new is not None and (chen.role, chen.scope, chen.figures) == ("leader", scope, figures or None)
    else:
        assert made.status_code == changed.status_code == 422
        assert f'id="{field}-error"' in made.text and f'id="{field}-error"' in changed.text and "Your own account has no area" in made.text
        assert new is None and (chen.role, chen.scope, chen.figures) == ("supervisor", STREET, None)


async def test_who_compares_figures_elsewhere_may_give_that_too(app: FastAPI) -> None:
    account("west", role="administrator", scope=WEST, figures="990000")
    async with visitor(app) as http:
        await sign_in(http, "west")
        assert (await send(http, "/accounts", name="new", role="leader", scope=WEST, figures=EAST)).status_code == 303
        assert (await send(http, "/accounts", name="more", role="leader", scope=EAST, figures=EAST)).status_code == 422
        assert (await send(http, "/accounts", name="more", role="leader", scope=WEST, figures="*")).status_code == 422


async def test_the_administrator_of_a_zone_gives_that_zone_alone(app: FastAPI) -> None:
    account("quay", role="administrator", scope="QUAY")
    async with visitor(app) as http:
        await sign_in(http, "quay")
        for scope in ("*", WEST, "990000"):
            assert (await send(http, "/accounts", name="new", role="leader", scope=scope)).status_code == 422
        assert (await send(http, "/accounts", name="new", role="leader", scope="QUAY")).status_code == 303


@pytest.mark.parametrize("more", [{"scope": "*"}, {"scope": EAST}, {"scope": WEST, "figures": "*"}])
async def test_an_account_that_sees_more_is_out_of_reach(app: FastAPI, west: Account, more: dict[str, str]) -> None:
    chen = account("chen", **more)
    page = f"/accounts/{chen.id}"
    async with visitor(app) as http, visitor(app) as boss:
        await sign_in(http, "west")
        shown = (await http.get(page)).text
        assert "sees areas that your own account does not" in shown and not [
            where for where in forms(shown) if where.startswith("/accounts")
        ]
        csrf = forms((await http.get("/account")).text)["/account/password"]["csrf"]
        for path in ("", "/disable", "/enable", "/link", "/tokens", "/tokens/withdraw", "/sessions/end-all", "/second-factor/off"):
            answer = await http.post(f"{page}{path}", data={"csrf": csrf, "role": "leader", "scope": WEST})
            assert answer.status_code == 403, path
        await sign_in(boss, "boss")
        assert "/link" in (await boss.get(page)).text, "who sees everything looks after everybody"
    with owner_transaction() as connection:
        chen = store.fetch_named(connection, "chen")
        assert (chen.role, chen.enabled) == ("supervisor", True)
        assert connection.exec_driver_sql("SELECT count(*) FROM one_time_link").scalar_one() == 0

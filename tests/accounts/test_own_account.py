"""One's own account: its password, sessions and tokens, and what an open browser alone cannot change."""

import pytest
from fastapi import FastAPI
from signin_forms import PASSWORD, account, forms, send, session, sign_in, visitor

from data.accounts import identity, sessions, tokens
from data.accounts.transactions import owner_transaction

OTHER = "violet-kettle-horse-9"


async def test_a_new_password_ends_all_other_sessions(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http, visitor(app) as elsewhere:
        await sign_in(elsewhere, "wang.min")
        await sign_in(http, "wang.min")
        assert (await send(http, "/account", "/account/password", old=OTHER, new=OTHER)).status_code == 422
        assert (await send(http, "/account", "/account/password", old=PASSWORD, new=OTHER)).status_code == 303
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 200
        assert (await elsewhere.get("/account")).status_code == 303


async def test_a_token_does_not_outlive_the_password_with_which_it_was_made(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        with owner_transaction() as connection:
            headers = {"authorization": f"Bearer {tokens.make(connection, 'wang.min', 'for later', 366)}"}
        async with visitor(app) as program:
            assert (await program.get("/api/cities", headers=headers)).status_code == 200
            assert (await send(http, "/account", "/account/password", old=PASSWORD, new=OTHER)).status_code == 303
            identity.clear_cache()
            assert (await program.get("/api/cities", headers=headers)).status_code == 401


async def test_sign_out_everywhere_else(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http, visitor(app) as elsewhere:
        await sign_in(elsewhere, "wang.min")
        await sign_in(http, "wang.min")
        await send(http, "/account", "/account/sessions/end-all")
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 200
        assert (await elsewhere.get("/account")).status_code == 303


@pytest.mark.parametrize("tokens_too", [True, False])
async def test_signing_out_everywhere_offers_to_withdraw_the_tokens(app: FastAPI, tokens_too: bool) -> None:
    account("wang.min")
    with owner_transaction() as connection:
        headers = [{"authorization": f"Bearer {tokens.make(connection, 'wang.min', name, 9)}"} for name in ("one", "two")]
    async with visitor(app) as http, visitor(app) as program:
        await sign_in(http, "wang.min")
        page = (await http.get("/account")).text
        assert "tokens for programs, too (2)" in page and 'value="yes" checked' in page
        fields = forms(page)["/account/sessions/end-all"]
        if not tokens_too:
            del fields["tokens_too"]
        told = (await http.post("/account/sessions/end-all", data=fields)).text
        assert ("2 tokens are withdrawn" in told) == tokens_too
        identity.clear_cache()
        status = {(await program.get("/api/cities", headers=one)).status_code for one in headers}
        assert status == ({401} if tokens_too else {200})
        assert (await http.get("/account")).status_code == 200
    with owner_transaction() as connection:
        logged = connection.exec_driver_sql("SELECT count(*) FROM audit_log WHERE action = 'token_withdrawn'").scalar_one()
    assert logged == (2 if tokens_too else 0)


async def test_an_open_browser_alone_makes_no_token(app: FastAPI) -> None:
    mine = account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        for password in ("", OTHER):
            refused = await send(http, "/account", "/account/tokens", token_name="x", days="9", password=password)
            assert refused.status_code == 422 and 'id="token-password-error"' in refused.text and "gwp_" not in refused.text
    with owner_transaction() as connection:
        assert not tokens.list_tokens(connection, mine.id)


async def test_the_page_says_what_ends_with_the_old_password(app: FastAPI) -> None:
    account("wang.min", lang="zh")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        assert "您的程序令牌也会全部收回" in (await http.get("/account")).text


async def test_ones_token_is_shown_once_opens_the_machine_door_and_can_be_withdrawn(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        page = await send(http, "/account", "/account/tokens", token_name="<b>morning</b>", days="30", password=PASSWORD)
        token = page.text.split("gwp_")[1].split("<")[0]
        assert "<b>morning" not in page.text and "&lt;b&gt;morning" in page.text
        assert f"gwp_{token}" not in (await http.get("/account")).text
        async with visitor(app, accept="*/*", authorization=f"Bearer gwp_{token}") as program:
            assert (await program.get("/openapi.json")).status_code == 200
            await send(http, "/account", "/account/tokens/withdraw")
            identity.clear_cache()
            assert (await program.get("/openapi.json")).status_code == 401
        assert (await send(http, "/account", "/account/tokens", token_name="x", days="0", password=PASSWORD)).status_code == 422
        assert (await send(http, "/account", "/account/tokens", token_name="x", days="²", password=PASSWORD)).status_code == 422


async def test_nobody_ends_anothers_session_or_token(app: FastAPI) -> None:
    account("wang.min")
    account("chen")
    async with visitor(app) as chen, visitor(app) as wang:
        await sign_in(chen, "chen")
        await send(chen, "/account", "/account/tokens", token_name="mine", days="30", password=PASSWORD)
        await sign_in(wang, "wang.min")
        theirs = sessions.hash_value(session(chen)).hex()
        csrf = forms((await wang.get("/account")).text)["/account/tokens"]["csrf"]
        await wang.post("/account/sessions/end", data={"csrf": csrf, "session": theirs})
        for number in range(1, 5):
            await wang.post("/account/tokens/withdraw", data={"csrf": csrf, "token": str(number)})
        identity.clear_cache()
        assert "mine" in (await chen.get("/account")).text


@pytest.mark.parametrize("how", ["none", "wrong", "of another session", "from elsewhere"])
async def test_a_form_that_is_not_ours_does_nothing(app: FastAPI, how: str) -> None:
    account("wang.min")
    account("chen")
    async with visitor(app) as http, visitor(app) as other:
        await sign_in(http, "wang.min")
        await sign_in(other, "chen")
        right = forms((await http.get("/account")).text)["/account/tokens"]
        theirs = forms((await other.get("/account")).text)["/account/tokens"]["csrf"]
        given = {"none": "", "wrong": "0" * 64, "of another session": theirs, "from elsewhere": right["csrf"]}[how]
        headers = {"sec-fetch-site": "same-site"} if how == "from elsewhere" else {}
        answer = await http.post(
            "/account/tokens", data={**right, "csrf": given, "token_name": "x", "days": "9", "password": PASSWORD}, headers=headers
        )
        assert answer.status_code in {401, 403}
        assert "/account/tokens/withdraw" not in forms((await http.get("/account")).text)

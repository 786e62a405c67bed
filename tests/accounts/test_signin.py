"""Signing in and out through the whole app: passwords, codes, links, one's own account."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pyotp
import pytest
from fastapi import FastAPI
from signin_forms import COOKIE, HASHED, PASSWORD, account, forms, hold, send, session, sign_in, visitor

from data.accounts import identity, links, lockout, passwords, store
from data.accounts.transactions import owner_transaction
from data.core.settings import settings
from data.database import connections

OTHER = "violet-kettle-horse-9"


def log(database: str, *columns: str) -> list[tuple[str, ...]]:
    """Rows of the audit log, the oldest first."""
    with psycopg.connect(database) as connection:
        return connection.execute(f"SELECT {', '.join(columns)} FROM audit_log ORDER BY no").fetchall()


def actions(database: str) -> list[str]:
    return [action for (action,) in log(database, "action")]


async def test_name_and_password_open_the_page_one_wanted(app: FastAPI, database: str) -> None:
    account("wang.min")
    async with visitor(app) as http:
        answer = await sign_in(http, " Wang.Min ", target="/account?a=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account?a=1")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie
        assert (await http.get("/account")).status_code == 200
    rows = log(database, "action", "account", "subject", "address")
    assert rows[-1] == ("sign_in", "wang.min", "wang.min", "127.0.0.1")


async def test_the_session_is_another_one_than_before_and_only_its_hash_is_kept(app: FastAPI, database: str) -> None:
    account("wang.min")
    async with visitor(app) as http:
        hold(http, "chosen-by-somebody-else")
        await sign_in(http, "wang.min")
        first = session(http)
        assert first != "chosen-by-somebody-else"
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        assert session(http) != first
    with psycopg.connect(database) as connection:
        assert first not in str(connection.execute("SELECT * FROM session").fetchall())


async def test_whatever_is_wrong_the_answer_is_the_same(app: FastAPI, database: str) -> None:
    account("there")
    account("closed")
    account("wall", role="wall", password=None)
    with owner_transaction() as connection:
        store.disable(connection, store.fetch_named(connection, "closed").id)
    answers = set()
    async with visitor(app) as http:
        for name, password in (("there", OTHER), ("nobody", PASSWORD), ("closed", PASSWORD), ("wall", ""), ("\x00", "x"), ("", "")):
            answer = await sign_in(http, name, password)
            assert answer.status_code == 401
            answers.add(answer.text.replace(forms(answer.text)["/signin"]["csrf"], ""))
    assert len(answers) == 1
    assert COOKIE not in http.cookies
    assert [subject for action, subject in log(database, "action", "subject") if action == "sign_in_failed"] == ["there"]
    with owner_transaction() as connection:
        rows = connection.exec_driver_sql("SELECT account, sum(count)::int FROM entry_failure GROUP BY account ORDER BY account").all()
    assert rows == [("", 3), ("closed", 1), ("wall", 1)], "what is no name of ours may be a password"


async def test_guessing_has_to_wait_and_the_right_password_does_too(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http:
        for _ in range(lockout.FREE_TRIES + 1):
            await sign_in(http, "wang.min", OTHER)
        assert (await sign_in(http, "wang.min")).status_code == 401, "it is too early"
        with owner_transaction() as connection:
            known = store.fetch_named(connection, "wang.min")
            assert known.failed == lockout.FREE_TRIES + 1, "tries made while waiting do not count"
            connection.exec_driver_sql("UPDATE account SET failed_at = failed_at - interval '1 hour'")
        assert (await sign_in(http, "wang.min")).status_code == 303
    with owner_transaction() as connection:
        assert store.fetch_named(connection, "wang.min").failed == 0


async def test_a_hundred_tries_at_once_are_a_hundred(app: FastAPI) -> None:
    from data.accounts.signin import count_try
    from data.accounts.transactions import Visitor, run_for_visitor

    account("wang.min")
    let = [await run_for_visitor(Visitor(), count_try, "wang.min") for _ in range(20)]
    assert sum(one is not None for one in let) == lockout.FREE_TRIES + 1


async def test_the_second_factor(app: FastAPI, database: str) -> None:
    mine = account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        page = (await http.get("/account/second-factor")).text
        secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
        fields = forms(page)["/account/second-factor"]
        assert (await http.post("/account/second-factor", data={**fields, "code": "000000", "password": PASSWORD})).status_code == 422
        now = pyotp.TOTP(secret).now()
        assert "is on" in (await http.post("/account/second-factor", data={**fields, "code": now, "password": PASSWORD})).text
        with psycopg.connect(database) as connection:
            kept = connection.execute("SELECT totp_secret FROM account").fetchone()
            assert kept and secret.encode() not in bytes(kept[0])
    async with visitor(app) as http:
        answer = await sign_in(http, "wang.min", target="/account")
        assert answer.headers["location"] == "/signin/code?next=%2Faccount"
        assert (await http.get("/account")).headers["location"].startswith("/signin/code")
        half = session(http)
        assert (await send(http, "/signin/code", code=now)).status_code == 401, "it was used to set it up"
        with owner_transaction() as connection:
            connection.exec_driver_sql("UPDATE account SET totp_step = totp_step - 5, failed = 0")
        code = pyotp.TOTP(secret).now()
        answer = await send(http, "/signin/code?next=/account", "/signin/code", code=code)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert session(http) != half
        hold(http, half)
        identity.clear_cache()
        assert (await http.get("/signin/code")).status_code == 303, "the half session is gone"
    with owner_transaction() as connection:
        assert store.fetch_named(connection, mine.name).failed == 0
    assert actions(database)[-3:] == ["sign_in_half", "sign_in_failed", "sign_in"]


async def test_who_knows_the_password_has_no_endless_tries_at_codes(app: FastAPI) -> None:
    mine = account("wang.min")
    from data.accounts.model import TOTP_KIND
    from data.privacy.sealing import seal

    with owner_transaction() as connection:
        store.set_totp(connection, mine.id, seal(pyotp.random_base32(), TOTP_KIND), 0)
    async with visitor(app) as http:
        for _ in range(3):
            http.cookies.clear()
            await sign_in(http, "wang.min")
            await send(http, "/signin/code", code="000000")
        http.cookies.clear()
        assert (await sign_in(http, "wang.min")).status_code == 401, "it has to wait"


async def test_a_password_that_somebody_else_set_is_changed_first(app: FastAPI) -> None:
    mine = account("wang.min", password=None)
    with owner_transaction() as connection:
        store.set_password(connection, mine.id, HASHED, must_change=True)
    async with visitor(app) as http:
        assert (await sign_in(http, "wang.min")).headers["location"] == "/signin/password?next=%2F"
        assert (await http.get("/account")).headers["location"].startswith("/signin/password")
        assert "another one" in (await send(http, "/signin/password", password=PASSWORD)).text
        assert (await send(http, "/signin/password", password="Password2026!")).status_code == 422
        assert (await send(http, "/signin/password", password=OTHER)).headers["location"] == "/"
        assert (await http.get("/account")).status_code == 200


async def test_signing_out_ends_the_session_for_good(app: FastAPI, database: str) -> None:
    account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        value = session(http)
        assert (await http.get("/signout")).status_code == 200, "a link alone signs nobody out"
        assert (await http.get("/account")).status_code == 200
        assert (await send(http, "/signout")).headers["location"] == "/signin"
        hold(http, value)
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 303
    assert actions(database)[-1] == "sign_out"


@pytest.mark.parametrize("change", ["seen_at = now() - interval '31 minutes'", "ends_at = now()"])
async def test_sessions_end_by_themselves(app: FastAPI, change: str) -> None:
    account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        with owner_transaction() as connection:
            connection.exec_driver_sql(f"UPDATE session SET {change}")
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 303


async def test_a_session_in_use_is_noted_and_lives_on(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        with owner_transaction() as connection:
            connection.exec_driver_sql("UPDATE session SET seen_at = now() - interval '29 minutes'")
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 200
        with owner_transaction() as connection:
            (seen,) = connection.exec_driver_sql("SELECT seen_at FROM session").one()
        assert datetime.now(UTC) - seen < timedelta(minutes=5)


async def test_signing_in_wants_the_form_of_this_very_visit(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app) as mine, visitor(app) as other:
        page = await mine.get("/signin")
        fields = {**forms(page.text)["/signin"], "name": "wang.min", "password": PASSWORD}
        assert (await other.post("/signin", data=fields)).status_code == 403
        assert (await mine.post("/signin", content=b"x" * 100_000)).status_code == 403
        assert (await mine.post("/signin", data=fields)).status_code == 303


async def test_the_first_administrator_comes_by_a_link_that_works_once(app: FastAPI, database: str) -> None:
    async with visitor(app) as http:
        assert "Nobody can sign in yet" in (await http.get("/signin")).text
        assert (await http.get("/first?key=wrong")).status_code == 410
        with owner_transaction() as connection:
            old, key = links.make(connection, "first"), links.make(connection, "first")
        assert (await http.get(f"/first?key={old}")).status_code == 410, "a newer one was made"
        page = f"/first?key={key}"
        assert (await send(http, page, name="wang", password="Password2026!")).status_code == 422
        assert (await send(http, page, name="a b", password=PASSWORD)).status_code == 422
        onwards = (await send(http, page, name="wang", password=PASSWORD)).headers["location"]
        assert "Your password is set" in (await http.get(onwards)).text and "Your password is set" not in (await http.get("/signin")).text
        assert (await http.get(page)).status_code == 410
        with owner_transaction() as connection:
            late = links.make(connection, "first")
        assert (await http.get(f"/first?key={late}")).status_code == 410, "there is one"
        assert (await sign_in(http, "wang")).status_code == 303
        assert (await http.get("/accounts")).status_code == 200
    with psycopg.connect(database) as connection:
        assert key not in str(connection.execute("SELECT * FROM one_time_link").fetchall())


async def test_a_password_is_chosen_with_a_link(app: FastAPI) -> None:
    mine = account("wang.min")
    with owner_transaction() as connection:
        key = links.make(connection, "password", mine)
    async with visitor(app) as http:
        page = f"/reset?key={key}"
        assert (await send(http, page, password="wang.min-wang.min")).status_code == 422
        assert "its tokens are withdrawn" in (await http.get(page)).text
        onwards = (await send(http, page, password=OTHER)).headers["location"]
        assert "Your password is set" in (await http.get(onwards)).text
        assert (await http.get(page)).status_code == 410
        assert (await sign_in(http, "wang.min")).status_code == 401
        assert (await sign_in(http, "wang.min", OTHER)).status_code == 303


async def test_a_link_is_good_no_more_once_there_is_another_password(app: FastAPI) -> None:
    mine = account("wang.min")
    with owner_transaction() as connection:
        key = links.make(connection, "password", mine)
    async with visitor(app) as http:
        await sign_in(http, "wang.min")
        assert (await send(http, "/account", "/account/password", old=PASSWORD, new=OTHER)).status_code == 303
        assert (await http.get(f"/reset?key={key}")).status_code == 410


async def test_a_password_that_is_changed_while_it_is_compared_opens_nothing(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, fits = account("wang.min"), passwords.verify_password

    def meanwhile(kept: str | None, given: str) -> bool:
        right = fits(kept, given)
        with owner_transaction() as connection:
            store.set_password(connection, mine.id, passwords.hash_password(OTHER))
        return right

    monkeypatch.setattr(passwords, "verify_password", meanwhile)
    async with visitor(app) as http:
        assert (await sign_in(http, "wang.min")).status_code == 401


async def test_an_old_link_opens_nothing(app: FastAPI) -> None:
    mine = account("wang.min")
    with owner_transaction() as connection:
        key = links.make(connection, "password", mine)
        connection.exec_driver_sql("UPDATE one_time_link SET ends_at = now()")
    async with visitor(app) as http:
        assert (await http.get(f"/reset?key={key}")).status_code == 410


@pytest.mark.usefixtures("production_hasher")
async def test_a_weaker_hash_is_made_anew_at_the_next_sign_in(app: FastAPI) -> None:
    from argon2 import PasswordHasher

    account("wang.min", password=PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD))
    async with visitor(app) as http:
        assert (await sign_in(http, "wang.min")).status_code == 303
    with owner_transaction() as connection:
        kept = store.fetch_named(connection, "wang.min").password_hash
    assert kept is not None and not passwords.needs_rehash(kept)


@pytest.mark.parametrize("page", ["/signin", "/signin?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/first?key=%22%3E%3Cimg%20src=x%3E"])
async def test_pages_hold_no_script_no_style_and_no_text_of_a_stranger(app: FastAPI, page: str) -> None:
    account("wang.min", role="administrator", shown="<script>alert(1)</script>")
    async with visitor(app) as http:
        before = (await http.get(page)).text
        await sign_in(http, "wang.min")
        inside = [(await http.get(path)).text for path in ("/account", "/accounts", "/accounts/1", "/signout")]
    # Signing out takes drafts of the desk away, which only a script can.
    *others, leaving = inside
    assert re.findall(r"<script[^>]*>", leaving) == ['<script type="module" src="/desk/sign-out.js">']
    for text in (before, *others, re.sub(r"<script[^>]*></script>", "", leaving)):
        assert "<script" not in text and "<style" not in text and " style=" not in text and "<img src=x" not in text
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


async def test_over_https_behind_a_proxy_cookies_are_secure(app: FastAPI) -> None:
    account("wang.min")
    async with visitor(app, "https://grid.example") as http:
        answer = await sign_in(http, "wang.min")
        assert answer.headers["set-cookie"].startswith("__Host-gridwell-session=") and "Secure" in answer.headers["set-cookie"]


async def test_the_language_of_an_account_is_that_of_its_pages(app: FastAPI) -> None:
    account("wang.min", lang="zh")
    async with visitor(app) as http:
        assert "Sign in" in (await http.get("/signin")).text
        await sign_in(http, "wang.min")
        assert "我的账号" in (await http.get("/account")).text
        answer = await http.get("/account?lang=en")
        assert "My account" in answer.text and "lang=en" in answer.headers["set-cookie"]
        assert "My account" in (await http.get("/account")).text


def test_settings_say_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.cache_clear()
    assert (settings().session_idle_min, settings().session_hours) == (30, 12)


async def test_a_database_that_does_not_answer_is_told_in_words(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    await connections.close_pools()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")
    settings.cache_clear()
    async with visitor(app) as http:
        hold(http, "x")
        answer: httpx.Response = await http.get("/account")
    assert answer.status_code == 503
    assert "does not answer" in answer.text

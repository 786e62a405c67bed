"""Everybody's accounts: the administrator's pages, and ``./gridwell user``."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from signin_forms import PASSWORD, account, forms, send, sign_in, visitor
from table_locks import until, waiting
from whole_app import app_with_boss as app

from cli.__main__ import main
from data.accounts import identity, store, tokens
from data.accounts.guest import guest
from data.accounts.model import BadAccount, Draft, LastAdministrator, NameTaken, UnknownAccount
from data.accounts.transactions import owner_transaction
from data.core.roles import ROLES
from data.core.settings import settings

__all__ = ["app"]  # a fixture


def number(name: str) -> int:
    with owner_transaction() as connection:
        return store.fetch_named(connection, name).id


async def test_an_administrator_makes_an_account_whose_owner_chooses_the_password(app: FastAPI) -> None:
    async with visitor(app) as boss, visitor(app) as owner:
        await sign_in(boss, "boss")
        answer = await send(
            boss, "/accounts", name="Chen.LQ", shown="陈立群", role="supervisor", scope="990101", detail="", figures="*", lang="zh"
        )
        page = answer.headers["location"]
        assert page == f"/accounts/{number('chen.lq')}"
        made = await send(boss, page, f"{page}/link")
        link = made.text.split('class="code">')[1].split("<")[0]
        assert link.startswith("http://grid.example:8050/reset?key=")
        assert (await send(owner, link, "/reset", password=PASSWORD)).status_code == 303
        assert (await sign_in(owner, "chen.lq")).status_code == 303
        assert (await owner.get("/accounts")).status_code == 403
        assert "西区 990101" in (await owner.get("/account")).text


@pytest.mark.parametrize(
    "wrong", [{"name": "a b"}, {"name": "boss"}, {"role": "king"}, {"scope": "nowhere"}, {"role": "leader", "detail": "people"}]
)
async def test_what_cannot_be_is_told_and_what_was_typed_stays(app: FastAPI, wrong: dict[str, str]) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        answer = await send(boss, "/accounts", **{"name": "chen", "shown": "陈立群", "role": "supervisor", "scope": "990101", **wrong})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text and 'value="陈立群"' in answer.text
        assert len((await boss.get("/accounts")).text.split("/accounts/")) == 2, "boss alone"


async def test_other_rights_hold_at_once(app: FastAPI) -> None:
    account("chen", scope="990101")
    async with visitor(app) as boss, visitor(app) as chen:
        await sign_in(boss, "boss")
        await sign_in(chen, "chen")
        page = f"/accounts/{number('chen')}"
        assert "from now on" in (await send(boss, page, shown="陈", role="leader", scope="990102", detail="figures")).text
        identity.clear_cache()
        assert "East 990102" in (await chen.get("/account")).text
        with owner_transaction() as connection:
            row = connection.exec_driver_sql("SELECT detail FROM audit_log WHERE action = 'account_changed'").scalar_one()
        assert row["role"] == ["supervisor", "leader"] and row["detail"] == ["people", "figures"]


async def test_a_closed_account_is_out_and_its_tokens_open_nothing(app: FastAPI) -> None:
    account("chen")
    with owner_transaction() as connection:
        token = tokens.make(connection, "chen", "x", 9)
    async with visitor(app) as boss, visitor(app) as chen, visitor(app, accept="*/*", authorization=f"Bearer {token}") as program:
        await sign_in(boss, "boss")
        await sign_in(chen, "chen")
        assert (await program.get("/openapi.json")).status_code == 200
        page = f"/accounts/{number('chen')}"
        await send(boss, page, f"{page}/disable")
        identity.clear_cache()
        assert (await chen.get("/account")).status_code == 303
        assert (await program.get("/openapi.json")).status_code == 401
        await send(boss, page, f"{page}/enable")
        identity.clear_cache()
        assert (await program.get("/openapi.json")).status_code == 401, "tokens stay withdrawn"
        assert (await sign_in(chen, "chen")).status_code == 303


async def test_an_administrator_signs_somebody_out_everywhere_with_their_programs(app: FastAPI) -> None:
    chen = account("chen")
    page = f"/accounts/{chen.id}"
    with owner_transaction() as connection:
        tokens.make(connection, "chen", "x", 9)
    async with visitor(app) as boss, visitor(app) as http:
        await sign_in(boss, "boss")
        await sign_in(http, "chen")
        assert "tokens for programs, too (1)" in (await boss.get(page)).text
        await send(boss, page, f"{page}/sessions/end-all")
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 303
    with owner_transaction() as connection:
        assert not tokens.list_tokens(connection, chen.id)


async def test_the_last_administrator_stays(app: FastAPI) -> None:
    page = f"/accounts/{number('boss')}"
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        assert (await send(boss, page, f"{page}/disable")).status_code == 422
        assert (await send(boss, page, role="leader", scope="*")).status_code == 422
        assert (await boss.get("/accounts")).status_code == 200


async def test_nobody_changes_their_own_rights(app: FastAPI) -> None:
    account("second", role="administrator")
    page = f"/accounts/{number('boss')}"
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        assert (await send(boss, page, role="steward", scope="*")).status_code == 422
    with owner_transaction() as connection:
        assert store.fetch_named(connection, "boss").role == "administrator"


async def test_a_display_gets_an_address_and_people_no_token_of_somebody_elses_making(app: FastAPI) -> None:
    account("wall", role="wall", password=None, scope="990101")
    account("chen")
    async with visitor(app) as boss, visitor(app) as display:
        await sign_in(boss, "boss")
        page, chens = f"/accounts/{number('wall')}", f"/accounts/{number('chen')}"
        made = await send(boss, page, f"{page}/tokens", token_name="大厅", days="30")
        address = made.text.split('class="code">')[1].split("<")[0]
        assert address.startswith("http://grid.example:8050/wall?token=gwd_")
        assert (await display.get(address)).status_code == 303
        assert (await display.get("/openapi.json")).status_code == 200
        csrf = forms((await boss.get(chens)).text)[f"{chens}/disable"]["csrf"]
        assert f"{chens}/tokens" not in forms((await boss.get(chens)).text)
        assert (await boss.post(f"{chens}/tokens", data={"csrf": csrf, "token_name": "x", "days": "9"})).status_code == 403


@pytest.mark.parametrize("role", [role for role in ROLES if "password" in ROLES[role].abilities and role != "administrator"])
async def test_nobody_else_looks_after_accounts(app: FastAPI, role: str) -> None:
    account("somebody", role=role)
    boss = number("boss")
    async with visitor(app) as http:
        await sign_in(http, "somebody")
        csrf = forms((await http.get("/account")).text)["/account/tokens"]["csrf"]
        for path in ("/accounts", f"/accounts/{boss}"):
            assert (await http.get(path)).status_code == 403
        for path in ("", "/disable", "/enable", "/link", "/tokens", "/tokens/withdraw", "/sessions/end-all", "/second-factor/off"):
            data = {"csrf": csrf, "name": "x", "role": "administrator", "scope": "*"}
            assert (await http.post(f"/accounts/{boss}{path}", data=data)).status_code == 403, path
        assert (await http.post("/accounts", data={"csrf": csrf, "name": "x", "role": "administrator"})).status_code == 403


async def test_an_account_that_is_not_there_is_told(app: FastAPI) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        assert (await boss.get("/accounts/999999")).status_code == 404
        assert (await boss.get(f"/accounts/{10**30}")).status_code == 404


# ---- As the owner ----


def test_rights_of_accounts_are_those_of_the_table(database: str) -> None:
    with owner_transaction() as connection:
        made = store.add(connection, Draft("a", role="grid_worker", scope="x"))
        assert (made.detail, made.scope, made.figures) == ("people", "x", None)
        with pytest.raises(NameTaken):
            store.add(connection, Draft("A", role="leader"))
        with pytest.raises(BadAccount):
            store.change(connection, made.id, Draft("a", role="wall", detail="cases"))
        assert store.change(connection, made.id, Draft("b", role="wall")).name == "a", "the name to sign in with stays"
        with pytest.raises(UnknownAccount):
            store.fetch_named(connection, "b")
        with pytest.raises(BadAccount):
            tokens.make(connection, "a", "", 9)


def test_of_two_administrators_one_may_go(database: str) -> None:
    one, other = account("one", role="administrator"), account("other", role="administrator")
    with owner_transaction() as connection:
        store.disable(connection, one.id)
        with pytest.raises(LastAdministrator):
            store.disable(connection, other.id)


@pytest.mark.parametrize("how", ["disable", "change"])
def test_of_two_who_close_each_other_at_the_same_moment_one_stays(database: str, how: str) -> None:
    one, other = account("one", role="administrator"), account("other", role="administrator")

    def go(number: int) -> None:
        with owner_transaction() as connection:
            if how == "disable":
                store.disable(connection, number)
            else:
                store.change(connection, number, Draft("other", role="leader"))

    with ThreadPoolExecutor(1) as pool:
        with owner_transaction() as connection:
            store.disable(connection, one.id)
            second = pool.submit(go, other.id)
            until(lambda: waiting(database) or second.done(), "the second waits for the first")
        with pytest.raises(LastAdministrator):
            second.result()


def test_the_last_administrator_keeps_a_way_in(database: str) -> None:
    one = account("one", role="administrator", password=None, issuer="https://id.example", oidc_subject="one")
    with owner_transaction() as connection, pytest.raises(LastAdministrator):
        store.change(connection, one.id, Draft("one", role="administrator"), "https://id.example")


def test_a_guest_leaves_nothing_but_the_log(database: str) -> None:
    with guest("leader", "x"):
        pass
    with owner_transaction() as connection:
        assert store.list_accounts(connection) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM token").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_log WHERE account LIKE 'cli:%%'").scalar_one() == 3


# ---- ./gridwell user ----


@pytest.fixture
def shell(small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """``shell("add", …, typed=…)`` runs the command and returns its exit code and what it said."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    settings.cache_clear()
    with owner_transaction() as connection:
        connection.exec_driver_sql("TRUNCATE account CASCADE")

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["user", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_the_command_makes_lists_closes_and_opens_accounts(shell) -> None:  # type: ignore[no-untyped-def]
    assert shell("add", "wang", "--role", "administrator", "--password-stdin", typed=f"{PASSWORD}\n")[0] == 0
    assert "/reset?key=" in shell("add", "chen", "--role", "supervisor", "--area", "990101", "--link")[1]
    assert shell("add", "hall", "--role", "wall")[0] == 0
    found = {one["name"]: one for one in json.loads(shell("list", "--json")[1])}
    assert (found["wang"]["password"], found["chen"]["password"], found["hall"]["detail"]) == (True, False, "figures")
    assert "supervisor" in shell("list")[1]
    assert shell("rights", "chen", "--role", "leader", "--figures", "*")[0] == 0
    changed = next(one for one in json.loads(shell("list", "--json")[1]) if one["name"] == "chen")
    assert (changed["role"], changed["detail"], changed["scope"], changed["figures"]) == ("leader", "cases", "990101", "*")
    assert shell("disable", "chen")[0] == 0 and "(closed)" in shell("list")[1]
    assert shell("enable", "chen")[0] == 0 and "(closed)" not in shell("list")[1]
    assert shell("second-factor-off", "chen")[0] == 0
    assert "/wall?token=gwd_" in shell("token", "hall", "--for", "lobby")[1]
    assert shell("token", "wang", "--for", "report", "--days", "30")[1].strip().splitlines()[-1].startswith("gwp_")
    listed = shell("token", "wang")[1]
    assert "report" in listed
    assert "Done" in shell("token", "wang", "--withdraw", listed.split()[0])[1]
    assert shell("token", "wang")[1] == ""


@pytest.mark.parametrize(("words", "typed", "sentence"), [
    (("add", "chen", "--role", "supervisor"), "", "no terminal"),
    (("add", "chen", "--role", "supervisor", "--password-stdin"), "Password2026!\n", "guessed first"),
    (("add", "chen", "--role", "supervisor", "--area", "nowhere", "--link"), "", "no area with that code"),
    (("add", "a b", "--role", "supervisor", "--link"), "", "a name has"),
    (("passwd", "nobody", "--link"), "", "no account with the name “nobody”"),
    (("token", "nobody"), "", "no account"),
])  # fmt: skip
def test_what_cannot_be_done_is_told_and_changes_nothing(shell, words: tuple[str, ...], typed: str, sentence: str) -> None:  # type: ignore[no-untyped-def]
    code, said = shell(*words, typed=typed)
    assert code == 2 and sentence in said
    with owner_transaction() as connection:
        assert store.list_accounts(connection) == []


@pytest.mark.parametrize("written", ["0", "00", str(2**63 - 1), str(2**63), "9" * 19, "9" * 4_301, "9" * 5_000, "0" * 5_000])
async def test_a_number_that_no_account_has_is_an_unknown_account(app: FastAPI, written: str) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        token = forms((await boss.get("/account")).text)["/account/tokens"]["csrf"]
        answers = [await boss.get(f"/accounts/{written}")]
        for below in ("", "/link", "/second-factor/off", "/sessions/end-all", "/tokens", "/tokens/withdraw", "/disable", "/enable"):
            answers.append(await boss.post(f"/accounts/{written}{below}", data={"csrf": token}))
        assert {answer.status_code for answer in answers} == {404}
        assert all("There is no account with the name" in answer.text for answer in answers)


async def test_zeros_in_front_of_an_accounts_number_count_for_nothing(app: FastAPI) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        assert (await boss.get(f"/accounts/00{number('boss')}")).status_code == 200


@pytest.mark.parametrize("path", ["/accounts/-1", "/accounts/1.5", "/accounts/٣", "/accounts/x"])
async def test_what_is_no_number_is_no_address(app: FastAPI, path: str) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        assert (await boss.get(path)).status_code == 404

"""Headers of a proxy count only if the proxy is named in the settings."""

import httpx
import psycopg
import pytest
from serving import serving
from signin_forms import HASHED, PASSWORD, forms
from sqlalchemy import make_url

from data.accounts import store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.slow

SAID = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Accept": "text/html"}


@pytest.mark.parametrize(("named", "secure", "address"), [("", False, "127.0.0.1"), ("127.0.0.1, 10.0.0.0/8", True, "203.0.113.7")])
def test_what_a_proxy_says_counts_where_it_was_named(small: str, named: str, secure: bool, address: str) -> None:
    with owner_transaction(make_url(small).set(drivername="postgresql+psycopg")) as connection:
        if store.find_by_name(connection, "wang") is None:
            store.set_password(connection, store.add(connection, Draft("wang", role="leader")).id, HASHED)
    with serving(small, GRIDWELL_TRUSTED_PROXIES=named) as server, httpx.Client(base_url=server.url, headers=SAID, timeout=60) as http:
        page = http.get("/signin")
        visit = page.headers["set-cookie"].split(";")[0]
        fields = {**forms(page.text)["/signin"], "name": "wang", "password": PASSWORD}
        answer = http.post("/signin", data=fields, headers={"cookie": visit})
        assert answer.status_code == 303
        assert ("Secure" in answer.headers["set-cookie"]) == secure
    with psycopg.connect(small) as connection:
        row = connection.execute("SELECT address FROM audit_log WHERE action = 'sign_in' ORDER BY no DESC LIMIT 1").fetchone()
    assert row == (address,)

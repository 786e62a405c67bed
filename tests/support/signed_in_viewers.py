"""Accounts of every role for every kind of area, what each may see (worked out from the tree alone), and what leaked."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import count
from urllib.parse import unquote

import httpx
import mvt
import small_city as small
import twin_city
from fastapi import FastAPI

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.core.roles import ROLES, Detail
from routes.middleware.identification import session_key
from routes.shared import csrf

SERVER = "http://grid.example:8050"
PARENT = {
    **{row[0]: row[4] for row in small.AREAS},
    **{twin_city.twin(row[0]): twin_city.twin(row[4]) if row[4] else None for row in small.AREAS},
}
"""Every area of both cities with the one above it."""
MEMBERS = {small.ZONE: (small.C3, small.C5), twin_city.TWIN_ZONE: (twin_city.twin(small.C3), twin_city.twin(small.C5))}
SCOPES: dict[str, tuple[str, str | None]] = {
    "everywhere": ("*", None),
    "city": (small.CITY, None),
    "district": (small.D1, None),
    "street": (small.S1, None),
    "cell": (small.C1, None),
    "zone": (small.ZONE, None),
    "another city": (twin_city.TWIN, None),
    "street within its district": (small.S1, small.D1),
    "cell within all": (small.C5, "*"),
}
"""Codes of the area whose cases and people are seen, and of the one whose figures are."""


@cache
def inside(code: str) -> frozenset[str]:
    """An area and all areas inside it; of a zone itself and its cells."""
    if code == "*":
        return frozenset(PARENT)
    if code in MEMBERS:
        return frozenset((code, *MEMBERS[code]))
    return frozenset(one for one in PARENT if code in _upwards(one))


def _upwards(code: str | None) -> Iterator[str]:
    while code in PARENT:
        yield str(code)
        code = PARENT[str(code)]


@dataclass(frozen=True)
class Onlooker:
    """Somebody who is signed in.

    Attributes:
        cookies, headers: what signs them in.
        way: how: by session, device or token.
    """

    name: str
    role: str
    scope: str
    figures: str
    way: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> Detail:
        """The highest of the role."""
        return ROLES[self.role].highest

    @cached_property
    def compared(self) -> frozenset[str]:
        """Areas whose figures may be seen."""
        return inside(self.figures)

    @cached_property
    def called(self) -> frozenset[str]:
        """Areas whose names may be seen: those, and the ones above the account's own."""
        return self.compared.union(_upwards(self.figures), _upwards(self.scope))

    @cached_property
    def named(self) -> frozenset[str]:
        """Areas whose codes may be seen: those, and the ones in the paths of what may be seen."""
        return frozenset(above for one in (*self.compared, *inside(self.scope)) for above in _upwards(one))

    def leaked(self, text: str) -> set[str]:
        """What stands in a text and must not: marks of rows, and codes of areas."""
        cases = inside(self.scope) if self.detail != "figures" else frozenset()
        people = inside(self.scope) if self.detail == "people" else frozenset()
        allowed = {"i": cases, "r": frozenset(), "p": people, "b": self.compared, "f": self.compared}
        marks, codes = _standing_in(text)
        return {whole for whole, kind, code in marks if code not in allowed[kind]} | (codes - self.named)

    async def ask(self, app: FastAPI, method: str, address: str, **more: object) -> httpx.Response:
        """Send one request."""
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        own = {"accept": "application/json", "accept-language": "en", **self.headers}
        async with httpx.AsyncClient(transport=transport, base_url=SERVER, headers=own, cookies=self.cookies) as client:
            return await client.request(method, address, **more)  # type: ignore[arg-type]


_numbers = count(1)
_MARK = re.compile(r"Q([iprbf])(\d{15})")
_CODE = re.compile(rf"(?<![0-9a-zA-Z])(?:(?:99|77)\d{{4,13}}|{small.ZONE}|{twin_city.TWIN_ZONE})(?![0-9a-zA-Z])")


@lru_cache(256)
def _standing_in(text: str) -> tuple[set[tuple[str, str, str]], set[str]]:
    """Marks of rows, and codes of areas; many onlookers get the same long files."""
    marks = {(found[0], found[1], found[2]) for found in _MARK.finditer(text)}
    return marks, {code for code in _CODE.findall(text) if code in PARENT}


def read(answer: httpx.Response) -> str:
    """Everything that an answer says."""
    if answer.headers.get("content-type") == "application/vnd.mapbox-vector-tile":
        return _decoded(answer.content)
    return _unquoted(answer.text)


@lru_cache(256)
def _decoded(tile: bytes) -> str:
    return json.dumps(mvt.read(tile), ensure_ascii=False, default=str)


@lru_cache(256)
def _unquoted(text: str) -> str:
    return unquote(text)


def onlookers(scope: str) -> list[Onlooker]:
    """One account of every role for an area, with a session or, for a wall, its device; and a token of one of them."""
    code, figures = SCOPES[scope]
    made = []
    with owner_transaction() as connection:
        for role in ROLES:
            name = f"{role}.{next(_numbers)}"
            one = store.add(connection, Draft(name, role=role, scope=code, figures=figures), None)
            if role == "wall":
                made.append(_of(name, role, scope, "device", tokens.make(connection, name, "wall", 30)))
            else:
                made.append(_of(name, role, scope, "session", sessions.begin(connection, one.id, "full", "", "")))
        made.append(_of(name, role, scope, "token", tokens.make(connection, name, "program", 30)))
        made.append(_of(f"supervisor.{name}", "supervisor", scope, "token", _supervisors(connection, f"supervisor.{name}", code, figures)))
    return made


def _supervisors(connection: object, name: str, code: str, figures: str | None) -> str:
    store.add(connection, Draft(name, role="supervisor", scope=code, figures=figures), None)  # type: ignore[arg-type]
    return tokens.make(connection, name, "program", 30)  # type: ignore[arg-type]


def _of(name: str, role: str, scope: str, way: str, value: str) -> Onlooker:
    code, figures = SCOPES[scope]
    if way == "token":
        return Onlooker(name, role, code, figures or code, way, {}, {"authorization": f"Bearer {value}"})
    bound = csrf.token(session_key(value))
    return Onlooker(name, role, code, figures or code, way, {f"gridwell-{way}-8050": value}, {csrf.HEADER: bound})


def without(text: str, echoes: Iterable[str]) -> str:
    """A text without what it merely repeats of the question."""
    for echo in echoes:
        if echo not in text:
            continue
        asked = re.escape(echo)
        text = re.sub(
            rf'(area=|building=|incident=|facility=|“|"asked":\s?"|"key":\s?"|"place":\s?"|"query":\s?"|"path":\s?"[^"]*){asked}', "", text
        )
    return text

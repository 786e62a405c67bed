"""The crew's way to the machine door: HTTP like any other program, each member with a token of their own."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests

from data.demo.alive.people import Member

TIMEOUT_S = (3.0, 40.0)
"""For a connection and for an answer; the door itself gives up a step after 20 s."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})


class Later(Exception):
    """The door does not answer now, or wants to be asked later: the same request is to be sent again, in so many seconds.

    Attributes:
        seconds: how long to wait.
        answered: whether the door said so itself, or did not answer at all.
        everybody: whether it is so for all of the crew, or only for who asked (too often).
    """

    def __init__(self, seconds: float, answered: bool = True, everybody: bool = True) -> None:
        self.seconds, self.answered, self.everybody = seconds, answered, everybody
        super().__init__(seconds)


class Dismissed(Exception):
    """A token opens nothing any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door said."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def why(self) -> str:
        """Codes of the reasons why it was not, for the log."""
        error = self.body.get("error") or {}
        return ",".join(one.get("code", "") for one in error.get("fields", ())) or str(error.get("code", self.status))


class Door:
    """The machine door of a server.

    Args:
        address: of the server, without a slash at its end.
        tokens: of each member, by the name of the account.
    """

    def __init__(self, address: str, tokens: Mapping[str, str]) -> None:
        self._address, self._tokens = address, dict(tokens)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._failures = 0
        self._not_before: dict[str, float] = {}

    def get(self, who: Member, path: str, **query: Any) -> Answer:
        """Read something.

        Raises:
            Later, Dismissed: see ``Later`` and ``Dismissed``.
        """
        return self._ask(who, "GET", path, params=query)

    def post(self, who: Member, path: str, body: Mapping[str, Any], key: str) -> Answer:
        """Change something, once: the same key changes nothing twice.

        Raises:
            Later, Dismissed: see ``Later`` and ``Dismissed``.
        """
        return self._ask(who, "POST", path, json=body, headers={"Idempotency-Key": key})

    def send_photo(self, who: Member, photo: bytes) -> str:
        """Send a photo; returns the hash that names it.

        Raises:
            Later: also where the account has sent too many that belong to no case.
            Dismissed: see there.
        """
        answer = self._ask(who, "POST", "/api/attachments", data=photo, headers={"Content-Type": "application/octet-stream"})
        if not answer.ok:
            raise Later(LONGEST_PAUSE_S, everybody=False)
        return str(answer.body["hash"])

    def _ask(self, who: Member, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        if (wait := self._not_before.get(who.name, 0.0) - monotonic()) > 0:
            raise Later(wait, answered=False, everybody=False)
        sent = {"Authorization": f"Bearer {self._tokens[who.name]}", "Accept": "application/json", **(headers or {})}
        try:
            answer = self._session().request(method, self._address + path, headers=sent, timeout=TIMEOUT_S, allow_redirects=False, **more)
        except (requests.RequestException, OSError):
            self._close_session()
            raise Later(self._pause(), answered=False) from None
        if answer.status_code == 401:
            raise Dismissed
        if answer.status_code in _PASSING:
            raise Later(self._hold(who, answer), everybody=answer.status_code != 429)
        self._failures = 0
        return Answer(answer.status_code, _read(answer))

    def _hold(self, who: Member, answer: requests.Response) -> float:
        """How long to wait as the door says; who asked too often asks nothing else meanwhile."""
        seconds = max(_seconds(answer.headers.get("Retry-After")), self._pause() if answer.status_code != 429 else 0.0)
        if answer.status_code == 429:
            self._not_before[who.name] = monotonic() + seconds
        return seconds

    def _pause(self) -> float:
        with self._lock:
            self._failures += 1
            return min(FIRST_PAUSE_S * 2.0 ** min(self._failures // 4, 8), LONGEST_PAUSE_S)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            session.trust_env = False  # neither a proxy nor a password of the environment
        return session

    def _close_session(self) -> None:
        self._session().close()
        del self._own.session


def _seconds(told: str | None) -> float:
    return float(told) if told is not None and told.isascii() and told.isdigit() else FIRST_PAUSE_S


def _read(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

"""The crew of the demo city as a process next to the serving ones: ``./gridwell up --alive``. It reaches the server by HTTP alone."""

import argparse
import logging
import pwd
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.exc import DBAPIError

from cli._serving.privileges import give_up_root
from cli._serving.secrets import forget_secrets, hide_memory
from cli._terminal import ENDING, complain, error_sentence
from data.core.errors import GridwellError
from data.core.settings import settings
from data.demo.alive.admission import check_city, send_home

if TYPE_CHECKING:
    from data.demo.alive.hiring import Hired
    from data.demo.alive.run import Shift

_log = logging.getLogger(__name__)

NAME = "gridwell-crew"
LEAST_SPEED, MOST_SPEED = 0.01, 100_000.0
_ALIVE_S, _AGAIN_S, _JOIN_S = 1.0, 5.0, 3.0
_SETTLED_S = 15.0
"""A crew that was sent home while it worked ends no sooner: for the supervisor a younger process fails."""


class BadSpeed(GridwellError):
    status, code = 422, "bad_speed"
    sentence = "--speed goes with --alive, and must be a number from {least} to {most}: how many times as fast as the clock the crew lives."


def read_speed(args: argparse.Namespace) -> float | None:
    """How fast the crew lives; ``None``: there is none.

    Raises:
        BadSpeed: the speed is none, or there is no crew for it.
    """
    try:
        speed = float(args.speed or 1)
    except ValueError:
        speed = 0.0
    if not LEAST_SPEED <= speed <= MOST_SPEED or (args.speed and not args.alive):
        raise BadSpeed(least=LEAST_SPEED, most=f"{MOST_SPEED:.0f}")
    return speed if args.alive else None


def admit_crew(speed: float | None) -> None:
    """Before anything is served: refuse the crew where it may not work; close its accounts where there is to be none.

    Raises:
        OnlyInDemo, NoDemo: see ``data.demo.alive.hiring.check_city``.
    """
    from data.database.connections import connect

    if speed is None:
        send_home()
        return
    with connect() as connection:
        check_city(connection)


def dismiss_crew(speed: float | None) -> None:
    """When the server ends: close the crew's accounts, so that their tokens open nothing; a database that is away is no reason to fail."""
    if speed is not None:
        with suppress(psycopg.Error, DBAPIError):
            send_home()


def run_crew(speed: float, account: pwd.struct_passwd | None, report_alive: Callable[[], None]) -> None:
    """Hire the crew and let it work until a signal to end arrives.

    Args:
        speed: how many times as fast as the clock it lives.
        account: under which the process runs once it has hired; see ``give_up_root``.
        report_alive: called at once and then once a second.
    """
    from cli._serving.keeper import name_process
    from data.database.connections import drop_owner_access

    name_process(NAME)
    forget_secrets("oidc_client_secret", "metrics_token", "smtp_password", "notice_secret")
    ending = threading.Event()
    for one in ENDING:
        signal.signal(one, lambda *_: ending.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # signals were blocked until there were handlers for them
    began = monotonic()
    hired = _hire(ending, report_alive)
    drop_owner_access()
    give_up_root(account)
    hide_memory()
    if hired is not None:
        _work(hired, speed, ending, report_alive)
    while not ending.is_set() and monotonic() < began + _SETTLED_S:
        report_alive()
        ending.wait(_ALIVE_S)


def _hire(ending: threading.Event, report_alive: Callable[[], None]) -> "Hired | None":
    """The crew, as soon as the database lets it be hired; ``None``: told to end meanwhile."""
    from data.demo.alive.hiring import hire

    while not ending.is_set():
        report_alive()
        try:
            return hire()
        except (psycopg.Error, DBAPIError) as error:
            _log.warning("the crew of the demo city cannot be hired, trying again: %s", str(error).strip())
        except GridwellError as error:
            complain(error_sentence(error))
        until = monotonic() + _AGAIN_S
        while not ending.is_set() and monotonic() < until:
            report_alive()
            ending.wait(_ALIVE_S)
    return None


def _work(hired: "Hired", speed: float, ending: threading.Event, report_alive: Callable[[], None]) -> None:
    from data.demo.alive.run import Shift

    shift = Shift(hired, _own_address(), speed, ending)
    working = threading.Thread(target=_run, args=(shift,), name="crew", daemon=True)
    working.start()
    while working.is_alive() and not ending.is_set():
        report_alive()
        ending.wait(_ALIVE_S)
    working.join(_JOIN_S)


def _run(shift: "Shift") -> None:
    from data.demo.alive.client import Dismissed

    try:
        shift.run()
    except Dismissed:
        _log.warning("the crew of the demo city was sent home: its tokens open nothing any more")
    except Exception:
        _log.exception("the crew of the demo city stopped")


def _own_address() -> str:
    """The server's own address, without a proxy."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings().host, settings().host)  # nosec B104 # noqa: S104 -- every address of this machine
    return f"http://{f'[{host}]' if ':' in host else host}:{settings().port}"

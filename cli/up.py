"""``./gridwell up``: starts everything that is needed, then serves until Ctrl-C."""

import argparse
import fcntl
import gc
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any, NoReturn

import psycopg

from cli._serving.fonts import try_fonts
from cli._serving.log_lines import configure_logging
from cli._serving.meter_files import VARIABLE, release_files, reserve_files
from cli._serving.ports import bind_ports
from cli._serving.supervisor import extend_start, tell_supervisor
from cli._serving.workers import Workers, run_in_own_process
from cli._terminal import language, say
from cli.demo import add_until, read_until
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import environment_name, loopback, settings
from data.core.state_folder import make_private_folder, open_lock

if TYPE_CHECKING:
    from datetime import date

    from data.upkeep.upgrade import Upgrade

NAME = "up"
HELP = "Serve Gridwell; sets up whatever is missing first."
NEEDS_DATABASE = False  # it opens its port before it starts anything else


class OpenToAll(GridwellError):
    status, code = 422, "open_to_all"
    sentence = (
        "{host} can be reached from other machines, and nobody can sign in yet. Make an administrator first:"
        " ./gridwell user add NAME --role administrator"
    )


class AlreadyUp(Exception):
    """Another process already serves this state folder."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        super().__init__(address)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command; everything else comes from the environment."""
    parser.add_argument(
        "--no-backup",
        action="store_true",
        help="upgrade a filled database to this version without the backup that is made before otherwise",
    )
    add_until(parser)
    parser.add_argument(
        "--workers", metavar="N", help=f"processes that serve, 1 to 16, instead of {environment_name('workers')} (otherwise 1)"
    )
    parser.add_argument("--alive", action="store_true", help="let an invented crew work in the demo city")
    parser.add_argument("--speed", metavar="N", help="the crew lives N times as fast as the clock (default: 1)")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM, then end everything that was started."""
    from cli._serving.crew import admit_crew, dismiss_crew, read_speed
    from cli._serving.upgrading import announce_upgrade, back_up_first
    from data.backup.pending import finish_pending
    from data.upkeep.preparation import prepare_database
    from data.upkeep.unprivileged import ensure_account

    starting, speed, until = ExitStack(), read_speed(args), read_until(args)

    def before_upgrade(upgrade: "Upgrade") -> None:
        starting.enter_context(extend_start())
        announce_upgrade(upgrade)
        if not args.no_backup:
            run_in_own_process(back_up_first)

    if args.workers:
        os.environ[environment_name("workers")] = args.workers  # set here, so that it is checked and reported like any setting
        settings.cache_clear()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads, which do not survive a fork; nothing served needs them
    try:
        with hold_serving_lock() as note, bind_ports(settings().workers) as listeners, starting:
            ensure_account()  # before the database's socket is opened to it
            with prepare_database(say, True, before_upgrade):
                starting.close()
                finish_pending()
                first = first_key()
                _note_settings()
                _tell_open_doors()
                run_in_own_process(lambda: _fill_if_empty(until))
                try_fonts(say)
                admit_crew(speed)
                try:
                    _serve(listeners, note, address(first), speed)
                finally:
                    dismiss_crew(speed)
    except KeyboardInterrupt:
        pass  # a signal to end arrived while the server was still starting
    except AlreadyUp as other:
        say(t(language(), "Gridwell already runs here: {address}", address=other.address or settings().home))
        if args.workers:
            say(t(language(), "It was left as it is. To have as many workers as you ask for, end it first."))
        return 0
    say(t(language(), "Ended."))
    return 0


def first_key() -> str | None:
    """The key of the one-time link with which somebody becomes the first administrator; ``None`` if there is one already.

    Raises:
        OpenToAll: nobody can sign in, and the host is not a loopback address: the first visitor could become the administrator.
    """
    from data.accounts import links, store
    from data.accounts.transactions import owner_transaction

    host = settings().host
    with owner_transaction() as connection:
        if store.has_administrator(connection):
            return None
        if not loopback(host):
            raise OpenToAll(host=host)
        return links.make(connection, "first")


def _note_settings() -> None:
    from data.auditing.configuration import note_configuration
    from data.database.connections import connect

    with connect() as connection:
        note_configuration(connection)


def _tell_open_doors() -> None:
    from data.database.connections import connect
    from data.database.lockdown import list_pending_statements

    with connect() as connection:
        if left := list_pending_statements(connection):
            what = "The server's role can leave things behind in the database. As the database server's administrator, run: {statements};"
            say(t(language(), what, statements="; ".join(left)))


def _fill_if_empty(until: "date | None") -> None:
    from data.demo.load import load_demo
    from data.upkeep.preparation import fill_if_empty

    def fill(connection: psycopg.Connection[Any]) -> None:
        say(t(language(), "The database is empty: making the demo city …"))
        load_demo(connection, lang=language(), until=until)

    if not fill_if_empty(fill) and until is not None:
        say(
            t(
                language(),
                "The database holds a city already, which was left as it is: ./gridwell demo --until {day} makes it again.",
                day=until,
            )
        )


@contextmanager
def hold_serving_lock() -> Iterator[IO[str]]:
    """Hold the lock of the state folder's server; the locked file holds the server's address.

    Raises:
        AlreadyUp: a server has it.
    """
    home = settings().home
    make_private_folder(home)
    with os.fdopen(open_lock(home / "up.json"), "a+", encoding="utf-8") as note:  # may hold the first administrator's link
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note.seek(0)
            text = note.read()
            raise AlreadyUp(json.loads(text)["address"] if text else None) from None
        note.truncate(0)
        yield note
        note.truncate(0)


def address(first: str | None = None) -> str:
    """The address to open; with the key of the first administrator's link, if there is one."""
    host = settings().host
    if host in {"0.0.0.0", "::"}:  # nosec B104 # noqa: S104 -- every address of this machine; a browser needs one
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    base = (settings().public_url or f"http://{shown}:{settings().port}").rstrip("/")
    return f"{base}/first?key={first}" if first else f"{base}/"


def _ready(note: IO[str], where: str) -> None:
    """Print the server's address when it is ready."""
    tell_supervisor("READY=1")
    note.write(json.dumps({"address": where}))
    note.flush()
    lang = language()
    if "/first?" in where:
        say(t(lang, "Gridwell is ready. Nobody can sign in yet: open this address once, within a day, and become the administrator:"))
        say(where)
    else:
        say(t(lang, "Gridwell is ready: {address}", address=where))


def _make_meters_folder() -> None:
    """Empty the folder in which the processes that serve count, and name it to the library that does it."""
    from data.upkeep.conditions import meters_folder

    folder = meters_folder()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ[VARIABLE] = str(folder)
    reserve_files()


def _serve(listeners: list[socket.socket], note: IO[str], where: str, speed: float | None) -> NoReturn:
    configure_logging(settings().log_level)
    _make_meters_folder()  # before anything is imported that counts
    gc.disable()  # until everything is imported: a million objects are made meanwhile, none of them garbage

    from app import create_app
    from cli._serving.crew import run_crew
    from cli._serving.database_watch import LogRotation, watch_database
    from cli._serving.keeper import name_process, run_keeper
    from cli._serving.printer import run_printer
    from cli._serving.privileges import give_up_root, prepare_account
    from cli._serving.secrets import forget_secrets, hide_memory
    from cli._serving.server import GRACE_S, serve
    from data.core.meters import forget_process
    from data.database.connections import drop_owner_access
    from data.database.socket import paths

    app, account = create_app(), prepare_account()
    # The present objects live as long as the process. Garbage collection must not touch them, so that workers share their memory pages.
    gc.collect()
    gc.freeze()
    gc.enable()

    hide_memory()

    def work(place: int, alive: Callable[[], None]) -> None:
        hide_memory(False)  # a process could not even name itself otherwise
        note.close()  # the lock belongs to the parent, and must be free as soon as the parent has ended
        for listener in listeners[:place] + listeners[place + 1 :]:
            listener.close()
        if speed is not None and place == len(listeners) + 2:
            run_crew(speed, account, alive)
        elif place == len(listeners) + 1:
            run_printer(account, alive)
        elif place == len(listeners):
            name_process()
            forget_secrets("service_url", "oidc_client_secret", "metrics_token")
            give_up_root(account)
            hide_memory()  # it signs in as the owner of the tables
            run_keeper(alive)
        else:
            drop_owner_access()  # reads a file of root's
            give_up_root(account)
            reserve_files()
            serve(app, listeners[place], alive)
            release_files(os.getpid())

    database = watch_database()

    logs = LogRotation(paths(settings().home).log)

    def look() -> None:
        database.look()
        logs.look()

    def ended(pid: int) -> None:
        forget_process(pid)
        release_files(pid)

    def close() -> None:
        tell_supervisor("STOPPING=1")
        release_files(os.getpid())
        database.end()
        for listener in listeners:
            listener.close()

    Workers(len(listeners) + (2 if speed is None else 3), work, lambda: _ready(note, where), close, GRACE_S + 2, look, ended).run()

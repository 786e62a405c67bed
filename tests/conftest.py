"""Fixtures for every test: databases that are made in a moment and thrown away, a running server, a strict browser page.

Heavy libraries are imported in the fixtures that need them, so that a single test starts quickly.

The tests' own PostgreSQL cluster lives in a temporary folder and ends with them; ``GRIDWELL_TEST_DATABASE_URL`` names another
server instead (its user must be allowed to create databases and extensions).
"""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
import pytest_asyncio
import small_city
from browser import Problems, launched, strict_page
from databases import FreshDatabase, Load, Templates, close_pools, create_database, refuse_changes, use_database
from password_cost import CHEAP, PRODUCTION, use_hasher
from playwright.sync_api import Browser, Page
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from cli._testing.bytecode import keep_bytecode
from cli._testing.memory_folder import memory_folder
from data.cluster.lease import borrow_cluster
from data.core.settings import Settings, environment_name, settings
from data.database.migrate import migrate
from data.privacy.keys import Keyring, key_file, write_keyring

if TYPE_CHECKING:
    from fastapi import FastAPI


def pytest_configure(config: pytest.Config) -> None:
    """Tests see no setting of the person who runs them, write to a state folder of their own, and end what they started when terminated."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.disable()  # until the tests are found: hundreds of syntax trees are made meanwhile, none of them garbage
    keep_bytecode()
    for field in Settings.model_fields:
        os.environ.pop(environment_name(field), None)
    home = tempfile.mkdtemp(prefix="gridwell-test-home-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["GRIDWELL_HOME"] = home
    settings.cache_clear()
    write_keyring(key_file(), Keyring.generate())
    use_hasher(CHEAP)
    too_slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=too_slow)  # machines are noisy
    hypothesis.settings.load_profile("untimed")


_LONGEST = (
    *("test_journey", "test_matrix", "test_hostile_pages", "test_matrix_callbacks", "test_map_browser", "test_city_beijing", "test_csp"),
    *("test_demo_scales", "test_busy_page", "test_workers", "test_register_browser", "test_hostile_web", "test_sign_in_browser"),
    *("test_bench", "test_schema_fuzz", "test_bench_walls"),
)
"""What takes a minute or so comes first, so that no process waits for another at the end; with a browser and without by turns."""


_MARKED_FIXTURES = ("browser", "realdata")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, the others as they were found. Whoever needs a browser or real cities has to be marked so.

    Raises:
        pytest.UsageError: a test is not, so that ``./gridwell test --quick`` would run it.
    """
    for item in items:
        for name in _MARKED_FIXTURES:
            if name in getattr(item, "fixturenames", ()) and item.get_closest_marker(name) is None:
                raise pytest.UsageError(f"{item.nodeid} uses the fixture “{name}” and lacks @pytest.mark.{name}")
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through a million objects again and again while tests run."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of this test alone; ``GRIDWELL_HOME`` names it meanwhile."""
    monkeypatch.setenv(environment_name("home"), str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def own_keys(home: Path) -> Path:
    """The key file of the test's own state folder."""
    write_keyring(key_file(), Keyring.generate())
    return key_file()


@pytest.fixture
def production_hasher() -> Iterator[None]:
    """Passwords cost what they cost in the product."""
    use_hasher(PRODUCTION)
    yield
    use_hasher(CHEAP)


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a database on the tests' server, from which others are made."""
    if given := os.environ.get("GRIDWELL_TEST_DATABASE_URL"):
        yield given
        return
    folder = memory_folder(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    home = Path(tempfile.mkdtemp(prefix="gridwell-test-", dir=folder))
    home.chmod(0o755)  # as root the server has an account of its own, which must pass this folder
    try:
        with borrow_cluster(home, print, durable=False) as where:
            yield f"postgresql://gridwell@/gridwell?host={where.socket}&port=5432"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_pool() -> Iterator[None]:
    """No test inherits connections that belong to another test's event loop."""
    yield
    close_pools()


@pytest.fixture(scope="session")
def migrated(cluster: str) -> Iterator[str]:
    """A migrated, empty database that others are copied from; never connect to it."""
    embedded = "GRIDWELL_TEST_DATABASE_URL" not in os.environ
    start = os.environ.get("GRIDWELL_TEST_TEMPLATE", "gridwell" if embedded else "")  # which ./gridwell test --mutants has migrated already
    with create_database(cluster, f"postgresql:///{start}" if start else None) as url:
        migrate(make_url(url).set(drivername="postgresql+psycopg"))
        yield url


@pytest.fixture(scope="session")
def templates(cluster: str, migrated: str) -> Iterator[Templates]:
    """Databases that were filled once in this process, to be copied."""
    made = Templates(cluster, migrated)
    yield made
    made.close()


@pytest.fixture(scope="session")
def fresh_database(cluster: str, templates: Templates) -> FreshDatabase:
    """``with fresh_database() as url``: a migrated database of one's own; ``DATABASE_URL`` names it meanwhile.

    It is empty; ``fresh_database(small_city.load)`` is one that this function filled. The function runs once in a process, its result is
    copied. ``template=`` is the address of another database to copy, to which nobody may be connected.
    """

    @contextmanager
    def make(*loads: Load, template: str | None = None) -> Iterator[str]:
        with create_database(cluster, templates.get(*loads, template=template)) as url, use_database(url):
            yield url

    return make


@pytest.fixture
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    """Address of a migrated, empty database for one test; ``DATABASE_URL`` names it meanwhile."""
    with fresh_database() as url:
        yield url


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner to that database; each statement is committed at once."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def small(fresh_database: FreshDatabase) -> Iterator[str]:
    """Address of a database with the city that was counted by hand, for the tests of one file; ``DATABASE_URL`` names it meanwhile."""
    with fresh_database(small_city.load) as url:
        yield url


@pytest.fixture(scope="module")
def mapped(small: str) -> str:
    """The same with a base map around it."""
    from map_tools import load_base  # and with it the map's routes

    with psycopg.connect(small) as connection:
        load_base(connection)
    return small


@pytest.fixture
def connection(small: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to that city whose changes are taken back."""
    with psycopg.connect(small) as made:
        yield made
        made.rollback()


def _fill_demo(connection: psycopg.Connection[Any]) -> None:
    from data.demo.common.frame import PINNED_DAY
    from data.demo.load import load_demo

    load_demo(connection, "test", until=PINNED_DAY)


@pytest.fixture(scope="session")
def demo_template(templates: Templates) -> str:
    """Address of a database with the small demo city, made once, to be copied with ``fresh_database(template=demo_template)``.

    Nothing stays connected to it: PostgreSQL copies no database that is in use.
    """
    return templates.get(_fill_demo)


@pytest.fixture(scope="session")
def demo_city(cluster: str, demo_template: str) -> Iterator[str]:
    """Address of a copy of the small demo city that everybody reads and nobody writes to: its cases refuse it."""
    with create_database(cluster, demo_template) as url:
        refuse_changes(url)
        yield url


@pytest_asyncio.fixture
async def app(database: str) -> AsyncIterator["FastAPI"]:
    """The whole app over an empty database, as if it had just been started."""
    from whole_app import started_app

    async with started_app() as made:
        yield made


@pytest.fixture
def demo_database(demo_city: str) -> Iterator[str]:
    """The small demo city, shared by all tests that only read; ``DATABASE_URL`` names it meanwhile."""
    with use_database(demo_city) as url:
        yield url


@pytest.fixture(scope="session")
def crooked_city_url(cluster: str, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a database with the two crooked cities, made once; nobody writes to it."""
    import crooked_city  # and with it the import, which takes a second

    with create_database(cluster, migrated) as url:
        with use_database(url):
            crooked_city.load(tmp_path_factory.mktemp("crooked"))
        yield url


@pytest.fixture
def crooked_url(crooked_city_url: str) -> Iterator[str]:
    """The two crooked cities, shared by all tests that only read; ``DATABASE_URL`` names them meanwhile."""
    with use_database(crooked_city_url) as url:
        yield url


@pytest.fixture
def crooked(crooked_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the two crooked cities whose changes are taken back."""
    with psycopg.connect(crooked_url) as made:
        yield made
        made.rollback()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real cities, which is never part of the project; the test is skipped where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "realdata"
    folder = Path(os.environ.get("GRIDWELL_REALDATA", default))
    if not folder.is_dir():
        pytest.skip("the folder of real cities is not here")
    return folder


@pytest.fixture(scope="session")
def server(demo_city: str) -> Iterator[Server]:
    """The real app with the small demo city, on a free port of this machine, with its token."""
    with serving(demo_city, **PATIENT) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. One for each module: Playwright's event loop must end before async tests of other modules."""
    with launched() as running:
        yield running


@pytest.fixture
def problems() -> Problems:
    """What went wrong on the test's pages so far; a test that provokes something on purpose takes it out."""
    return []


@pytest.fixture
def page(browser: Browser, server: Server, problems: Problems) -> Iterator[Page]:
    """A signed-in page of 1024 × 640 in Chinese that fails the test on any error and on any request that leaves the server."""
    with strict_page(browser, server, problems) as opened:
        yield opened


@pytest.fixture
def flying(browser: Browser, server: Server, problems: Problems) -> Iterator[Page]:
    """The same for somebody who has not asked for less motion: the map flies from place to place."""
    with strict_page(browser, server, problems, reduced_motion="no-preference") as opened:
        yield opened

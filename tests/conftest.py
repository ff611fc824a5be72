"""Fixtures of the whole suite: both databases, a browser, free ports, and the guard against leaving the machine."""

import gc
import os
import random
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import databases, network, postgres
from tests.needs import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from fundlaunch.database import Database

ROOT = Path(__file__).resolve().parent.parent
PORT_TRIES = 100
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

network.watch()

# Tests start the program many times; where byte code may not be kept, each start would compile it all again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


class PostgresOfTheRun:
    """The main process owns the server's folder and tells its workers where it is."""

    def __init__(self) -> None:
        self.folder = postgres.make_folder()
        self.held = postgres.hold(self.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """Called by xdist in the main process, before each worker starts."""
        node.workerinput["postgres_folder"] = str(self.folder)  # type: ignore[attr-defined]  # xdist has no types

    def pytest_unconfigure(self) -> None:
        """The run is over, and so is its server."""
        postgres.release(self.folder, self.held)


def pytest_configure(config: pytest.Config) -> None:
    """Set the run's own server up in the main process; workers are told of it."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(PostgresOfTheRun(), "postgres-of-the-run")


def pytest_collection_finish() -> None:
    """What was imported stays until the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(autouse=True)
def stay_on_this_machine() -> Iterator[None]:
    """Fail the test that tried to leave, also where the program swallowed the refusal."""
    network.outside.clear()
    yield
    assert not network.outside, f"tried to reach {', '.join(network.outside)}"


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """A PostgreSQL server whose user may do everything: the given one, or a private one."""
    if given := os.environ.get("FUNDLAUNCH_TEST_POSTGRES_URL"):
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    binaries = postgres.programs()
    if binaries is None:
        missing("postgres", "install PostgreSQL (apt install postgresql), or set FUNDLAUNCH_TEST_POSTGRES_URL")
    return postgres.start(_postgres_folder(request.config), binaries)


def _postgres_folder(config: pytest.Config) -> Path:
    told = getattr(config, "workerinput", None)
    if told is not None:
        return Path(told["postgres_folder"])
    owner = config.pluginmanager.get_plugin("postgres-of-the-run")
    assert isinstance(owner, PostgresOfTheRun)
    return owner.folder


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """A name for what this process keeps in the shared server; no two processes of the machine share it."""
    told = getattr(request.config, "workerinput", {"workerid": "main"})
    return f"fundlaunch_{told['workerid']}_{os.getpid()}"


@pytest.fixture(scope="session")
def postgres_copy(postgres_url: str, worker_name: str) -> Iterator[databases.Copy]:
    """This worker's own database, and the prepared one that it is a copy of."""
    prepared = f"{worker_name}_prepared"
    databases.prepare_postgres(postgres_url, prepared)
    copy = databases.Copy(postgres_url, worker_name, prepared)
    yield copy
    copy.close()
    for name in (worker_name, prepared):
        databases.drop_postgres(postgres_url, name)


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that is copied for each test."""
    path = tmp_path_factory.mktemp("prepared") / "prepared.sqlite3"
    databases.prepare_sqlite(path)
    return path


@pytest.fixture
def sqlite_url(prepared_sqlite: Path) -> str:
    """A fresh SQLite database of the newest shape, always at the same place."""
    return databases.copy_sqlite(prepared_sqlite, prepared_sqlite.with_name("fundlaunch.sqlite3"))


@pytest.fixture
def fresh_postgres_url(postgres_copy: databases.Copy) -> str:
    """A fresh PostgreSQL database of the newest shape."""
    return postgres_copy.renew()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of the newest shape, once on each engine; for tests that start processes of their own."""
    name = {"sqlite": "sqlite_url", "postgres": "fresh_postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture(scope="session")
def opener() -> databases.Opener:
    """Opens databases; statements that were made ready in one test are ready in the next."""
    return databases.Opener()


@pytest.fixture
def database(database_url: str, opener: databases.Opener) -> Iterator["Database"]:
    """The same, opened."""
    with opener.opened(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_url: str, opener: databases.Opener) -> Iterator["Database"]:
    """A fresh SQLite database, opened; for tests of pages, to which the engine is all one."""
    with opener.opened(sqlite_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium, headless. It lives for one module: its event loop would stand in the way of other tests."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        missing("browser", "install Chromium (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: FUNDLAUNCH_SHARED_DATA, or ../shared/data beside the checkout."""
    folder = Path(os.environ.get("FUNDLAUNCH_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        missing("shared", f"there is no folder {folder.name} with real data; set FUNDLAUNCH_SHARED_DATA")
    return folder


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Answers a port of 127.0.0.1 that was free a moment ago, and so was the next one.

    It lies below the ports that the system gives to whoever asks for any, so that nobody else gets it by chance;
    workers look in different places.
    """

    def find() -> int:
        for _ in range(PORT_TRIES):
            port = random.randrange(20_000, 32_000, 2)
            if _is_free(port) and _is_free(port + 1):
                return port
        raise RuntimeError("no two free ports beside each other were found")

    return find


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do, who pass over connections that have ended.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

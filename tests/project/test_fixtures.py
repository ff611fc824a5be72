"""The fixtures do what their names say; each guard has its negative control."""

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from sqlmodel import select

from fundlaunch.database import Database
from fundlaunch.people.tables import Account
from tests import databases, network, postgres
from tests.cast import MINA

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LEFT_BEHIND: list[sqlalchemy.Connection] = []


def test_a_database_answers_on_both_engines(database: Database) -> None:
    with database.reading() as session:
        assert session.execute(sqlalchemy.text("SELECT 1")).scalar() == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_is_fresh_for_each_test(database: Database, turn: int) -> None:
    with database.transaction() as session:
        assert session.exec(select(Account)).all() == []
        session.add(Account(email=MINA.email, email_key=MINA.email, created_at=datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_database_is_emptied_and_copied_again_only_after_a_change_of_shape(postgres_copy: databases.Copy) -> None:
    before = oid(postgres_copy)
    postgres_copy.renew()
    assert oid(postgres_copy) == before
    postgres_copy.connection.exec_driver_sql("CREATE TABLE only_mine (n INTEGER)")
    postgres_copy.renew()
    assert oid(postgres_copy) != before


def oid(copy: databases.Copy) -> object:
    """PostgreSQL's number for a database, new with each copy."""
    return copy.connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_changed_shape_does_not_outlive_its_test(database: Database, turn: int) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE only_mine (n INTEGER)")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_lock_left_behind_does_not_hold_the_next_test_up(fresh_postgres_url: str, turn: int) -> None:
    connection = sqlalchemy.create_engine(fresh_postgres_url).connect()
    connection.exec_driver_sql("LOCK TABLE account")
    LEFT_BEHIND.append(connection)


def test_the_private_server_is_not_run_by_root(postgres_url: str, request: pytest.FixtureRequest) -> None:
    engine = sqlalchemy.create_engine(postgres_url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        folder = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar()))
    if "FUNDLAUNCH_TEST_POSTGRES_URL" not in os.environ:
        assert folder.stat().st_uid != 0


def test_a_server_leaves_with_the_run_that_started_it(tmp_path: Path) -> None:
    binaries = postgres.programs()
    if binaries is None:
        pytest.skip("there is no PostgreSQL to start")
    folder = postgres.make_folder()
    held = postgres.hold(folder)
    url = postgres.start(folder, binaries)
    server_pid = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    assert postgres.start(folder, binaries) == url
    os.kill(server_pid, 0)
    watch = os.pidfd_open(server_pid)
    postgres.release(folder, held)
    _wait_for_end(watch)


def _wait_for_end(watch: int) -> None:
    import select

    ended, _, _ = select.select([watch], [], [], 30)
    os.close(watch)
    assert ended


def test_the_browser_shows_a_page(chromium: "Browser") -> None:
    page = chromium.new_page()
    page.set_content("<h1>열매</h1>")
    assert page.get_by_role("heading").inner_text() == "열매"
    page.close()


def test_a_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(network.OutsideConnection), socket.socket() as outward:
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(network.OutsideConnection):
        socket.getaddrinfo("example.org", 443)
    assert network.outside == ["192.0.2.1", "example.org"]
    network.outside.clear()


def test_a_connection_on_this_machine_is_allowed(free_port: Callable[[], int]) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), socket.create_connection(("localhost", port)):
        assert network.outside == []

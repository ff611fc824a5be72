"""The worker's rounds: each chore gets its turn, whatever becomes of the others, and the sweep comes by itself."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.payments.gateway import ProviderEvent
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.people.rules import KEEP_ENDED
from fundlaunch.people.tables import SignIn
from fundlaunch.pledges.states import PledgeState
from fundlaunch.worker import ROUNDS, SWEEP_EVERY, Works, tick, work
from tests.house import KEY, House, live_campaign, open_house
from tests.line import PROVIDER

CENTURY_DAYS = 36_500
"""The deadline is out of reach, however far the charges' thread hurries ahead."""


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    with open_house(sqlite_database) as it:
        with sqlite_database.transaction() as session:
            live_campaign(session, it.clock.now(), days=CENTURY_DAYS)
        yield it


class Hurried(SimulatedClock):
    """Each wait takes as long as there is between two sweeps."""

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        super().wait_until(instant + SWEEP_EVERY, stop)


class AskedForNews(StripeGateway):
    """A provider that is asked for its events by the sweep alone: it stops the worker, and breaks if told to."""

    def __init__(self, house: House, stop: threading.Event, problem: Exception | None = None) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.stop = stop
        self.problem = problem

    def events_since(self, event_id: str | None, *, limit: int) -> Iterator[ProviderEvent]:
        self.stop.set()
        if self.problem:
            raise self.problem
        return super().events_since(event_id, limit=limit)


def work_until_the_sweep(house: House, problem: Exception | None = None) -> None:
    stop = threading.Event()
    with closing(AskedForNews(house, stop, problem)) as gateway:
        work(replace(house.works, gateway=gateway, clock=Hurried(house.clock.now())), stop)


def sign_in_long_ago(house: House) -> None:
    ended = house.clock.now() - KEEP_ENDED - timedelta(seconds=1)
    with house.database.transaction() as session:
        session.add(SignIn(email="", email_key="ada@example.org", token_hash="0", created_at=ended, expires_at=ended))


def sign_ins(house: House) -> int:
    with house.database.reading() as session:
        return len(session.exec(select(SignIn)).all())


def test_a_worker_sweeps_by_itself_and_forgets_sign_ins_of_long_ago(house: House) -> None:
    started = house.start("board", "ada@example.org")
    house.desk.send_to_checkout(started)
    house.fill_in(started.token, "ok")
    sign_in_long_ago(house)
    work_until_the_sweep(house)
    assert house.pledge_of(started.token).status is PledgeState.PLEDGED
    assert sign_ins(house) == 0


def test_a_sweep_that_breaks_down_is_logged_and_keeps_the_worker_from_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in_long_ago(house)
    with caplog.at_level(logging.ERROR, logger="fundlaunch.worker"):
        work_until_the_sweep(house, ZeroDivisionError("an unforeseen mistake"))
    assert caplog.messages == ["sweep failed and will be tried again"]
    assert sign_ins(house) == 0


def test_a_chore_that_finds_ever_more_to_do_leaves_the_others_their_turn(house: House) -> None:
    def endless(works: Works, stop: threading.Event) -> int:
        del works, stop
        return 1

    def once(works: Works, stop: threading.Event) -> int:
        del works, stop
        return 0

    assert tick(house.works, threading.Event(), {"endless": endless, "other": once}) == {"endless": ROUNDS, "other": 0}

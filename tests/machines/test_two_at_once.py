"""Two people, two tabs or two workers at the same moment: one order, the same rules. On both databases."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from fundlaunch.campaigns.actions import cancel as cancel_campaign
from fundlaunch.campaigns.actions import find, standing_of
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import Database
from fundlaunch.errors import FundLaunchError
from fundlaunch.pledges import refunding
from fundlaunch.pledges.actions import Started, cancel
from fundlaunch.pledges.closing import settle_due
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house

ROUNDS = 6
PATIENCE_SECONDS = 30


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """A flexible campaign; a backer may have five boards, of which there are enough."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=50_00, quantity=200, funding=Funding.FLEXIBLE)
        yield it
        assert it.violations() == {}


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; gives what came of each, refusals with their sentence."""
    barrier = threading.Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> object:
        barrier.wait(PATIENCE_SECONDS)
        try:
            return deed()
        except FundLaunchError as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def sent(house: House, email: str, quantity: int = 1) -> Started:
    """A pledge whose page is paid, but we do not know it yet."""
    started = house.start("board", email, quantity=quantity)
    house.desk.send_to_checkout(started)
    house.fill_in(started.token, "ok")
    return started


def give_up(house: House, token: str) -> None:
    with house.database.transaction() as session:
        cancel(session, token, "", house.clock.now())


def test_of_two_tabs_paid_at_once_beyond_the_limit_one_is_kept(house: House) -> None:
    for n in range(ROUNDS):
        tabs = [sent(house, f"ada{n}@example.org", 3) for _ in range(2)]
        assert at_once(*(partial(house.desk.look, tab.token) for tab in tabs)) == [None, None]
        states = {house.pledge_of(tab.token).status for tab in tabs}
        assert states == {PledgeState.COLLECTED, PledgeState.CANCELED}
    house.tick()
    assert (house.campaign().backers, house.tier().claimed) == (ROUNDS, 3 * ROUNDS)
    assert [charge.refunded_minor > 0 for charge in house.simulator.charges()].count(True) == ROUNDS


def test_of_two_that_cancel_at_once_in_the_last_day_one_may(house: House) -> None:
    tokens = [house.pledge("board", f"ada{n}@example.org") for n in range(2)]
    house.clock.advance(timedelta(days=29, hours=12))
    came = at_once(*(partial(give_up, house, token) for token in tokens))
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "NoneType"]
    house.tick()
    assert house.campaign().pledged_minor == 55_00


def test_pledges_begun_and_paid_while_the_campaign_is_called_off_all_end(house: House) -> None:
    paid = [sent(house, f"ada{n}@example.org") for n in range(ROUNDS)]

    def call_off() -> None:
        with house.database.transaction() as session:
            cancel_campaign(session, "board", "No battery.", "noa@example.org", house.clock.now())

    def begin(n: int) -> None:
        house.desk.send_to_checkout(house.start("board", f"bela{n}@example.org", key=f"bela-{n}"))

    at_once(
        call_off,
        *(partial(house.desk.look, one.token) for one in paid),
        *(partial(begin, n) for n in range(ROUNDS)),
    )
    for _ in range(4):
        house.clock.advance(timedelta(minutes=20))
        house.tick()
    assert (house.campaign().status, house.campaign().settling) == (CampaignState.CANCELED, False)
    assert all(charge.refunded_minor == 55_00 for charge in house.simulator.charges())
    assert {pledge.status for pledge in house.pledges()} <= {
        PledgeState.COLLECTED, PledgeState.CANCELED, PledgeState.EXPIRED
    }  # fmt: skip
    house.clock.advance(timedelta(days=2))


def test_two_workers_unwind_a_campaign_and_give_everything_back_once(house: House) -> None:
    for n in range(ROUNDS):
        house.pledge("board", f"ada{n}@example.org", quantity=2, add_ons={"bag": 1})
    with house.database.transaction() as session:
        cancel_campaign(session, "board", "No battery.", "noa@example.org", house.clock.now())
    speed = replace(house.works.speed, threads=3)

    def work() -> None:
        for _ in range(4):
            with suppress(FundLaunchError):
                settle_due(house.database, house.gateway, house.clock.now())
                refunding.give_due(house.database, house.gateway, house.clock, speed, threading.Event())

    at_once(work, work)
    house.tick()
    assert [charge.refunded_minor for charge in house.simulator.charges()] == [116_00] * ROUNDS
    assert len(house.simulator.shapes("refund")) == ROUNDS


def test_a_reward_that_gets_dearer_while_it_is_chosen_has_one_price_for_all(house: House) -> None:
    def dearer() -> None:
        with house.database.transaction() as session:
            campaign = find(session, "board")
            if not standing_of(session, campaign, house.clock.now()).chosen["board"]:
                session.exec(select(Tier).where(Tier.slug == "board")).one().price_minor = 70_00

    at_once(dearer, *(partial(house.start, "board", f"ada{n}@example.org", key=f"k{n}") for n in range(ROUNDS)))
    prices = {pledge.lines_minor for pledge in house.pledges()}
    assert prices == {house.tier().price_minor}

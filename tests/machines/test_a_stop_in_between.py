"""From the moment a campaign is stopped no charge begins, also where one that never arrived was to be sent again."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from fundlaunch.campaigns import life
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.payments.gateway import Charge, IntentReading
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.pledges.collection import charge_due
from fundlaunch.pledges.states import PledgeState
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER


class Killed(BaseException):
    """The end of a process: nothing of ours catches it."""


class Lost(StripeGateway):
    """A gateway whose worker dies before its confirmation leaves."""

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        raise Killed(intent, charge, attempt)


class Meanwhile(StripeGateway):
    """A gateway on which the campaign is stopped while an intent is looked up, if it is to be."""

    def __init__(self, house: House, *, stops: bool) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.house = house
        self.stops = stops

    def read_intent(self, intent: str) -> IntentReading:
        if self.stops and self.house.campaign().status is CampaignState.SUCCESSFUL:
            with self.house.database.transaction() as session:
                life.stop(session, "board", "The maker fell ill.", "noa@example.org", self.house.clock.now())
        return super().read_intent(intent)


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """A funded campaign with one pledge, whose charge was written down as sent and never left."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=50_00)
        it.pledge("board", "ada@example.org")
        fund(it)
        works = it.works
        with closing(Lost(KEY, PROVIDER, clock=it.clock, wire=it.line())) as gateway, pytest.raises(Killed):
            charge_due(works.database, gateway, works.clock, works.speed, threading.Event())
        it.clock.advance(timedelta(minutes=5))
        yield it


def charge_again(house: House, *, stops: bool) -> None:
    works = house.works
    with closing(Meanwhile(house, stops=stops)) as gateway:
        assert charge_due(works.database, gateway, works.clock, works.speed, threading.Event()) == 1


def test_a_confirmation_that_never_left_is_not_sent_after_a_stop(house: House) -> None:
    charge_again(house, stops=True)
    assert house.taken_minor() == 0
    for _ in range(3):
        house.clock.advance(timedelta(minutes=5))
        house.tick()
    (pledge,) = house.pledges()
    assert (pledge.status, house.taken_minor(), house.campaign().settling) == (PledgeState.CANCELED, 0, False)
    assert house.violations() == {}


def test_without_a_stop_it_is_sent(house: House) -> None:
    charge_again(house, stops=False)
    assert (house.taken_minor(), house.pledges()[0].status) == (55_00, PledgeState.COLLECTED)
    assert house.violations() == {}

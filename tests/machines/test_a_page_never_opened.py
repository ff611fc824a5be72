"""The provider was away when a page was to be opened; the backer comes back later."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from fundlaunch.database import Database
from fundlaunch.errors import ProviderOutOfReach
from fundlaunch.payments.gateway import OpenedCheckout, PaymentCheckout
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.pledges.states import PledgeState
from tests.house import KEY, House, live_campaign, open_house
from tests.line import PROVIDER


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), quantity=5)
        yield it


def test_a_backer_who_comes_back_late_gets_a_page_that_the_provider_accepts(house: House) -> None:
    started = house.start("board", "ada@example.org")
    house.clock.advance(timedelta(minutes=20))
    house.desk.send_again(started.token)
    house.fill_in(started.token, "ok")
    house.desk.look(started.token)
    assert house.pledge_of(started.token).status is PledgeState.PLEDGED
    assert house.tier().claimed == 1


def test_a_payment_page_that_was_never_opened_is_replaced(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="declines")
    house.to_deadline()
    house.tick()
    for _ in range(3):
        house.simulator.faults.strike("/checkout/sessions", Fault.DROP_BEFORE)
    with pytest.raises(ProviderOutOfReach):
        house.desk.fix(token)
    house.clock.advance(timedelta(hours=2))
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED


class Impatient(StripeGateway):
    """A gateway whose backer clicks on the link once more while it is about to open the page."""

    def __init__(self, house: House, token: str) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.house = house
        self.token = token
        self.second = ""

    def open_payment_checkout(self, wanted: PaymentCheckout) -> OpenedCheckout:
        self.second = self.house.desk.fix(self.token)
        return super().open_payment_checkout(wanted)


def test_two_clicks_on_the_fix_link_open_one_payment_page(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="declines")
    house.to_deadline()
    house.tick()
    with closing(Impatient(house, token)) as gateway:
        assert replace(house.desk, gateway=gateway).fix(token) == gateway.second
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert [page["mode"] for page in house.simulator.shapes("checkout.session")] == ["setup", "setup", "payment"]
    assert house.violations() == {}

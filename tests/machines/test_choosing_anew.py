"""Going back from the checkout: the new choice takes the place of the unpaid one, and nothing is ever sold twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.database import Database
from fundlaunch.errors import SoldOut
from fundlaunch.payments.states import CheckoutState
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges.actions import Started
from fundlaunch.pledges.left_pages import end_pages
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house

PAGE = "a" * 32
OTHER_PAGE = "b" * 32


def key(page: str, choice: str) -> str:
    """A request key as the review page makes it: the page's mark, then what was chosen."""
    return page + choice.rjust(32, "0")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), quantity=1)
        yield it


def choose(house: House, choice: str, email: str = "ada@example.org", page: str = PAGE, **more: int) -> Started:
    return house.start("board", email, "board", key=key(page, choice), **more)


def end_left(house: House, started: Started) -> None:
    end_pages(house.database, house.gateway, started.left_behind, house.clock.now())


def test_the_last_unit_goes_over_to_the_new_choice(house: House) -> None:
    first = choose(house, "1")
    house.desk.send_to_checkout(first)
    second = choose(house, "2", bonus_minor=5_00)
    assert second.left_behind == (first.pledge_id,)
    house.desk.send_to_checkout(second)
    end_left(house, second)
    assert house.pledge_of(first.token).status is PledgeState.EXPIRED
    with house.database.reading() as session:
        assert session.get_one(Checkout, first.checkout_id).status is CheckoutState.EXPIRED
    house.fill_in(second.token, "ok")
    house.desk.look(second.token)
    assert (house.tier().claimed, house.campaign().backers) == (1, 1)
    assert house.violations() == {}


def test_the_first_choice_can_be_made_once_more(house: House) -> None:
    first = choose(house, "1")
    second = choose(house, "2", bonus_minor=5_00)
    third = choose(house, "1")
    assert len({first.token, second.token, third.token}) == 3
    assert house.pledge_of(third.token).status is PledgeState.PREAUTH
    assert choose(house, "1").token == third.token


@pytest.mark.parametrize(
    ("email", "page"), [("ada@example.org", OTHER_PAGE), ("bela@example.org", PAGE), ("bela@example.org", OTHER_PAGE)]
)
def test_nobody_else_takes_the_unit_over(house: House, email: str, page: str) -> None:
    first = choose(house, "1")
    with pytest.raises(SoldOut):
        choose(house, "2", email, page, bonus_minor=5_00)
    assert house.pledge_of(first.token).status is PledgeState.PREAUTH


def test_a_confirmed_pledge_is_never_given_up(house: House) -> None:
    token = house.pledge("board", "ada@example.org", key=key(PAGE, "1"))
    with pytest.raises(SoldOut):
        choose(house, "2", bonus_minor=5_00)
    assert house.pledge_of(token).status is PledgeState.PLEDGED


def test_a_choice_that_is_refused_leaves_the_first_one_as_it_was(house: House) -> None:
    first = choose(house, "1")
    with pytest.raises(SoldOut):
        choose(house, "2", quantity=2)
    assert house.pledge_of(first.token).status is PledgeState.PREAUTH
    assert house.tier().claimed == 1


def test_a_card_saved_on_the_page_that_was_left_finds_its_unit_gone_and_is_released(house: House) -> None:
    first = choose(house, "1")
    house.desk.send_to_checkout(first)
    house.fill_in(first.token, "ok")
    second = choose(house, "2", bonus_minor=5_00)
    end_left(house, second)
    assert house.pledge_of(first.token).status is PledgeState.CANCELED
    assert house.pledge_of(second.token).status is PledgeState.PREAUTH
    house.tick()
    assert ("pledge_too_late", "ada@example.org") in house.letters
    assert house.violations() == {}


def test_while_the_provider_is_silent_the_page_ends_by_itself(house: House) -> None:
    first = choose(house, "1")
    house.desk.send_to_checkout(first)
    second = choose(house, "2", bonus_minor=5_00)
    with closing(StripeGateway("sk_test_house", "http://127.0.0.1:9", clock=house.clock)) as silent:
        end_pages(house.database, silent, second.left_behind, house.clock.now())
    with house.database.reading() as session:
        assert session.get_one(Checkout, first.checkout_id).status is CheckoutState.OPEN
    house.clock.advance(POLICY.checkout)
    house.sweep()
    with house.database.reading() as session:
        assert session.get_one(Checkout, first.checkout_id).status is CheckoutState.EXPIRED


def test_two_new_choices_at_once_sell_one_unit(house: House) -> None:
    choose(house, "1")

    def try_once(choice: int) -> bool:
        try:
            choose(house, str(choice), bonus_minor=choice * 1_00)
        except SoldOut:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        went = list(pool.map(try_once, range(2, 6)))
    held = [pledge for pledge in house.pledges() if pledge.status is PledgeState.PREAUTH]
    assert any(went)
    assert (house.tier().claimed, len(held)) == (1, 1)

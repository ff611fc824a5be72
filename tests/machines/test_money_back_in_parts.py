"""Money that went back in part before: what is left of it goes back too, once, however the pledge ends."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns.actions import cancel as cancel_campaign
from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import Database
from fundlaunch.errors import Conflict
from fundlaunch.payments.gateway import ProviderRefused
from fundlaunch.payments.tables import Refund
from fundlaunch.pledges import refunds as money_back
from fundlaunch.pledges import rows
from fundlaunch.pledges.queries import PledgeView, pledge_view
from fundlaunch.pledges.states import PledgeState
from tests.house import House
from tests.machines.test_refunds import Odd, ada, by_hand, give, give_up, given_minor, paid_house, refunds


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """A flexible campaign with one paid pledge of Ada's: 55.00, of which 5.00 were given back by hand."""
    with paid_house(database) as it:
        by_hand(it, 5_00)
        it.deliver()
        yield it


@pytest.fixture
def whole(sqlite_database: Database) -> Iterator[House]:
    """The same with nothing given back."""
    with paid_house(sqlite_database) as it:
        yield it


def view(house: House) -> PledgeView:
    """Ada's pledge as its page shows it."""
    with house.database.reading() as session:
        return pledge_view(session, ada(house), "en", house.clock.now())


def test_who_cancels_after_a_part_came_back_gets_the_rest(house: House) -> None:
    assert view(house).can_end
    give_up(house)
    assert (view(house).can_end, view(house).is_paid_back) == (False, True)
    give_up(house)
    house.tick()
    pledge = house.pledge_of(ada(house))
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.CANCELED, 55_00)
    assert sorted(one.amount_minor for one in refunds(house)) == [5_00, 50_00]
    assert (given_minor(house), house.campaign().pledged_minor, house.tier().claimed) == (55_00, 0, 0)
    assert house.violations() == {}


def test_what_is_on_its_way_back_is_not_wanted_twice(house: House) -> None:
    with house.database.transaction() as session:
        pledge = rows.by_token(session, ada(house))
        assert money_back.want(session, pledge, money_back.BACKER, house.clock.now())
        assert not money_back.want(session, pledge, money_back.BACKER, house.clock.now())
    assert sorted(one.amount_minor for one in refunds(house)) == [5_00, 50_00]


def test_a_campaign_that_ends_gives_back_what_is_left_of_a_payment(house: House) -> None:
    with house.database.transaction() as session:
        cancel_campaign(session, "board", "The battery cannot be bought.", "noa@example.org", house.clock.now())
    house.tick()
    house.tick()
    pledge = house.pledge_of(ada(house))
    assert (pledge.refunded_minor, given_minor(house), house.campaign().settling) == (55_00, 55_00, False)
    house.clock.advance(timedelta(days=2))
    assert house.tick()["refunds"] == 0
    assert house.violations() == {}


def test_verify_names_money_of_which_only_a_part_went_back(house: House) -> None:
    with house.database.transaction() as session:
        cancel_campaign(session, "board", "The battery cannot be bought.", "noa@example.org", house.clock.now())
    house.tick()
    house.tick()
    house.clock.advance(timedelta(days=2))
    assert house.violations() == {}
    with house.database.transaction() as session:
        newest = session.exec(select(Refund).order_by(col(Refund.amount_minor).desc())).first()
        assert newest is not None
        session.delete(newest)
    assert "P3" in house.violations()


def test_two_that_cancel_at_once_in_the_last_day_cannot_take_the_campaign_below_its_goal(whole: House) -> None:
    bela = whole.pledge("board", "bela@example.org")
    whole.clock.advance(timedelta(days=29, hours=12))
    give_up(whole)
    assert whole.campaign().pledged_minor == 110_00
    with pytest.raises(Conflict, match="last 24 hours"):
        give_up(whole, bela)
    # Ada's second click is harmless, though her money is still on its way.
    give_up(whole)
    assert [one.pledge_id for one in refunds(whole)] == [whole.pledge_of(ada(whole)).id]
    whole.tick()
    assert whole.campaign().pledged_minor == 55_00
    assert whole.violations() == {}


def test_before_the_last_day_both_may_cancel_at_once(whole: House) -> None:
    bela = whole.pledge("board", "bela@example.org")
    give_up(whole)
    give_up(whole, bela)
    whole.tick()
    assert (whole.campaign().pledged_minor, given_minor(whole)) == (0, 110_00)


def test_a_lost_hold_that_is_paid_after_its_reward_was_limited_more_goes_back(whole: House) -> None:
    left = whole.start("board", "bela@example.org", quantity=3)
    whole.desk.send_to_checkout(left)
    whole.fill_in(left.token, "ok")
    with whole.database.transaction() as session:
        # The hold was given up, and nobody held the reward any more: its creator may limit it to one.
        rows.expire(session, rows.by_token(session, left.token), whole.clock.now())
        session.exec(select(Tier).where(Tier.slug == "board")).one().limit_per_backer = 1
    whole.desk.look(left.token)
    pledge = whole.pledge_of(left.token)
    assert pledge.status is PledgeState.CANCELED
    whole.tick()
    assert whole.pledge_of(left.token).refunded_minor == pledge.total_minor
    assert whole.violations() == {}


def test_a_part_given_back_by_hand_before_ours_went_out_leaves_the_rest_to_us(whole: House) -> None:
    give_up(whole)
    by_hand(whole, 5_00)
    whole.tick()
    whole.tick()
    assert sorted((one.reason, one.amount_minor) for one in refunds(whole)) == [("backer", 50_00), ("by_hand", 5_00)]
    assert (given_minor(whole), whole.pledge_of(ada(whole)).status) == (55_00, PledgeState.CANCELED)
    assert whole.violations() == {}


def test_verify_names_a_refund_that_did_not_go_out_for_a_day(whole: House) -> None:
    def refuse() -> None:
        raise ProviderRefused("The charge is disputed.", code="charge_disputed")

    give_up(whole)
    with closing(Odd(whole, refuse, first=True)) as gateway:
        give(whole, gateway)
        whole.clock.advance(timedelta(hours=23))
        give(whole, gateway)
        assert whole.violations() == {}
        whole.clock.advance(timedelta(hours=2))
        give(whole, gateway)
    assert list(whole.violations()) == ["M4"]
    whole.clock.advance(timedelta(hours=1))
    whole.tick()
    assert (given_minor(whole), whole.violations()) == (55_00, {})

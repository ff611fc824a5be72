"""Steps and rules of docs/rules.md that no other test walks, on both databases, against the provider's stand-in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.outbox import Promise
from fundlaunch.payments.facts import (
    AuthenticationAsked,
    ChargeDeclined,
    ChargeSucceeded,
    DeclineClass,
    Fact,
    RefundFailed,
    RefundMade,
)
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.states import PaymentState, RefundState
from fundlaunch.payments.tables import Payment, Refund
from fundlaunch.people.accounts import find_or_create
from fundlaunch.pledges.actions import cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.sweeping import sweep_checkouts
from fundlaunch.pledges.tables import PledgeMove
from tests.cast import NOA
from tests.house import House, live_campaign, open_house

SECOND = timedelta(seconds=1)
ADA, BELA = "ada@example.org", "bela@example.org"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=50_00)
        yield it


def failed(house: House, card: str) -> str:
    """A pledge whose charge has just failed."""
    token = house.pledge("board", ADA, card=card)
    house.to_deadline()
    house.tick()
    assert house.pledge_of(token).window_ends_at is not None
    return token


def steps(house: House, token: str) -> list[tuple[str, str, str]]:
    pledge_id = house.pledge_of(token).id
    with house.database.reading() as session:
        rows = session.exec(select(PledgeMove).where(PledgeMove.pledge_id == pledge_id).order_by(col(PledgeMove.seq)))
        return [(row.before, row.event, row.after) for row in rows]


def payment_of(house: House, token: str) -> Payment:
    pledge_id = house.pledge_of(token).id
    with house.database.reading() as session:
        return session.exec(select(Payment).where(Payment.pledge_id == pledge_id)).one()


def declined(payment: Payment, charge: str) -> Fact:
    return ChargeDeclined(
        payment.intent or "", payment.id, charge, "card_declined", "generic_decline", "", DeclineClass.TRY_LATER
    )


@pytest.mark.parametrize(
    ("again", "step"),
    [
        ("declines", ("errored", "charge_declined", "errored")),
        ("confirms", ("errored", "authentication_asked", "authentication_required")),
    ],
)
def test_a_second_no_of_a_bank_keeps_the_pledge_in_recovery(
    house: House, again: str, step: tuple[str, str, str]
) -> None:
    token = failed(house, "declines")
    house.simulator.replace_card(house.pledge_of(token).payment_method, again)
    end = house.pledge_of(token).window_ends_at
    assert end is not None
    house.clock.set(end)
    house.tick()
    assert step in steps(house, token)
    assert house.pledge_of(token).status is PledgeState.DROPPED
    assert house.taken_minor() == 0
    assert house.violations() == {}


def test_the_same_no_told_twice_changes_nothing(house: House) -> None:
    token = failed(house, "declines")
    payment = payment_of(house, token)
    before = house.pledge_of(token)
    house.apply(declined(payment, payment.charge or ""))
    after = house.pledge_of(token)
    assert (after.tries, after.version, after.window_ends_at) == (before.tries, before.version, before.window_ends_at)


def test_a_question_of_a_bank_ends_with_yes_or_no(house: House) -> None:
    token = failed(house, "confirms")
    payment = payment_of(house, token)
    assert payment.status is PaymentState.NEEDS_BACKER
    house.apply(declined(payment, "ch_no"))
    assert payment_of(house, token).status is PaymentState.DECLINED
    assert steps(house, token)[-1] == ("authentication_required", "charge_declined", "errored")

    other = failed_later(house, "confirms")
    asked = payment_of(house, other)
    house.apply(ChargeSucceeded(asked.intent or "", asked.id, "ch_yes", asked.amount_minor, "USD"))
    assert payment_of(house, other).status is PaymentState.SUCCEEDED
    assert steps(house, other)[-1] == ("authentication_required", "charge_succeeded", "collected")


def failed_later(house: House, card: str) -> str:
    """The same in a second campaign, the first one being over."""
    with house.database.transaction() as session:
        live_campaign(session, house.clock.now(), slug="second", goal_minor=50_00)
    token = house.pledge("second", BELA, card=card)
    house.to_deadline("second")
    house.tick()
    return token


@pytest.mark.parametrize(
    ("card", "state", "pledge"),
    [
        ("declines", PaymentState.DECLINED, PledgeState.ERRORED),
        ("confirms", PaymentState.NEEDS_BACKER, PledgeState.AUTHENTICATION_REQUIRED),
    ],
)
def test_an_unclear_answer_turns_out_to_be_a_no_or_a_question(
    house: House, card: str, state: PaymentState, pledge: PledgeState
) -> None:
    token = house.pledge("board", ADA, card=card)
    house.to_deadline()
    house.simulator.faults.strike("/confirm", Fault.DROP_AFTER)
    house.tick()
    assert payment_of(house, token).status is PaymentState.UNKNOWN
    house.clock.advance(timedelta(minutes=1))
    house.tick()
    assert payment_of(house, token).status is state
    assert house.pledge_of(token).status is pledge
    assert len(house.simulator.charges_of(house.pledge_of(token).id)) == 1


def test_old_questions_of_a_bank_change_nothing(house: House) -> None:
    token = failed(house, "confirms")
    payment, before = payment_of(house, token), steps(house, token)
    house.apply(AuthenticationAsked(payment.intent or "", payment.id, payment.charge or ""))
    assert (payment_of(house, token), steps(house, token)) == (payment, before)


def test_old_news_of_a_refund_changes_nothing(house: House) -> None:
    with house.database.transaction() as session:
        live_campaign(session, house.clock.now(), slug="second", funding=Funding.FLEXIBLE)
    token = house.pledge("second", ADA)
    with house.database.transaction() as session:
        cancel(session, token, "", house.clock.now())
    house.tick()
    given, intent = refund_of(house), payment_of(house, token).intent or ""
    assert (given.status, house.pledge_of(token).status) == (RefundState.SUCCEEDED, PledgeState.CANCELED)

    def told(*, is_settled: bool) -> RefundMade:
        return RefundMade(str(given.refund), given.id, intent, given.amount_minor, "USD", is_settled=is_settled)

    before = steps(house, token)
    house.apply(told(is_settled=False), told(is_settled=True))
    assert refund_of(house).status is RefundState.SUCCEEDED
    failure = RefundFailed(str(given.refund), given.id, intent, "lost_or_stolen_card")
    house.apply(failure, failure, told(is_settled=False), told(is_settled=True))
    assert refund_of(house).status is RefundState.FAILED
    assert steps(house, token) == before


def refund_of(house: House) -> Refund:
    with house.database.reading() as session:
        return session.exec(select(Refund)).one()


def test_backer_numbers_rise_with_every_confirmation_and_none_is_used_again(house: House) -> None:
    slow = house.start("board", "slow@example.org")
    house.desk.send_to_checkout(slow)
    first, second = house.pledge("board", ADA), house.pledge("board", BELA)
    with house.database.transaction() as session:
        cancel(session, second, "", house.clock.now())
    house.fill_in(slow.token, "ok")
    house.desk.look(slow.token)
    again = house.pledge("board", BELA)
    assert [house.pledge_of(token).backer_number for token in (first, second, slow.token, again)] == [1, 2, 3, 4]


def test_a_hold_that_nobody_used_is_over_after_35_minutes(house: House) -> None:
    started = house.start("board", ADA)
    house.clock.advance(timedelta(minutes=35) - SECOND)
    house.tick()
    assert (house.pledge_of(started.token).status, house.tier().claimed) == (PledgeState.PREAUTH, 1)
    house.clock.advance(SECOND)
    house.tick()
    assert (house.pledge_of(started.token).status, house.tier().claimed) == (PledgeState.EXPIRED, 0)


def test_without_news_the_provider_is_asked_after_ten_minutes_and_not_before(house: House) -> None:
    started = house.start("board", ADA)
    house.desk.send_to_checkout(started)
    house.fill_in(started.token, "ok")
    for later, asked in ((timedelta(minutes=10) - SECOND, 0), (SECOND, 1)):
        house.clock.advance(later)
        assert sweep_checkouts(house.database, house.gateway, house.clock.now()) == asked
    assert house.pledge_of(started.token).status is PledgeState.PLEDGED


@pytest.mark.parametrize(("short", "status"), [(0, CampaignState.SUCCESSFUL), (1, CampaignState.FAILED)])
def test_a_goal_and_a_total_above_32_bits_are_kept_and_decided_to_the_cent(
    house: House, short: int, status: CampaignState
) -> None:
    house.pledge("board", ADA, None, bonus_minor=1_00)
    goal_minor = 21_474_836_47 + 1
    with house.database.transaction() as session:
        campaign = session.get_one(Campaign, house.campaign().id)
        campaign.goal_minor, campaign.pledged_minor = goal_minor, goal_minor - short
    house.to_deadline()
    house.tick()
    ended = house.campaign()
    assert (ended.status, ended.goal_minor, ended.pledged_minor) == (status, goal_minor, goal_minor - short)


def test_money_falls_in_an_hour_in_which_backers_come(house: House) -> None:
    generous = house.pledge("board", ADA, None, bonus_minor=500_00)
    before = house.campaign()
    seen = house.pledge_of(generous).version
    with house.database.transaction() as session:
        change(session, generous, Selection(None, 0, {}, 20_00, "US"), seen, house.clock.now())
    house.pledge("board", BELA)
    after = house.campaign()
    assert (before.pledged_minor, before.backers) == (500_00, 1)
    assert (after.pledged_minor, after.backers) == (75_00, 2)
    assert house.violations() == {}


def test_the_creator_is_told_of_a_drop(house: House) -> None:
    with house.database.transaction() as session:
        owner = find_or_create(session, NOA.email, language="en", now=house.clock.now(), name=NOA.name)
        session.get_one(Campaign, house.campaign().id).owner_id = owner
    token = failed(house, "lost")
    end = house.pledge_of(token).window_ends_at
    assert end is not None
    house.clock.set(end)
    house.tick()
    with house.database.reading() as session:
        told = session.exec(select(Promise.recipient).where(Promise.topic == "creator_pledge_dropped")).all()
    assert told == [NOA.email]

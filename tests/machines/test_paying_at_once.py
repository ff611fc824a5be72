"""Flexible funding and late pledges: paid at once on the provider's page, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns import life
from fundlaunch.campaigns.actions import cancel as cancel_campaign
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import Database
from fundlaunch.errors import CampaignClosed, Conflict
from fundlaunch.payments.facts import CheckoutExpired, PaidInCheckout
from fundlaunch.payments.states import CheckoutPurpose, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges.actions import cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove
from tests.house import House, live_campaign, open_house

TWO = Selection(tier="board", quantity=2, add_ons={}, bonus_minor=0, country="US")


@pytest.fixture
def flexible(database: Database) -> Iterator[House]:
    """A live campaign that keeps what comes in; three boards in all."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=900_00, quantity=3, funding=Funding.FLEXIBLE)
        yield it
        assert it.violations() == {}


@pytest.fixture
def late(database: Database) -> Iterator[House]:
    """A campaign that succeeded with one pledge and takes late ones; five boards in all, 60.00 when late."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=50_00, quantity=5)
        it.pledge("board", "ada@example.org")
        it.to_deadline()
        it.tick()
        it.tick()
        open_late(it)
        yield it
        assert it.violations() == {}


def open_late(house: House, slug: str = "board") -> None:
    with house.database.transaction() as session:
        session.exec(select(Tier).where(Tier.slug == "board")).one().late_price_minor = 60_00
        life.open_late_pledges(session, slug, "oda@example.org", house.clock.now())


def totals(house: House) -> tuple[int, int, int, int]:
    campaign = house.campaign()
    return campaign.pledged_minor, campaign.backers, campaign.late_minor, campaign.late_backers


def payments(house: House, token: str) -> list[Payment]:
    pledge = house.pledge_of(token)
    with house.database.reading() as session:
        found = select(Payment).where(Payment.pledge_id == pledge.id).order_by(col(Payment.created_at))
        return list(session.exec(found))


def events(house: House, token: str) -> list[str]:
    pledge = house.pledge_of(token)
    with house.database.reading() as session:
        moves = select(PledgeMove).where(PledgeMove.pledge_id == pledge.id).order_by(col(PledgeMove.seq))
        return [move.event for move in session.exec(moves)]


def raise_by(house: House, token: str, minor: int) -> None:
    """Change a pledge behind the program's back, as nothing in it can."""
    with house.database.transaction() as session:
        pledge = session.exec(select(Pledge).where(Pledge.token == token).with_for_update()).one()
        pledge.bonus_minor += minor
        pledge.total_minor += minor


def paid_fact(house: House, token: str, amount_minor: int | None = None, currency: str = "USD") -> PaidInCheckout:
    """What the provider would say of the newest page of a pledge, were it paid."""
    pledge = house.pledge_of(token)
    with house.database.reading() as session:
        pages = select(Checkout).where(Checkout.pledge_id == pledge.id).order_by(col(Checkout.created_at).desc())
        page = session.exec(pages).first()
    assert page is not None
    total = pledge.total_minor if amount_minor is None else amount_minor
    intent = f"pi_{pledge.id}"
    return PaidInCheckout(page.session or "cs_x", page.id, intent, "pm_1", total, currency, "visa", "4242")


def test_a_flexible_pledge_is_collected_the_moment_its_page_is_paid(flexible: House) -> None:
    token = flexible.pledge("board", "ada@example.org")
    pledge = flexible.pledge_of(token)
    assert (pledge.status, pledge.origin) == (PledgeState.COLLECTED, PledgeOrigin.CAMPAIGN)
    assert (pledge.collected_minor, pledge.backer_number, pledge.card_last4) == (55_00, 1, "4242")
    assert totals(flexible) == (55_00, 1, 0, 0)
    assert flexible.taken_minor() == 55_00
    flexible.deliver()
    flexible.desk.look(token)
    assert flexible.sweep()["checkouts"] == 0
    assert totals(flexible) == (55_00, 1, 0, 0)
    assert flexible.letters == [("pledge_paid", "ada@example.org")]
    assert len(flexible.simulator.charges()) == 1


def test_the_card_of_a_payment_at_once_is_not_kept(flexible: House) -> None:
    token = flexible.pledge("board", "ada@example.org")
    assert flexible.pledge_of(token).payment_method == ""
    assert [method["customer"] for method in flexible.simulator.shapes("payment_method")] == [None]


def test_a_card_that_is_declined_on_the_page_leaves_the_page_open(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    page = flexible.desk.send_to_checkout(started)
    with pytest.raises(Exception, match="insufficient"):
        flexible.fill_in(started.token, "insufficient")
    flexible.desk.look(started.token)
    assert flexible.pledge_of(started.token).status is PledgeState.PREAUTH
    assert flexible.desk.send_again(started.token) == page
    flexible.fill_in(started.token, "ok")
    flexible.deliver()
    assert flexible.pledge_of(started.token).status is PledgeState.COLLECTED
    assert flexible.taken_minor() == 55_00


def test_a_page_left_unpaid_frees_its_units(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org", quantity=3)
    flexible.desk.send_to_checkout(started)
    flexible.clock.advance(timedelta(minutes=36))
    flexible.tick()
    assert flexible.pledge_of(started.token).status is PledgeState.EXPIRED
    assert [payment.status for payment in payments(flexible, started.token)] == [PaymentState.CANCELED]
    assert flexible.tier().claimed == 0
    assert totals(flexible) == (0, 0, 0, 0)


def test_a_page_that_was_never_opened_is_asked_for_anew_with_a_payment_of_its_own(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.clock.advance(timedelta(minutes=5))
    flexible.desk.send_again(started.token)
    assert [payment.status for payment in payments(flexible, started.token)] == [
        PaymentState.CANCELED,
        PaymentState.CREATED,
    ]
    flexible.fill_in(started.token, "ok")
    flexible.deliver()
    assert flexible.pledge_of(started.token).status is PledgeState.COLLECTED


def test_who_pays_after_the_hold_was_lost_gets_the_units_if_some_are_left(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.desk.send_to_checkout(started)
    flexible.apply(CheckoutExpired("", started.checkout_id))
    assert flexible.pledge_of(started.token).status is PledgeState.EXPIRED
    flexible.fill_in(started.token, "ok")
    flexible.deliver()
    assert flexible.pledge_of(started.token).status is PledgeState.COLLECTED
    assert events(flexible, started.token) == ["checkout_expired", "paid_now"]
    assert flexible.tier().claimed == 1
    assert totals(flexible) == (55_00, 1, 0, 0)


def test_who_pays_after_the_last_unit_went_gets_all_money_back(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.desk.send_to_checkout(started)
    flexible.apply(CheckoutExpired("", started.checkout_id))
    flexible.pledge("board", "bela@example.org", quantity=3)
    flexible.fill_in(started.token, "ok")
    flexible.deliver()
    flexible.tick()
    pledge = flexible.pledge_of(started.token)
    assert (pledge.status, pledge.collected_minor, pledge.refunded_minor) == (PledgeState.CANCELED, 55_00, 55_00)
    assert pledge.backer_number is None
    assert flexible.tier().claimed == 3
    assert totals(flexible) == (57_00 + 100_00, 1, 0, 0)
    (mine,) = flexible.simulator.charges_of(pledge.id)
    assert mine.refunded_minor == mine.amount_minor
    mine_told = {topic for topic, to in flexible.letters if to == "ada@example.org"}
    assert mine_told == {"refund_began", "refund_made"}


def test_another_sum_or_currency_than_the_pledges_is_never_taken_for_a_payment(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.desk.send_to_checkout(started)
    for wrong in (
        paid_fact(flexible, started.token, 54_99),
        paid_fact(flexible, started.token, 55_01),
        paid_fact(flexible, started.token, currency="EUR"),
    ):
        with pytest.raises(Conflict):
            flexible.apply(wrong)
    raise_by(flexible, started.token, 1_00)
    with pytest.raises(Conflict, match="changed after"):
        flexible.apply(paid_fact(flexible, started.token, 55_00))
    assert flexible.pledge_of(started.token).status is PledgeState.PREAUTH
    assert totals(flexible) == (0, 0, 0, 0)
    raise_by(flexible, started.token, -1_00)
    flexible.apply(paid_fact(flexible, started.token))
    assert flexible.pledge_of(started.token).status is PledgeState.COLLECTED


def test_two_pages_of_one_pledge_that_were_both_paid_are_a_matter_for_a_person(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.clock.advance(timedelta(minutes=5))
    first = paid_fact(flexible, started.token)
    flexible.desk.send_again(started.token)
    with pytest.raises(Conflict, match="Two payments"):
        flexible.apply(first)
    flexible.fill_in(started.token, "ok")
    flexible.deliver()
    with pytest.raises(Conflict, match="Two payments"):
        flexible.apply(first)
    assert flexible.taken_minor() == 55_00


def test_a_paid_pledge_cannot_be_changed(flexible: House) -> None:
    token = flexible.pledge("board", "ada@example.org")
    version = flexible.pledge_of(token).version
    with flexible.database.transaction() as session, pytest.raises(Conflict, match="Cancel it"):
        change(session, token, TWO, version, flexible.clock.now())


def test_at_the_deadline_an_open_page_is_ended_and_what_was_paid_is_kept(flexible: House) -> None:
    flexible.pledge("board", "ada@example.org")
    started = flexible.start("board", "bela@example.org")
    flexible.desk.send_to_checkout(started)
    flexible.to_deadline()
    assert flexible.tick()["charges"] == 0
    campaign = flexible.campaign()
    assert (campaign.status, campaign.settling) == (CampaignState.SUCCESSFUL, False)
    assert flexible.pledge_of(started.token).status is PledgeState.EXPIRED
    assert flexible.taken_minor() == 55_00
    assert totals(flexible) == (55_00, 1, 0, 0)


def test_a_page_paid_just_before_the_final_count_still_counts(flexible: House) -> None:
    started = flexible.start("board", "ada@example.org")
    flexible.desk.send_to_checkout(started)
    flexible.fill_in(started.token, "ok")
    flexible.to_deadline()
    flexible.tick()
    assert flexible.campaign().status is CampaignState.SUCCESSFUL
    assert totals(flexible) == (55_00, 1, 0, 0)


def test_a_flexible_campaign_without_any_pledge_failed(flexible: House) -> None:
    flexible.to_deadline()
    flexible.tick()
    campaign = flexible.campaign()
    assert (campaign.status, campaign.settling) == (CampaignState.FAILED, False)


@pytest.mark.parametrize("end", ["cancel", "suspend"])
def test_a_flexible_campaign_that_is_ended_gives_everything_back(flexible: House, end: str) -> None:
    paid = flexible.pledge("board", "ada@example.org")
    left = flexible.start("board", "bela@example.org")
    flexible.desk.send_to_checkout(left)
    flexible.fill_in(left.token, "ok")
    with flexible.database.transaction() as session:
        act = cancel_campaign if end == "cancel" else life.suspend
        act(session, "board", "The battery cannot be bought.", "noa@example.org", flexible.clock.now())
    flexible.tick()
    flexible.tick()
    campaign = flexible.campaign()
    assert not campaign.settling
    pledge = flexible.pledge_of(paid)
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.COLLECTED, 55_00)
    turned_away = flexible.pledge_of(left.token)
    assert (turned_away.status, turned_away.refunded_minor) == (PledgeState.CANCELED, 55_00)
    assert [charge.refunded_minor for charge in flexible.simulator.charges()] == [55_00, 55_00]
    assert totals(flexible) == (55_00, 1, 0, 0)
    assert flexible.letters.count(("refund_began", "bela@example.org")) == 1
    flexible.clock.advance(timedelta(days=2))
    assert flexible.tick()["refunds"] == 0


def test_a_late_pledge_is_paid_at_once_at_its_own_price_and_counted_apart(late: House) -> None:
    frozen = totals(late)
    token = late.pledge("board", "bela@example.org")
    pledge = late.pledge_of(token)
    assert (pledge.status, pledge.origin) == (PledgeState.COLLECTED, PledgeOrigin.LATE)
    assert (pledge.total_minor, pledge.backer_number) == (65_00, 2)
    assert totals(late) == (frozen[0], frozen[1], 65_00, 1)
    assert late.tier().claimed == 2
    late.deliver()
    assert ("pledge_paid", "bela@example.org") in late.letters
    assert totals(late) == (frozen[0], frozen[1], 65_00, 1)


def test_a_late_pledge_cannot_be_canceled_by_its_backer(late: House) -> None:
    token = late.pledge("board", "bela@example.org")
    with late.database.transaction() as session, pytest.raises(CampaignClosed):
        cancel(session, token, "", late.clock.now())


def test_without_late_pledges_nothing_starts_after_the_end(late: House) -> None:
    with late.database.transaction() as session:
        life.close_late_pledges(session, "board", "oda@example.org", late.clock.now())
    with pytest.raises(CampaignClosed):
        late.start("board", "bela@example.org")


def test_a_late_pledge_begun_before_they_were_closed_is_still_taken(late: House) -> None:
    started = late.start("board", "bela@example.org")
    late.desk.send_to_checkout(started)
    with late.database.transaction() as session:
        life.close_late_pledges(session, "board", "oda@example.org", late.clock.now())
    late.fill_in(started.token, "ok")
    late.deliver()
    assert late.pledge_of(started.token).status is PledgeState.COLLECTED


def test_a_late_pledge_paid_after_the_last_unit_went_gets_all_money_back(late: House) -> None:
    started = late.start("board", "bela@example.org")
    late.desk.send_to_checkout(started)
    late.apply(CheckoutExpired("", started.checkout_id))
    late.pledge("board", "cleo@example.org", quantity=4)
    late.fill_in(started.token, "ok")
    late.deliver()
    late.tick()
    pledge = late.pledge_of(started.token)
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.CANCELED, 65_00)
    assert late.campaign().late_backers == 1


def test_every_page_of_a_pledge_paid_at_once_is_one_to_pay_on(late: House) -> None:
    late.pledge("board", "bela@example.org")
    with late.database.reading() as session:
        purposes = session.exec(select(Checkout.purpose).order_by(col(Checkout.created_at))).all()
    assert purposes == [CheckoutPurpose.SAVE_CARD, CheckoutPurpose.PAY_NOW]

"""Money that goes back goes back once, whatever happens in between; on both databases."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import count

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns import life
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear, Conflict
from fundlaunch.payments.facts import Fact, RefundFailed, RefundMade
from fundlaunch.payments.gateway import Charge, Giving, IntentReading, ProviderRefused
from fundlaunch.payments.simulator.api import Request
from fundlaunch.payments.simulator.faults import Fault, FaultPlan, Odds
from fundlaunch.payments.states import RefundState
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.tables import Payment, Refund
from fundlaunch.people.accounts import find_or_create
from fundlaunch.pledges import refunding
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.closing import close_due, settle_due
from fundlaunch.pledges.collection import charge_due
from fundlaunch.pledges.states import PledgeState
from fundlaunch.worker import CHARGES, Works
from fundlaunch.worker import tick as tick_works
from tests.cast import NOA, crowd
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER


@contextmanager
def paid_house(database: Database) -> Iterator[House]:
    """A live campaign that keeps what comes in, with one paid pledge of Ada's: 55.00."""
    with open_house(database) as it:
        with database.transaction() as session:
            owner = find_or_create(session, NOA.email, language="en", now=it.clock.now(), name=NOA.name)
            live_campaign(session, it.clock.now(), goal_minor=50_00, quantity=9, funding=Funding.FLEXIBLE)
            session.exec(select(Campaign)).one().owner_id = owner
        it.pledge("board", "ada@example.org")
        yield it


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with paid_house(database) as it:
        yield it


@pytest.fixture
def quick(sqlite_database: Database) -> Iterator[House]:
    """The same on one database, for what is between us and the provider alone."""
    with paid_house(sqlite_database) as it:
        yield it


@pytest.fixture
def funded(database: Database) -> Iterator[House]:
    """A campaign that was funded by Ada and by Bela, whose card has no money; the cards were tried."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00, quantity=9)
        it.pledge("board", "ada@example.org")
        it.pledge("board", "bela@example.org", card="insufficient")
        fund(it)
        yield it


class Odd(StripeGateway):
    """A gateway on which something happens instead of a refund, or right after it."""

    def __init__(self, house: House, happens: Callable[[], None], *, first: bool = False) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.happens = happens
        self.first = first
        self.attempts: list[int] = []

    def refund(self, wanted: Giving) -> tuple[Fact, ...]:
        self.attempts.append(wanted.attempt)
        if self.first:
            self.happens()
        facts = super().refund(wanted)
        self.happens()
        return facts


class Killed(BaseException):
    """The end of a process: nothing of ours catches it."""


def killed() -> None:
    raise Killed


def ada(house: House) -> str:
    return next(pledge.token for pledge in house.pledges() if pledge.email.startswith("ada"))


def give_up(house: House, token: str = "") -> None:
    """Ada cancels."""
    with house.database.transaction() as session:
        cancel(session, token or ada(house), "I moved house.", house.clock.now())


def give(house: House, gateway: StripeGateway | None = None) -> int:
    works = house.works
    return refunding.give_due(works.database, gateway or house.gateway, house.clock, works.speed, threading.Event())


def refunds(house: House) -> list[Refund]:
    with house.database.reading() as session:
        return list(session.exec(select(Refund).order_by(col(Refund.created_at), col(Refund.id))))


def given_minor(house: House) -> int:
    """What the provider's own books say went back."""
    return sum(charge.refunded_minor for charge in house.simulator.charges())


def by_hand(house: House, amount_minor: int | None = None) -> None:
    """Somebody gives money back in the provider's own dashboard."""
    (charge,) = [charge for charge in house.simulator.charges() if charge.status == "succeeded"]
    pairs = [("charge", charge.id), *([("amount", str(amount_minor))] if amount_minor else [])]
    headers = {"authorization": f"Bearer {KEY}"}
    assert house.simulator.api.call(Request("POST", "/v1/refunds", pairs, headers)).status == 200


def test_who_cancels_a_paid_pledge_gets_all_of_it_back_and_then_is_canceled(house: House) -> None:
    give_up(house)
    give_up(house)
    pledge = house.pledge_of(ada(house))
    assert (pledge.status, house.campaign().pledged_minor, house.tier().claimed) == (PledgeState.COLLECTED, 55_00, 1)
    assert [(one.status, one.amount_minor) for one in refunds(house)] == [(RefundState.INTENDED, 55_00)]
    house.tick()
    pledge = house.pledge_of(ada(house))
    assert (pledge.status, pledge.refunded_minor, pledge.cancel_reason) == (
        PledgeState.CANCELED,
        55_00,
        "I moved house.",
    )
    assert (house.campaign().pledged_minor, house.campaign().backers, house.tier().claimed) == (0, 0, 0)
    house.deliver()
    give_up(house)
    assert (given_minor(house), len(house.simulator.shapes("refund"))) == (55_00, 1)
    assert sorted(topic for topic, _ in house.letters) == ["pledge_paid", "refund_began", "refund_made"]
    assert house.violations() == {}


def test_in_the_last_day_a_paid_pledge_may_not_take_the_campaign_below_its_goal(quick: House) -> None:
    quick.clock.advance(timedelta(days=29, hours=12))
    with pytest.raises(Conflict, match="last 24 hours"):
        give_up(quick)
    assert refunds(quick) == []


def test_a_slow_refund_counts_only_once_the_bank_has_it(house: House) -> None:
    token = house.pledge("board", "bela@example.org", card="slow_refund")
    give_up(house, token)
    house.tick()
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    (refund,) = refunds(house)
    assert (refund.status, house.campaign().backers) == (RefundState.PENDING, 2)
    assert house.sweep()["refunds"] == 0
    house.simulator.end_refund(str(refund.refund), arrived=True)
    house.clock.advance(timedelta(hours=1))
    # The webhook was lost, and so is the provider's list of events.
    assert refunding.sweep_refunds(house.database, house.gateway, house.clock.now()) == 1
    assert (house.pledge_of(token).status, house.campaign().backers) == (PledgeState.CANCELED, 1)
    assert house.sweep()["refunds"] == 0
    assert house.violations() == {}


@pytest.mark.parametrize("card", ["ok", "slow_refund"])
def test_a_refund_that_the_bank_sends_back_is_told_to_the_creator_and_undone_in_the_books(
    house: House, card: str
) -> None:
    token = house.pledge("board", "bela@example.org", card=card)
    give_up(house, token)
    house.tick()
    (refund,) = refunds(house)
    house.simulator.end_refund(str(refund.refund), arrived=False)
    house.deliver()
    house.deliver()
    (refund,) = refunds(house)
    assert (refund.status, refund.problem) == (RefundState.FAILED, "declined")
    assert house.pledge_of(token).refunded_minor == 0
    assert house.letters.count(("creator_refund_failed", NOA.email)) == 1
    # Old news, delivered once more: a failure is the last word.
    house.apply(RefundMade(str(refund.refund), refund.id, "", 55_00, "USD", is_settled=True))
    assert house.pledge_of(token).refunded_minor == 0
    # Who is canceled without the money is for a person to see; who is not may ask for it once more.
    assert list(house.violations()) == (["M4"] if card == "ok" else [])
    give_up(house, token)
    assert len(refunds(house)) == (1 if card == "ok" else 2)


def test_a_worker_killed_between_the_call_and_its_record_gives_the_money_back_once(house: House) -> None:
    give_up(house)
    with closing(Odd(house, killed)) as gateway, pytest.raises(Killed):
        give(house, gateway)
    assert (given_minor(house), refunds(house)[0].status) == (55_00, RefundState.INTENDED)
    assert give(house) == 0
    house.clock.advance(timedelta(seconds=house.works.speed.lease_seconds))
    assert give(house) == 1
    assert (len(house.simulator.shapes("refund")), house.pledge_of(ada(house)).refunded_minor) == (1, 55_00)
    assert house.violations() == {}


def test_a_worker_killed_before_the_call_gives_the_money_back_once(quick: House) -> None:
    give_up(quick)
    with closing(Odd(quick, killed, first=True)) as gateway, pytest.raises(Killed):
        give(quick, gateway)
    quick.clock.advance(timedelta(days=2))
    quick.tick()
    assert (len(quick.simulator.shapes("refund")), given_minor(quick)) == (1, 55_00)


def test_without_the_key_and_the_look_the_comparison_would_find_a_second_refund(quick: House) -> None:
    """The negative control: half of the money asked for twice, under two keys, goes back twice."""
    intent = next(charge.intent for charge in quick.simulator.charges())
    for name in ("one", "two"):
        quick.gateway.refund(Giving(name, "p", intent, 27_50, "USD", attempt=1))
    assert len(quick.simulator.shapes("refund")) == 2
    for _ in range(2):
        quick.gateway.refund(Giving("one", "p", intent, 27_50, "USD", attempt=1))
    assert len(quick.simulator.shapes("refund")) == 2


@pytest.mark.parametrize("fault", list(Fault))
def test_whatever_befalls_the_call_the_money_goes_back_once(quick: House, fault: Fault) -> None:
    give_up(quick)
    quick.simulator.faults.strike("/refunds", fault)
    for _ in range(3):
        quick.tick()
        quick.clock.advance(timedelta(minutes=1))
    assert (len(quick.simulator.shapes("refund")), given_minor(quick)) == (1, 55_00)
    assert quick.pledge_of(ada(quick)).status is PledgeState.CANCELED
    assert quick.violations() == {}


def test_twenty_refunds_among_faults_and_deaths_go_out_once_each(sqlite_database: Database) -> None:
    share = Odds(drop_before=90, drop_after=90, error_before=90, error_after=90, too_many=90, paths=("/refunds",))
    calls = count()

    def die_at_every_seventh() -> None:
        if next(calls) % 7 == 0:
            raise Killed

    with open_house(sqlite_database, faults=FaultPlan(share, seed=11)) as house:
        with sqlite_database.transaction() as session:
            live_campaign(session, house.clock.now(), funding=Funding.FLEXIBLE)
        for person in crowd(20):
            house.pledge("board", person.email)
        with sqlite_database.transaction() as session:
            life.suspend(session, "board", "It is somebody else's.", "oda@example.org", house.clock.now())
        settle_due(sqlite_database, house.gateway, house.clock.now())
        rounds = 0
        with closing(Odd(house, die_at_every_seventh)) as gateway:
            while any(one.status is RefundState.INTENDED for one in refunds(house)):
                with suppress(Killed):
                    give(house, gateway)
                house.clock.advance(timedelta(minutes=3))
                rounds += 1
        assert 1 < rounds < 20
        assert len(gateway.attempts) > 20, "nothing was sent twice, so nothing was proved"
        assert (len(house.simulator.shapes("refund")), given_minor(house)) == (20, 20 * 55_00)
        assert {pledge.refunded_minor for pledge in house.pledges()} == {55_00}
        assert house.violations() == {}


def test_an_error_that_the_provider_keeps_is_left_behind_under_a_new_key(quick: House) -> None:
    def unclear() -> None:
        raise AnswerUnclear("No clear answer.")

    give_up(quick)
    with closing(Odd(quick, unclear, first=True)) as gateway:
        for minutes in (0, 1, 10, 1):
            quick.clock.advance(timedelta(minutes=minutes))
            assert give(quick, gateway) == 1
        assert gateway.attempts == [1, 1, 2, 2]
    quick.clock.advance(timedelta(minutes=1))
    quick.tick()
    assert given_minor(quick) == 55_00


def test_a_refund_that_the_provider_refuses_waits_for_a_person_and_holds_up_no_final_count(quick: House) -> None:
    def refuse() -> None:
        raise ProviderRefused("The charge is disputed.", code="charge_disputed")

    give_up(quick)
    with closing(Odd(quick, refuse, first=True)) as gateway:
        give(quick, gateway)
    (refund,) = refunds(quick)
    assert (refund.status, refund.problem) == (RefundState.INTENDED, "The charge is disputed.")
    quick.to_deadline()
    assert close_due(quick.database, quick.gateway, quick.clock) == 1
    quick.tick()
    assert (given_minor(quick), refunds(quick)[0].problem) == (55_00, "")


def test_the_final_count_waits_for_money_that_was_asked_back_in_time(house: House) -> None:
    house.pledge("board", "bela@example.org")
    give_up(house)
    house.to_deadline()
    assert close_due(house.database, house.gateway, house.clock) == 0
    house.tick()
    campaign = house.campaign()
    assert (campaign.status, campaign.pledged_minor, campaign.backers) == (CampaignState.SUCCESSFUL, 55_00, 1)
    assert house.violations() == {}


def test_a_refund_that_arrives_after_the_final_count_changes_what_was_collected_not_what_was_pledged(
    house: House,
) -> None:
    token = house.pledge("board", "bela@example.org", card="slow_refund")
    give_up(house, token)
    house.tick()
    house.to_deadline()
    house.tick()
    house.simulator.end_refund(str(refunds(house)[0].refund), arrived=True)
    house.deliver()
    pledge = house.pledge_of(token)
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.COLLECTED, 55_00)
    assert house.campaign().pledged_minor == 110_00
    assert house.violations() == {}


def test_money_given_back_by_hand_at_the_provider_is_written_down(house: House) -> None:
    by_hand(house, 5_00)
    house.deliver()
    pledge = house.pledge_of(ada(house))
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.COLLECTED, 5_00)
    by_hand(house)
    house.deliver()
    pledge = house.pledge_of(ada(house))
    assert (pledge.status, pledge.refunded_minor) == (PledgeState.CANCELED, 55_00)
    assert [one.reason for one in refunds(house)] == ["by_hand", "by_hand"]
    assert house.violations() == {}


def test_a_refund_of_ours_has_nothing_to_do_after_one_by_hand(quick: House) -> None:
    give_up(quick)
    by_hand(quick)
    quick.tick()
    assert sorted((one.reason, one.status) for one in refunds(quick)) == [
        ("backer", RefundState.FAILED),
        ("by_hand", RefundState.SUCCEEDED),
    ]
    assert (given_minor(quick), quick.pledge_of(ada(quick)).status) == (55_00, PledgeState.CANCELED)
    assert ("creator_refund_failed", NOA.email) not in quick.letters
    assert quick.violations() == {}


def test_a_refund_of_ours_that_the_provider_says_was_done_by_hand_is_not_ended_twice(quick: House) -> None:
    def done() -> None:
        quick.apply(RefundMade("re_1", refunds(quick)[0].id, "", 55_00, "USD", is_settled=True))
        raise ProviderRefused("Done.", code=refunding.NOTHING_LEFT)

    give_up(quick)
    with closing(Odd(quick, done, first=True)) as gateway:
        give(quick, gateway)
    assert refunds(quick)[0].status is RefundState.SUCCEEDED


def test_news_of_refunds_that_do_not_fit_are_refused_and_those_of_others_change_nothing(quick: House) -> None:
    give_up(quick)
    (refund,) = refunds(quick)
    intent = next(charge.intent for charge in quick.simulator.charges())
    fits = RefundMade("re_1", refund.id, intent, 55_00, "USD", is_settled=False)
    for amount, currency in ((54_99, "USD"), (55_00, "EUR")):
        with pytest.raises(Conflict, match="another sum"):
            quick.apply(RefundMade("re_1", refund.id, intent, amount, currency, is_settled=True))
    quick.apply(fits, fits)
    with pytest.raises(Conflict, match="made twice"):
        quick.apply(RefundMade("re_2", refund.id, intent, 55_00, "USD", is_settled=True))
    quick.apply(
        RefundMade("re_3", "", "pi_of_others", 1, "USD", is_settled=True),
        RefundMade("re_4", "a refund of another site", intent, 1, "USD", is_settled=True),
        RefundFailed("re_5", "", "pi_of_others", "declined"),
    )
    assert [(one.refund, one.status) for one in refunds(quick)] == [("re_1", RefundState.PENDING)]


def test_a_worker_that_is_told_to_stop_sends_nothing_more(quick: House) -> None:
    give_up(quick)
    stop = threading.Event()
    stop.set()
    works = quick.works
    refunding.give_due(works.database, works.gateway, works.clock, works.speed, stop)
    assert given_minor(quick) == 0
    quick.clock.advance(timedelta(seconds=works.speed.lease_seconds))
    quick.tick()
    assert given_minor(quick) == 55_00


def stop_campaign(house: House) -> None:
    with house.database.transaction() as session:
        life.stop(session, "board", "The factory burned down.", "oda@example.org", house.clock.now())


def test_a_stopped_campaign_gives_back_what_it_took_and_charges_nobody_any_more(funded: House) -> None:
    funded.tick()
    assert funded.taken_minor() == 55_00
    stop_campaign(funded)
    with pytest.raises(Conflict):
        funded.desk.fix(next(pledge.token for pledge in funded.pledges() if pledge.email.startswith("bela")))
    funded.tick()
    funded.clock.advance(timedelta(days=8))
    funded.tick()
    assert not funded.campaign().settling
    assert {pledge.email: (pledge.status, pledge.refunded_minor) for pledge in funded.pledges()} == {
        "ada@example.org": (PledgeState.COLLECTED, 55_00),
        "bela@example.org": (PledgeState.CANCELED, 0),
    }
    assert (given_minor(funded), funded.taken_minor()) == (55_00, 55_00)
    assert {method["customer"] for method in funded.simulator.shapes("payment_method")} == {None}
    assert ("campaign_canceled", "bela@example.org") in funded.letters
    assert ("refund_made", "ada@example.org") in funded.letters
    assert funded.campaign().pledged_minor == 110_00
    assert funded.violations() == {}


class Slow(StripeGateway):
    """A gateway whose confirmation arrives, and whose worker dies before it hears so."""

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        super().confirm_intent(intent, charge, attempt)
        raise Killed


def test_a_charge_under_way_when_the_campaign_is_stopped_is_read_to_its_end_and_given_back(funded: House) -> None:
    works = funded.works
    gateway = Slow(KEY, PROVIDER, clock=funded.clock, wire=funded.line())
    with closing(gateway), pytest.raises(Killed):
        charge_due(works.database, gateway, works.clock, works.speed, threading.Event())
    assert funded.taken_minor() in {0, 55_00}
    with funded.database.reading() as session:
        under_way = session.exec(select(Payment)).all()
    assert under_way
    stop_campaign(funded)
    funded.tick()
    funded.clock.advance(timedelta(days=2))
    funded.tick()
    assert given_minor(funded) == funded.taken_minor()
    assert not funded.campaign().settling
    assert {pledge.status for pledge in funded.pledges()} <= {PledgeState.COLLECTED, PledgeState.CANCELED}
    assert funded.violations() == {}


def test_the_money_thread_sends_refunds_too(quick: House) -> None:
    give_up(quick)
    works: Works = quick.works
    assert tick_works(works, threading.Event(), CHARGES) == {"charges": 0, "refunds": 1}
    assert given_minor(quick) == 55_00

"""The campaign core under random hands: backers, clocks, creators' edits and news of the provider, in any order.

A Hypothesis machine. After every step it recomputes, from the rows alone and by rules written here a second time, what
must hold (TRUST section 1: S1-S3, M5, P2, P4, C1, C2), and compares the totals with its own book-keeping. `python -m
tests.core_walk SEED EXAMPLES STEPS` walks it as a program of its own, so that it can also run against a copy of the
source in which a fault was planted; exit code 1 and the invariant's name if one was broken.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from fundlaunch.campaigns import actions, draft_rows
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import CampaignState, Measure, Shipping
from fundlaunch.campaigns.tables import Campaign, StretchGoal, Tier
from fundlaunch.database import Database
from fundlaunch.errors import FundLaunchError
from fundlaunch.payments.facts import CardSaved, CheckoutExpired, Fact
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.pledges.actions import cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove
from tests.databases import Opener, copy_sqlite, prepare_sqlite
from tests.house import House, open_house

GOAL_MINOR = 150_00
DAYS = 5
LAST_DAY = timedelta(hours=24)
HOLD = timedelta(minutes=35)
LATE_BY = timedelta(minutes=15)
LIMITS = {"board": 2, "cap": 1, "bag": 3}
ENOUGH = 2
"""Pledges before the deadline may come: one that comes at once leaves nothing to break."""

BACKERS = ("ada", "bela", "cleo")

STEPS_OF_A_PLEDGE = {
    ("preauth", "pledged"), ("preauth", "expired"), ("expired", "pledged"), ("expired", "canceled"),
    ("pledged", "pledged"), ("pledged", "canceled"), ("pledged", "collected"), ("pledged", "errored"),
    ("pledged", "authentication_required"), ("errored", "collected"), ("errored", "errored"),
    ("errored", "authentication_required"), ("authentication_required", "collected"),
    ("authentication_required", "errored"), ("authentication_required", "authentication_required"),
    ("errored", "dropped"), ("authentication_required", "dropped"),
}  # fmt: skip
"""RULES section 1, for all-or-nothing campaigns, written a second time."""

HOLDING = {"preauth", "pledged", "errored", "authentication_required", "collected"}
COUNTING = {"pledged", "errored", "authentication_required", "collected", "dropped"}

SELECTIONS = st.builds(
    Selection,
    tier=st.sampled_from(["board", "board", "board", "cap", None]),
    quantity=st.sampled_from([1, 1, 1, 2, 3]),
    add_ons=st.dictionaries(st.just("bag"), st.integers(1, 4), max_size=1),
    bonus_minor=st.sampled_from([0, 5_00, 60_00]),
    country=st.sampled_from(["US", "US", "DE", "DE", ""]),
)
WHICH = st.integers(0, 30)


class Broken(AssertionError):
    """An invariant does not hold; the message begins with its name."""


def must(holds: object, name: str, told: object = "") -> None:
    if not holds:
        raise Broken(f"{name} {told}")


@dataclass
class Book:
    """What this machine itself noted of one pledge."""

    total_minor: int
    counts: bool = False


def draft() -> CampaignDraft:
    """A campaign with a scarce tier, a cheap one, an add-on, and stretch goals of every measure."""
    board = TierDraft(
        "board", {"en": TierText("One board", "")}, 50_00, quantity=4, limit_per_backer=LIMITS["board"],
        delivery="2027-01", shipping=Shipping.WORLDWIDE, items={"deck": 1},
        rates={"US": Rate(5_00, 1_00), "*": Rate(20_00, 5_00)},
    )  # fmt: skip
    cap = TierDraft("cap", {"en": TierText("A cap", "")}, 10_00, delivery="2027-01", limit_per_backer=LIMITS["cap"])
    bag = TierDraft(
        "bag", {"en": TierText("A bag", "")}, 7_00, quantity=5, delivery="2027-01", limit_per_backer=LIMITS["bag"],
        items={"deck": 1},
    )  # fmt: skip
    goals = (
        StretchDraft("colour", {"en": "Colours"}, 200_00, grants={"board": {"deck": 1}}),
        StretchDraft("crowd", {"en": "A crowd"}, 3, Measure.BACKERS),
        StretchDraft("decks", {"en": "Many decks"}, 4, Measure.ORDERS, item="deck"),
    )
    return CampaignDraft(
        slug="board", currency="USD", goal_minor=GOAL_MINOR, duration_days=DAYS, creator_name="Noa Lindqvist",
        texts={"en": CampaignText("A board", "It rolls.", "We make it.", "It may break.")},
        items=(ItemDraft("deck", "DECK", {"en": "Deck"}),), tiers=(board, cap), add_ons=(bag,), stretch_goals=goals,
    )  # fmt: skip


class Core(RuleBasedStateMachine):
    """One campaign from its launch until long after its deadline."""

    databases: Callable[[], AbstractContextManager[Database]]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.house: House = self.stack.enter_context(open_house(self.stack.enter_context(self.databases())))
        self.tokens: list[str] = []
        self.books: dict[str, Book] = {}
        self.news: list[Fact] = []
        self.seen: dict[str, Any] = {}
        self.frozen: tuple[Any, ...] | None = None

    def teardown(self) -> None:
        self.stack.close()

    # --- the campaign ---------------------------------------------------------------------------------------

    @initialize()
    def launches(self) -> None:
        with self.house.database.transaction() as session:
            actions.create(session, draft(), None, self.house.clock.now())
            actions.launch(session, "board", "noa", self.house.clock.now())
        campaign = self.house.campaign()
        self.seen = {"fixed": fixed(campaign), "prices": {}, "quantities": {}}

    @rule(
        tier=st.sampled_from(["board", "cap", "bag"]),
        edit=st.sampled_from(["more", "fewer", "price", "close", "open", "remove", "rename"]),
        by=st.integers(1, 3),
    )
    def creator_edits_a_tier(self, tier: str, edit: str, by: int) -> None:
        self._revise(lambda now: with_tier(now, tier, edit, by))

    @rule(edit=st.sampled_from(["goal", "currency", "deadline", "timezone", "title", "stretch", "no stretch"]))
    def creator_edits_the_campaign(self, edit: str) -> None:
        self._revise(lambda now: with_field(now, edit))

    @rule(tier=st.sampled_from(["board", "bag"]), by=st.integers(1, 3))
    def creator_lowers_a_quantity(self, tier: str, by: int) -> None:
        self._revise(lambda now: with_tier(now, tier, "fewer", by))

    @rule(minutes=st.sampled_from([1, 1, 20, 36, 60 * 5, 60 * 23]))
    def time_passes(self, minutes: int) -> None:
        self.house.clock.advance(timedelta(minutes=minutes))

    @rule()
    def the_worker_comes(self) -> None:
        self._work()

    @precondition(lambda self: self.frozen is None and len(self.tokens) >= ENOUGH)
    @rule(seconds=st.sampled_from([-1, 0, 1]))
    def the_deadline_comes(self, seconds: int) -> None:
        deadline = self.house.campaign().deadline_at
        assert deadline is not None
        self.house.clock.set(deadline + timedelta(seconds=seconds))
        if self.house.clock.now() == deadline:
            self._start("ada", Selection(None, 0, {}, 20_00, ""))
        if seconds >= 0:
            self._work()

    # --- backers --------------------------------------------------------------------------------------------

    @rule(backer=st.sampled_from(BACKERS), wanted=SELECTIONS)
    def a_backer_starts(self, backer: str, wanted: Selection) -> None:
        self._start(backer, wanted)

    @rule(backer=st.sampled_from(BACKERS), wanted=SELECTIONS)
    def a_backer_pledges(self, backer: str, wanted: Selection) -> None:
        if self._start(backer, wanted):
            self._save_card(self.tokens[-1], "ok", "told")

    @rule(backer=st.sampled_from(BACKERS), wanted=SELECTIONS)
    def a_backer_pledges_twice_at_once(self, backer: str, wanted: Selection) -> None:
        """In two windows: both are open before either card is saved."""
        begun = [self.tokens[-1] for _ in range(2) if self._start(backer, wanted)]
        for token in begun:
            self._save_card(token, "ok", "told")

    @precondition(lambda self: self.tokens)
    @rule(which=WHICH)
    def a_card_is_saved_on_a_page_that_was_over(self, which: int) -> None:
        """The provider says so, however late: the card is then either counted in time or given back."""
        over = [token for token in self.tokens if not self.books[token].counts] or self.tokens
        pledge = self.house.pledge_of(over[which % len(over)])
        card = self.house.simulator.save_card(pledge.customer, "ok")
        page = self.house.page_of(pledge.token)
        self._tell(CardSaved(page, "", pledge.customer, card, "visa", "4242"))

    @precondition(lambda self: self.tokens)
    @rule(
        which=WHICH, card=st.sampled_from(["ok", "ok", "declines", "confirms"]), then=st.sampled_from(["told", "lost"])
    )
    def a_backer_saves_a_card(self, which: int, card: str, then: str) -> None:
        self._save_card(self.tokens[which % len(self.tokens)], card, then)

    @precondition(lambda self: self.news)
    @rule(which=WHICH)
    def news_comes_again_or_late(self, which: int) -> None:
        self._tell(self.news[which % len(self.news)])

    @precondition(lambda self: self.tokens)
    @rule(which=WHICH)
    def a_page_is_said_to_have_expired(self, which: int) -> None:
        """Said wrongly, or early: what is paid for must not be lost by it."""
        page = self.house.page_of(self.tokens[which % len(self.tokens)])
        self._tell(CheckoutExpired(session=page, checkout_id=""))

    @precondition(lambda self: self.tokens)
    @rule(which=WHICH, wanted=SELECTIONS)
    def a_backer_changes(self, which: int, wanted: Selection) -> None:
        token = self._one_that_counts(which)
        before, is_open = self.house.pledge_of(token), self._is_open()
        standing = self.house.campaign().pledged_minor
        if not self._does(lambda session: change(session, token, wanted, before.version, self.house.clock.now())):
            return
        must(is_open and before.status is PledgeState.PLEDGED, "P4", "a pledge was changed that is closed")
        self.books[token].total_minor = self.house.pledge_of(token).total_minor
        self._kept_the_last_day(standing)

    @precondition(lambda self: self.tokens)
    @rule(which=WHICH)
    def a_backer_cancels(self, which: int) -> None:
        token = self._one_that_counts(which)
        before, is_open = self.house.pledge_of(token), self._is_open()
        standing = self.house.campaign().pledged_minor
        if not self._does(lambda session: cancel(session, token, "", self.house.clock.now())):
            return
        if before.status is not PledgeState.CANCELED:
            must(is_open and before.status is PledgeState.PLEDGED, "P4", "a pledge was canceled that is closed")
            self.books[token].counts = False
            self._kept_the_last_day(standing)

    # --- what must hold -------------------------------------------------------------------------------------

    @invariant()
    def stock_is_what_is_held(self) -> None:
        for tier, units, most in self._stock():
            must(tier.claimed == units, "S1", f"{tier.slug}: {tier.claimed} claimed, {units} held")
            must(tier.quantity is None or units <= tier.quantity, "S1", f"{tier.slug} is oversold")
            must(most <= LIMITS.get(tier.slug, 1), "S1", f"{tier.slug}: {most} of one backer")

    @invariant()
    def holds_end(self) -> None:
        now = self.house.clock.now()
        for pledge in self._pledges():
            if pledge.status is PledgeState.PREAUTH:
                must(pledge.hold_expires_at is not None, "S2", pledge.id)
        if self.seen.get("worked_at") == now:
            must(all(one.hold_expires_at > now - LATE_BY for one in self._pledges() if one.hold_expires_at), "S2")

    @invariant()
    def what_was_promised_stands(self) -> None:
        if not self.seen:
            return
        campaign = self.house.campaign()
        must(fixed(campaign) == self.seen["fixed"], "C2", fixed(campaign))
        for tier in self._tiers():
            if tier.slug in self.seen["prices"]:
                must(tier.price_minor == self.seen["prices"][tier.slug], "C2", f"the price of {tier.slug}")
                old, new = self.seen["quantities"][tier.slug], tier.quantity
                must(new is None or (old is not None and new >= old), "S3", f"{tier.slug}: {old} to {new}")
            if tier.claimed:
                self.seen["prices"][tier.slug] = tier.price_minor
                self.seen["quantities"][tier.slug] = tier.quantity
            else:
                self.seen["prices"].pop(tier.slug, None)
        must(self.seen["prices"].keys() <= {tier.slug for tier in self._tiers()}, "C2", "a chosen tier is gone")

    @invariant()
    def totals_add_up(self) -> None:
        with self.house.database.reading() as session:
            lines = session.exec(select(PledgeLine)).all()
        for pledge in self._pledges():
            mine = [line for line in lines if line.pledge_id == pledge.id]
            goods = sum(line.quantity * line.unit_price_minor for line in mine)
            sending = sum(line.shipping_minor for line in mine)
            must((goods, sending) == (pledge.lines_minor, pledge.shipping_minor), "M5", pledge.id)
            must(pledge.total_minor == goods + sending + pledge.bonus_minor, "M5", pledge.id)

    @invariant()
    def every_step_is_allowed_and_written_down(self) -> None:
        with self.house.database.reading() as session:
            moves = session.exec(select(PledgeMove).order_by(col(PledgeMove.pledge_id), col(PledgeMove.seq))).all()
        for pledge in self._pledges():
            state, told = "preauth", [move for move in moves if move.pledge_id == pledge.id]
            for number, move in enumerate(told, 1):
                must(move.seq == number and move.before == state, "P2", f"{pledge.id}: {move.before} -> {move.after}")
                must((move.before, move.after) in STEPS_OF_A_PLEDGE, "P2", f"{move.before} -> {move.after}")
                state = move.after
            must(state == pledge.status.value, "P2", f"{pledge.id} is {pledge.status}, its time line says {state}")

    @invariant()
    def the_public_total_is_the_sum(self) -> None:
        campaign = self.house.campaign() if self.seen else None
        if campaign is None:
            return
        counting = [one for one in self._pledges() if one.status.value in COUNTING]
        released = campaign.frozen_at is not None and campaign.status is not CampaignState.SUCCESSFUL
        if not released:
            found = (sum(one.total_minor for one in counting), len(counting))
            must((campaign.pledged_minor, campaign.backers) == found, "C1", f"{campaign.pledged_minor}: {found}")
            mine = sum(book.total_minor for book in self.books.values() if book.counts)
            must(campaign.pledged_minor == mine, "C1", f"{campaign.pledged_minor} is not {mine}")
        numbers = [one.backer_number for one in self._pledges() if one.backer_number is not None]
        must(len(set(numbers)) == len(numbers), "C1", "a backer number came twice")
        if campaign.frozen_at is None:
            for goal, count in self._stretch(campaign, counting):
                must((goal.reached_at is not None) == (count >= goal.threshold), "C1", f"{goal.slug} at {count}")

    @invariant()
    def the_freeze_stands(self) -> None:
        campaign = self.house.campaign() if self.seen else None
        if campaign is None or campaign.frozen_at is None:
            return
        with self.house.database.reading() as session:
            goals = session.exec(select(StretchGoal.slug, StretchGoal.reached_at).order_by(StretchGoal.slug)).all()
        now = (campaign.status, campaign.pledged_minor, campaign.backers, tuple(goals))
        if self.frozen is None:
            met = campaign.pledged_minor >= campaign.goal_minor
            must((campaign.status is CampaignState.SUCCESSFUL) == met, "P4", f"{campaign.status} at {now[1]}")
            self.frozen = now
        must(now == self.frozen, "P4", f"{self.frozen} became {now}")
        late = [one.id for one in self._pledges() if one.confirmed_at and one.confirmed_at > campaign.frozen_at]
        must(not late, "P4", f"{late} came after the freeze")

    # --- in between -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        self.house.tick()
        self._read_back_states()
        self.seen["worked_at"] = self.house.clock.now()

    def _start(self, backer: str, wanted: Selection) -> bool:
        is_open = self._is_open()
        key = f"form-{len(self.tokens)}-{self.house.clock.now().timestamp()}"
        more = {"quantity": wanted.quantity, "add_ons": wanted.add_ons, "bonus_minor": wanted.bonus_minor,
                "country": wanted.country}  # fmt: skip
        try:
            started = self.house.start("board", f"{backer}@example.org", wanted.tier, key=key, **more)
        except FundLaunchError:
            return False
        must(is_open, "P4", "a pledge was started after the deadline")
        again = self.house.start("board", f"{backer}@example.org", wanted.tier, key=key, **more)
        must(again.token == started.token, "P6", "one form made two pledges")
        self.tokens.append(started.token)
        self.books[started.token] = Book(self.house.pledge_of(started.token).total_minor)
        self.house.desk.send_to_checkout(started)
        return True

    def _save_card(self, token: str, card: str, then: str) -> None:
        page = self.house.page_of(token)
        try:
            self.house.simulator.complete_checkout(page, card)
        except Refusal:
            return
        self.news += self.house.gateway.read_checkout(page).facts
        if then == "told":
            self._tell(self.news[-1])

    def _one_that_counts(self, which: int) -> str:
        """One of the pledges that can still be changed, if there is any."""
        able = [token for token in self.tokens if self.books[token].counts] or self.tokens
        return able[which % len(able)]

    def _revise(self, edit: Callable[[CampaignDraft], CampaignDraft]) -> None:
        def revise(session: Session) -> None:
            wanted = edit(draft_rows.read(session, actions.find(session, "board")))
            actions.revise(session, "board", wanted, self.house.clock.now(), actor="noa")

        self._does(revise)

    def _does(self, act: Callable[[Session], None]) -> bool:
        try:
            with self.house.database.transaction() as session:
                act(session)
        except FundLaunchError:
            return False
        return True

    def _tell(self, fact: Fact) -> None:
        try:
            self.house.apply(fact)
        except FundLaunchError:
            return
        self._read_back_states()

    def _read_back_states(self) -> None:
        """Whether a pledge counts is decided by the core; that it then counts with its own total is checked."""
        for token in self.tokens:
            self.books[token].counts = self.house.pledge_of(token).status.value in COUNTING

    def _is_open(self) -> bool:
        campaign = self.house.campaign()
        assert campaign.deadline_at is not None
        return campaign.status is CampaignState.LIVE and self.house.clock.now() < campaign.deadline_at

    def _kept_the_last_day(self, before_minor: int) -> None:
        campaign = self.house.campaign()
        assert campaign.deadline_at is not None
        if campaign.deadline_at - self.house.clock.now() <= LAST_DAY:
            lost = before_minor >= GOAL_MINOR > campaign.pledged_minor
            must(not lost, "last day", f"{before_minor} fell to {campaign.pledged_minor}")

    def _pledges(self) -> list[Pledge]:
        with self.house.database.reading() as session:
            return list(session.exec(select(Pledge)))

    def _tiers(self) -> list[Tier]:
        with self.house.database.reading() as session:
            return list(session.exec(select(Tier)))

    def _stock(self) -> list[tuple[Tier, int, int]]:
        """Each tier, the units that pledges hold of it, and the most that one address holds of it."""
        holding = {one.id: one for one in self._pledges() if one.status.value in HOLDING}
        with self.house.database.reading() as session:
            lines = [line for line in session.exec(select(PledgeLine)) if line.pledge_id in holding]
        found = []
        for tier in self._tiers():
            mine = [line for line in lines if line.tier_id == tier.id]
            by_backer: dict[str, int] = {}
            for line in mine:
                if holding[line.pledge_id].status is not PledgeState.PREAUTH:
                    email = holding[line.pledge_id].email_key
                    by_backer[email] = by_backer.get(email, 0) + line.quantity
            found.append((tier, sum(line.quantity for line in mine), max(by_backer.values(), default=0)))
        return found

    def _stretch(self, campaign: Campaign, counting: list[Pledge]) -> list[tuple[StretchGoal, int]]:
        ids = {one.id for one in counting}
        with self.house.database.reading() as session:
            goals = session.exec(select(StretchGoal)).all()
            lines = [line for line in session.exec(select(PledgeLine)) if line.pledge_id in ids]
        decks = {tier.id for tier in self._tiers() if tier.slug in {"board", "bag"}}
        counts = {
            Measure.MONEY: campaign.pledged_minor,
            Measure.BACKERS: campaign.backers,
            Measure.ORDERS: sum(line.quantity for line in lines if line.tier_id in decks),
        }
        return [(goal, counts[goal.measure]) for goal in goals]


def fixed(campaign: Campaign) -> tuple[str, int, datetime | None, str]:
    """What never changes after the launch."""
    return (campaign.currency, campaign.goal_minor, campaign.deadline_at, campaign.timezone)


def with_tier(now: CampaignDraft, slug: str, edit: str, by: int) -> CampaignDraft:
    """The draft with one tier edited."""

    def edited(tier: TierDraft) -> TierDraft | None:
        quantity = tier.quantity
        changes: dict[str, dict[str, Any] | None] = {
            "more": {"quantity": None if quantity is None else quantity + by},
            "fewer": {"quantity": by if quantity is None else max(quantity - by, 1)},
            "price": {"price_minor": tier.price_minor + by},
            "close": {"closed": True},
            "open": {"closed": False},
            "rename": {"texts": {"en": TierText(f"{slug} {by}", "")}},
            "remove": None,
        }
        wanted = changes[edit]
        return None if wanted is None else replace(tier, **wanted)

    tiers, add_ons = (
        tuple(filter(None, (edited(tier) if tier.slug == slug else tier for tier in kind)))
        for kind in (now.tiers, now.add_ons)
    )
    return replace(now, tiers=tiers, add_ons=add_ons)


def with_field(now: CampaignDraft, edit: str) -> CampaignDraft:
    """The draft with one field of the campaign edited."""
    goals = now.stretch_goals
    changes: dict[str, dict[str, Any]] = {
        "goal": {"goal_minor": now.goal_minor - 1},
        "currency": {"currency": "EUR"},
        "deadline": {"deadline": now.deadline + timedelta(days=1) if now.deadline else None},
        "timezone": {"timezone": "Asia/Seoul"},
        "title": {"texts": {"en": replace(now.main_text, title=f"{now.main_text.title}!"[:60])}},
        "stretch": {"stretch_goals": (*goals, StretchDraft(f"more-{len(goals)}", {"en": "More"}, 90_00 * len(goals)))},
        "no stretch": {"stretch_goals": goals[:-1]},
    }
    return replace(now, **changes[edit])


def walk(databases: Callable[[], AbstractContextManager[Database]], *, start: int, examples: int, steps: int) -> None:
    """Walk the machine; raises Broken with the steps that led there."""
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate], verbosity=Verbosity.normal,
        print_blob=False,
    )  # fmt: skip
    machine = type("Walked", (Core,), {"databases": staticmethod(databases)})
    run_state_machine_as_test(seed(start)(machine), settings=chosen)


def main(start: int, examples: int, steps: int) -> int:
    """Walk on SQLite files of this run; prints what was broken. Exit code 1 then."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.sqlite3"
        prepare_sqlite(prepared)
        opener = Opener()

        def fresh() -> AbstractContextManager[Database]:
            return opener.opened(copy_sqlite(prepared, Path(folder) / "walked.sqlite3"))

        try:
            walk(fresh, start=start, examples=examples, steps=steps)
        except Exception as error:  # noqa: BLE001 - whatever breaks, in whatever way, was found
            sys.stdout.write(f"{type(error).__name__}: {error}".splitlines()[0])
            return 1
    sys.stdout.write("held")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:4])))

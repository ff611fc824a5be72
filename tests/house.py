"""A whole FundLaunch without its pages: real database, the provider's stand-in at hand, a standing clock."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, col, select

from fundlaunch import inbox, outbox
from fundlaunch.campaigns.states import CampaignState, Funding, Shipping, TierKind
from fundlaunch.campaigns.tables import Campaign, ShippingRate, StretchGoal, Tier
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.payments.facts import Fact
from fundlaunch.payments.simulator.courier import Deliver
from fundlaunch.payments.simulator.faults import FaultPlan
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.server import Served
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.pledges import collection
from fundlaunch.pledges.actions import Backer, Started, apply, start
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.closing import close_due, settle_due
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.tables import Pledge
from fundlaunch.verify import verify
from fundlaunch.worker import Works, sweep, tick
from fundlaunch_webhooks import Delivery, Receiver
from tests.gateway.spec_check import Spec
from tests.line import PROVIDER, DirectWire
from tests.webhooks.sender import send

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE_URL = "http://fund.example.org"
KEY = "sk_test_house"
WEBHOOK_SECRET = "whsec_of_the_house"


@dataclass
class House:
    """Database, provider and clock of one test. Letters that went out stand in `letters` as (topic, recipient)."""

    database: Database
    clock: SimulatedClock
    simulator: Simulator
    gateway: StripeGateway
    per_second: int = 1000
    letters: list[tuple[str, str]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    forms: int = 0

    @property
    def desk(self) -> Desk:
        return Desk(self.database, self.gateway, BASE_URL, self.clock)

    @property
    def works(self) -> Works:
        speed = collection.Speed(self.per_second, lease_seconds=120, threads=1)
        keepers = {outbox.MAIL: self._send, outbox.RELEASE_CARD: self._release}
        return Works(self.database, self.gateway, self.clock, speed, keepers)

    def line(self) -> DirectWire:
        """One more line to the provider, for a gateway of a test."""
        return DirectWire(self.simulator, self.requests.append)

    def tick(self) -> dict[str, int]:
        return tick(self.works, threading.Event())

    def deliver(self) -> None:
        """Keep every event the provider has, in its order, and work on it."""
        inbox.backfill(self.database, self.gateway, self.clock.now())
        self.tick()

    def start(self, slug: str, email: str, tier: str | None = "board", *, key: str = "", **more: Any) -> Started:
        self.forms += 1
        wanted: dict[str, Any] = {"quantity": 1, "add_ons": {}, "bonus_minor": 0, "country": "US"} | more
        backer = Backer(email=email, name=email.partition("@")[0], language="en")
        with self.database.transaction() as session:
            return start(
                session, slug, Selection(tier=tier, **wanted), backer, key or f"form-{self.forms}", self.clock.now()
            )

    def pledge(self, slug: str, email: str, tier: str | None = "board", *, card: str = "ok", **more: Any) -> str:
        """A confirmed pledge with that test card; gives its token."""
        started = self.start(slug, email, tier, **more)
        self.desk.send_to_checkout(started)
        self.fill_in(started.token, card)
        self.desk.look(started.token)
        return started.token

    def fill_in(self, token: str, card: str) -> None:
        """Complete the newest page of the provider that belongs to a pledge."""
        self.simulator.complete_checkout(self.page_of(token), card)

    def page_of(self, token: str) -> str:
        """The provider's id of the newest checkout page of a pledge."""
        customer = self.pledge_of(token).customer
        pages = [page for page in self.simulator.shapes("checkout.session") if page["customer"] == customer]
        return str(pages[-1]["id"])

    def pledge_of(self, token: str) -> Pledge:
        with self.database.reading() as session:
            return session.exec(select(Pledge).where(Pledge.token == token)).one()

    def pledges(self) -> list[Pledge]:
        with self.database.reading() as session:
            return list(session.exec(select(Pledge).order_by(col(Pledge.backer_number))))

    def campaign(self, slug: str = "board") -> Campaign:
        with self.database.reading() as session:
            return session.exec(select(Campaign).where(Campaign.slug == slug)).one()

    def tier(self, slug: str = "board") -> Tier:
        with self.database.reading() as session:
            return session.exec(select(Tier).join(Campaign).where(Tier.slug == slug, Campaign.slug == "board")).one()

    def apply(self, *facts: Fact) -> None:
        for fact in facts:
            with self.database.transaction() as session:
                apply(session, fact, self.clock.now())

    def to_deadline(self, slug: str = "board") -> None:
        deadline = self.campaign(slug).deadline_at
        assert deadline is not None
        self.clock.set(deadline)

    def taken_minor(self, currency: str = "USD") -> int:
        """What the provider's own books say was taken."""
        charges = self.simulator.charges()
        return sum(one.amount_minor for one in charges if one.status == "succeeded" and one.currency == currency)

    def receive(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """What the receiver answers to a delivery of the provider's courier (`simulator.listen` switches it on)."""
        del url
        door = Receiver(keep=self._keep, secrets=(WEBHOOK_SECRET,), livemode=False, now=self.clock.now)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        return send(door, raw, [{"type": "http.request", "body": body, "more_body": False}]).status

    def sweep(self) -> dict[str, int]:
        return sweep(self.works)

    def violations(self) -> dict[str, tuple[str, ...]]:
        """What `verify` finds now."""
        with self.database.reading() as session:
            found = verify(session, self.clock.now())
        return {name: one.first for name, one in found.items() if one.count}

    def _keep(self, delivery: Delivery) -> None:
        self.received.append(delivery.id)
        with self.database.transaction() as session:
            inbox.keep(session, delivery, self.clock.now())

    def complaints(self) -> list[str]:
        """What is wrong with the requests that the adapter made; nothing is known where the published ones lack."""
        spec = published()
        return [line for request in self.requests for line in spec.complaints(request)] if spec else []

    def _send(self, owed: outbox.Owed) -> outbox.Kept:
        self.letters.append((owed.topic, owed.recipient))
        return outbox.Kept(subject=owed.topic, text=owed.topic)

    def _release(self, owed: outbox.Owed) -> outbox.Kept:
        self.gateway.release_card(**owed.payload)
        return outbox.Kept()


@cache
def published() -> Spec | None:
    """The published parameters of the provider's API from the folder of real data, if it is there."""
    folder = Path(os.environ.get("FUNDLAUNCH_SHARED_DATA") or ROOT.parent / "shared" / "data")
    file = folder / "stripe" / "spec.json"
    return Spec(file) if file.exists() else None


def _to_the_house(house: Callable[[], House]) -> Deliver:
    """The simulator is made before the house that its courier comes to."""
    return lambda url, body, headers: house().receive(url, body, headers)


@contextmanager
def open_house(database: Database, *, start_at: datetime = NOON, faults: FaultPlan | None = None) -> Iterator[House]:
    """Set everything up around a fresh database and take it down again; the provider is in the same process.

    At its end every request that was made must have satisfied the published parameters, where those are at hand.
    """
    house = _house(database, start_at, faults)
    house.simulator.book.page_address = PROVIDER
    with closing(house.simulator), closing(house.gateway):
        yield house
    assert house.complaints() == []


@contextmanager
def open_served_house(database: Database, *, start_at: datetime = NOON) -> Iterator[House]:
    """The same with the provider's pages at an address on loopback, for browsers that are sent there."""
    house = _house(database, start_at, None)
    with Served(house.simulator), closing(house.simulator), closing(house.gateway):
        yield house
    assert house.complaints() == []


def _house(database: Database, start_at: datetime, faults: FaultPlan | None) -> House:
    clock = SimulatedClock(start_at)
    simulator = Simulator(clock, seed=1, faults=faults, deliver=_to_the_house(lambda: house))
    requests: list[httpx.Request] = []
    wire = DirectWire(simulator, requests.append)
    gateway = StripeGateway(KEY, PROVIDER, clock=clock, wire=wire)
    house = House(database, clock, simulator, gateway, requests=requests)
    return house


def fund(house: House) -> None:
    """The deadline passes and the pledges are queued; nothing is charged yet."""
    house.to_deadline()
    close_due(house.database, house.gateway, house.clock)
    settle_due(house.database, house.gateway, house.clock.now())


def live_campaign(
    session: Session,
    now: datetime,
    *,
    slug: str = "board",
    goal_minor: int = 100_00,
    days: int = 30,
    quantity: int | None = None,
    stretch_goals: Mapping[str, int] | None = None,
    funding: Funding = Funding.ALL_OR_NOTHING,
) -> str:
    """A live campaign in USD: a tier `board` (50.00, scarce if `quantity`), an add-on `bag` (10.00), stretch goals."""
    campaign = Campaign(
        slug=slug,
        status=CampaignState.LIVE,
        texts={"en": {"title": "A board"}},
        creator_name="Noa Lindqvist",
        currency="USD",
        funding=funding,
        goal_minor=goal_minor,
        launched_at=now,
        deadline_at=now + timedelta(days=days),
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    _add_tiers(session, campaign.id, quantity)
    for position, (name, threshold) in enumerate((stretch_goals or {}).items()):
        texts = {"en": {"title": name}}
        session.add(
            StretchGoal(campaign_id=campaign.id, slug=name, position=position, texts=texts, threshold=threshold)
        )
    return campaign.id


def _add_tiers(session: Session, campaign_id: str, quantity: int | None) -> None:
    board = Tier(
        campaign_id=campaign_id,
        slug="board",
        texts={"en": {"title": "One board"}},
        price_minor=50_00,
        quantity=quantity,
        limit_per_backer=5,
        shipping=Shipping.WORLDWIDE,
    )
    bag = Tier(
        campaign_id=campaign_id,
        slug="bag",
        kind=TierKind.ADD_ON,
        texts={"en": {"title": "A bag"}},
        price_minor=10_00,
        limit_per_backer=10,
    )
    session.add(board)
    session.add(bag)
    session.flush()
    session.add(ShippingRate(tier_id=board.id, country="US", first_minor=5_00, further_minor=1_00))
    session.add(ShippingRate(tier_id=board.id, country="*", first_minor=20_00, further_minor=5_00))

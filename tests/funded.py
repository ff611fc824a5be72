"""A funded campaign with pledges, written straight into the tables: for tests of lists and addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from fundlaunch.campaigns.states import CampaignState, Shipping, TierKind
from fundlaunch.campaigns.tables import Campaign, Item, Tier, TierItem
from fundlaunch.database import Database
from fundlaunch.fulfilment.tables import Address
from fundlaunch.pledges.states import COUNTS, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine

LAUNCH = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
SLUG = "lamp"
BOARD_MINOR, STICKER_MINOR, BATTERY_MINOR = 50_000, 500, 9_000


@dataclass(frozen=True)
class Given:
    """A pledge of the test. `units` by slug of tier or add-on; the base tier is the one of `tier`."""

    name: str = "Mina Okafor"
    email: str = "mina@example.org"
    country: str = "US"
    status: PledgeState = PledgeState.COLLECTED
    tier: str | None = "board"
    units: Mapping[str, int] = field(default_factory=lambda: {"board": 1})
    shipping_minor: int = 0
    bonus_minor: int = 0
    address: Mapping[str, str] | None = None
    has_number: bool = True


PRICES = {"board": BOARD_MINOR, "stickers": STICKER_MINOR, "battery": BATTERY_MINOR, "thanks": 100}


def funded(database: Database, pledges: Iterable[Given], **changes: Any) -> list[str]:
    """Write the campaign and its pledges, numbered in their order; gives the ids of the pledges."""
    with database.transaction() as session:
        campaign(session, **changes)
        return [pledge(session, number, given) for number, given in enumerate(pledges, start=1)]


def campaign(session: Session, **changes: Any) -> None:
    """A campaign with a board (with two batteries inside), stickers, thanks that are not sent, and a battery add-on."""
    values: dict[str, Any] = {
        "id": "c1", "slug": SLUG, "status": CampaignState.SUCCESSFUL, "texts": {"en": {"title": "Lamp"}},
        "currency": "USD", "goal_minor": 100_000, "timezone": "Asia/Seoul", "launched_at": LAUNCH,
        "created_at": LAUNCH,
    }  # fmt: skip
    session.add(Campaign(**values | changes))
    session.flush()
    for position, (slug, sku, name, grams) in enumerate(
        [("deck", "DECK-01", "Deck", 4200), ("cell", "CELL-02", "Spare battery", 680), ("dot", "DOT", "Sticker", 1)]
    ):
        session.add(
            Item(id=slug, campaign_id="c1", slug=slug, sku=sku, position=position, weight_grams=grams,
                 texts={"en": {"name": name}})
        )  # fmt: skip
    for position, (slug, title, kind, shipping) in enumerate(
        [
            ("board", "The board", TierKind.BASE, Shipping.WORLDWIDE),
            ("stickers", "Stickers", TierKind.BASE, Shipping.WORLDWIDE),
            ("thanks", "A word of thanks", TierKind.BASE, Shipping.DIGITAL),
            ("battery", "Spare battery", TierKind.ADD_ON, Shipping.WORLDWIDE),
        ]
    ):
        session.add(
            Tier(id=slug, campaign_id="c1", slug=slug, kind=kind, position=position, texts={"en": {"title": title}},
                 price_minor=PRICES[slug], shipping=shipping)
        )  # fmt: skip
    session.flush()
    for tier_id, item_id, quantity in [
        ("board", "deck", 1),
        ("board", "cell", 2),
        ("stickers", "dot", 5),
        ("battery", "cell", 1),
    ]:
        session.add(TierItem(tier_id=tier_id, item_id=item_id, quantity=quantity))
    session.flush()


def pledge(session: Session, number: int, given: Given) -> str:
    """One pledge with its lines, its address if it has one, and its part in the campaign's totals."""
    pledge_id, at = f"pledge-{number:06}", LAUNCH + timedelta(minutes=number)
    lines_minor = sum(PRICES[slug] * units for slug, units in given.units.items())
    total_minor = lines_minor + given.shipping_minor + given.bonus_minor
    session.add(
        Pledge(
            id=pledge_id, token=f"token-{number}", campaign_id="c1", request_key=f"key-{number}", status=given.status,
            email=given.email, email_key=given.email, name=given.name, country=given.country, tier_id=given.tier,
            tier_quantity=given.units.get(given.tier or "", 0), currency=_currency(session), lines_minor=lines_minor,
            shipping_minor=given.shipping_minor, bonus_minor=given.bonus_minor, total_minor=total_minor,
            backer_number=number if given.has_number else None, created_at=at, confirmed_at=at,
            collected_minor=total_minor if given.status is PledgeState.COLLECTED else 0,
        )
    )  # fmt: skip
    session.flush()
    for slug, units in given.units.items():
        session.add(PledgeLine(pledge_id=pledge_id, tier_id=slug, quantity=units, unit_price_minor=PRICES[slug]))
    if given.address is not None:
        values = {"name": given.name, "country": given.country, "line1": "1 Main Street", "city": "Springfield"}
        session.add(Address(pledge_id=pledge_id, created_at=at, updated_at=at, **{**values, **given.address}))
    if given.status in COUNTS:
        found = session.get_one(Campaign, "c1")
        found.pledged_minor += total_minor
        found.backers += 1
        session.add(found)
    session.flush()
    return pledge_id


def _currency(session: Session) -> str:
    return session.get_one(Campaign, "c1").currency

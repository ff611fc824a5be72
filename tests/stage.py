"""Campaigns and pledges set on the stage as rows: invented, in any phase, for stories and pictures of pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from fundlaunch.campaigns.states import CampaignState, Shipping, TierKind
from fundlaunch.campaigns.tables import Campaign, Item, ShippingRate, StretchGoal, Tier, TierItem
from fundlaunch.payments.states import CheckoutPurpose, CheckoutState
from fundlaunch.payments.tables import Checkout
from fundlaunch.people.rules import email_key
from fundlaunch.pledges.states import PledgeEvent, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove
from tests.cast import MINA, Person

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""When every story begins."""

LAUNCHED_AT = NOW - timedelta(days=11, hours=3)
DEADLINE_AT = datetime(2026, 12, 11, 10, 0, tzinfo=UTC)

STORY = """Most electric boards are a skateboard with a machine bolted underneath. We moved all of it into a wheel.

# Why the wheel

A motor in the wheel drives the road directly. Nothing slips, nothing whines.

![The wheel from the side](wheel "The rear wheel, cut open.")

# Where the money goes

| Part of the price | USD |
|---|---:|
| Wheels, battery, deck | 241.00 |
| Assembly | 62.00 |

# When it ships

Tooling is paid in December, first boards leave the line in March.
"""

STORY_KO = """할아버지는 바구니를 엮었습니다. 값싼 플라스틱이 들어오면서 바구니는 팔리지 않게 되었고, 손은 남았습니다.

# 왜 대나무인가

대나무는 한 해에 다 자랍니다. 베어 낸 자리에서 이듬해 다시 올라오기 때문에 숲이 줄지 않습니다.

# 엮는 법

한 사람이 하나를 처음부터 끝까지 엮습니다. 큰 등 하나에 열한 시간이 걸립니다.
"""


def board(session: Session, **changes: Any) -> Campaign:
    """A live campaign in USD, day 12 of 30, with tiers, add-ons and stretch goals; `changes` go into its row."""
    values: dict[str, Any] = {
        "slug": "board",
        "status": CampaignState.LIVE,
        "texts": {
            "en": {
                "title": "Kerb, the electric skateboard with its motor in the wheel",
                "blurb": "It weighs 3.9 kg and looks like a longboard, because the motors sit inside the rear wheels.",
                "story": STORY,
                "risks": "The magnets come from one supplier. If they are late, so are we, by up to eight weeks.",
                "faq": [
                    ["May I take it on a plane?", "The battery is 99 Wh, which most airlines allow in the cabin."],
                    ["What if the tyre wears out?", "You press on a new one. A set costs $18."],
                ],
            },
            "ko": {
                "title": "커브, 바퀴 속에 모터를 넣은 전동 보드",
                "blurb": "무게는 3.9 kg이고 생김새는 롱보드입니다.",
            },
        },
        "creator_name": "Lindqvist Boards",
        "place": "Gothenburg",
        "video": "https://www.youtube.com/watch?v=AAAAAAAAAAA",
        "currency": "USD",
        "goal_minor": 100_000_00,
        "timezone": "Europe/Stockholm",
        "launched_at": LAUNCHED_AT,
        "deadline_at": DEADLINE_AT,
        "pledged_minor": 312_480_00,
        "backers": 512,
        "last_backer_number": 526,
        "created_at": LAUNCHED_AT - timedelta(days=3),
    }
    campaign = Campaign(**(values | changes))
    session.add(campaign)
    session.flush()
    _board_rewards(session, campaign)
    return campaign


def _board_rewards(session: Session, campaign: Campaign) -> None:
    deck = _item(session, campaign, "deck", "Board, black deck")
    remote = _item(session, campaign, "remote", "Remote and charger")
    one = tier(session, campaign, "one", "One board", 499_00, position=2, shipping=Shipping.SOME)
    early = tier(
        session, campaign, "early", "Early bird: one board", 420_00, position=1, quantity=50, claimed=46,
        ends_at=NOW + timedelta(days=2), shipping=Shipping.SOME,
    )  # fmt: skip
    crew = tier(session, campaign, "crew", "Five for the crew", 2_100_00, position=3, shipping=Shipping.WORLDWIDE)
    tier(session, campaign, "first", "First twenty", 399_00, position=0, quantity=20, claimed=20)
    later = NOW + timedelta(days=8)
    tier(session, campaign, "later", "A ride with the makers", 90_00, position=4, starts_at=later, limit_per_backer=3)
    bag = tier(
        session, campaign, "bag", "Travel bag", 45_00, kind=TierKind.ADD_ON, shipping=Shipping.SOME, limit_per_backer=10
    )
    tier(
        session, campaign, "sticker", "Thank-you card by e-mail", 2_50, kind=TierKind.ADD_ON, shipping=Shipping.DIGITAL
    )
    for kind, units in ((one, 1), (early, 1), (crew, 5)):
        session.add(TierItem(tier_id=kind.id, item_id=deck.id, quantity=units))
        session.add(TierItem(tier_id=kind.id, item_id=remote.id, quantity=units))
    for kind in (one, early):
        rate(session, kind, "DE", 25_00)
        rate(session, kind, "US", 15_00)
        rate(session, kind, "KR", 30_00)
    rate(session, crew, "*", 120_00)
    rate(session, crew, "DE", 58_00)
    rate(session, bag, "DE", 5_00, 1_00)
    rate(session, bag, "US", 4_00, 1_00)
    reached = LAUNCHED_AT + timedelta(days=7)
    goal(session, campaign, "brakes", "Brakes that charge the battery", 250_000_00, reached)
    goal(session, campaign, "lights", "A light in each truck", 400_000_00)
    goal(session, campaign, "battery", "A second battery size", 600_000_00)


def lamp(session: Session, **changes: Any) -> Campaign:
    """A live campaign in KRW whose main language is Korean, below its goal."""
    values: dict[str, Any] = {
        "slug": "lamp",
        "status": CampaignState.LIVE,
        "language": "ko",
        "texts": {
            "ko": {
                "title": "담빛, 대나무 한 대를 쪼개어 손으로 엮은 등",
                "blurb": "사흘을 말린 담양 왕대를 2 mm로 쪼개어 엮습니다. 끄면 조용한 바구니 하나가 남습니다.",
                "story": STORY_KO,
                "risks": "대나무는 자연에서 온 재료라 빛깔과 결이 조금씩 다릅니다.",
                "faq": [["언제 결제되나요?", "캠페인이 끝난 뒤, 목표를 채웠을 때에만 결제됩니다."]],
            }
        },
        "creator_name": "죽림공방",
        "place": "전남 담양",
        "accent": "#1f6b43",
        "currency": "KRW",
        "goal_minor": 30_000_000,
        "timezone": "Asia/Seoul",
        "launched_at": LAUNCHED_AT,
        "deadline_at": datetime(2026, 12, 2, 11, 0, tzinfo=UTC),
        "pledged_minor": 21_840_000,
        "backers": 188,
        "last_backer_number": 190,
        "created_at": LAUNCHED_AT,
    }
    campaign = Campaign(**(values | changes))
    session.add(campaign)
    session.flush()
    small = tier(session, campaign, "small", "작은 등 하나", 98_000, shipping=Shipping.SOME, language="ko")
    large = tier(session, campaign, "large", "큰 등 하나", 168_000, position=1, quantity=100, claimed=88,
                 shipping=Shipping.SOME, language="ko")  # fmt: skip
    for kind in (small, large):
        rate(session, kind, "KR", 4_000)
        rate(session, kind, "US", 38_000)
    return campaign


def tier(session: Session, campaign: Campaign, slug: str, title: str, price_minor: int, **more: Any) -> Tier:
    """A tier (or an add-on) of a campaign."""
    language = more.pop("language", "en")
    words = {"title": title, "description": more.pop("description", "")}
    values = {"delivery": "2027-05", "kind": TierKind.BASE} | more
    row = Tier(campaign_id=campaign.id, slug=slug, texts={language: words}, price_minor=price_minor, **values)
    session.add(row)
    session.flush()
    return row


def rate(session: Session, kind: Tier, country: str, first_minor: int, further_minor: int = 0) -> None:
    """What sending one and each further one costs."""
    session.add(ShippingRate(tier_id=kind.id, country=country, first_minor=first_minor, further_minor=further_minor))
    session.flush()


def goal(session: Session, campaign: Campaign, slug: str, title: str, minor: int, at: datetime | None = None) -> None:
    """A stretch goal, reached at an instant or not yet."""
    row = StretchGoal(campaign_id=campaign.id, slug=slug, texts={"en": {"title": title}}, threshold=minor)
    row.reached_at = at
    session.add(row)


def _item(session: Session, campaign: Campaign, slug: str, name: str) -> Item:
    row = Item(campaign_id=campaign.id, slug=slug, sku=slug.upper(), texts={"en": {"name": name}})
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a staged pledge holds: one unit of a tier, and what is paid above it."""

    kind: Tier | None = None
    shipping_minor: int = 0
    bonus_minor: int = 10_00


def pledge(
    session: Session, campaign: Campaign, status: PledgeState, chosen: Chosen, who: Person = MINA, **more: Any
) -> Pledge:
    """A pledge with its line, its checkout and the first step of its time line."""
    price = chosen.kind.price_minor if chosen.kind else 0
    values: dict[str, Any] = {
        "token": f"token-{campaign.slug}-{status.value}-{who.name.split()[0].lower()}".ljust(32, "0"),
        "request_key": f"key-{status.value}-{who.email}",
        "email": who.email,
        "email_key": email_key(who.email),
        "country": who.country,
        "language": who.language,
        "tier_id": chosen.kind.id if chosen.kind else None,
        "tier_quantity": 1 if chosen.kind else 0,
        "currency": campaign.currency,
        "lines_minor": price,
        "shipping_minor": chosen.shipping_minor,
        "bonus_minor": chosen.bonus_minor,
        "total_minor": price + chosen.shipping_minor + chosen.bonus_minor,
        "created_at": NOW - timedelta(hours=2),
    }
    if status is not PledgeState.PREAUTH:
        values |= {"confirmed_at": NOW - timedelta(hours=2), "card_brand": "visa", "card_last4": "4242"}
        values |= {"customer": "cus_staged", "payment_method": "pm_staged"}
    row = Pledge(campaign_id=campaign.id, status=status, **(values | more))
    session.add(row)
    session.flush()
    if chosen.kind:
        session.add(
            PledgeLine(
                pledge_id=row.id,
                tier_id=chosen.kind.id,
                quantity=1,
                unit_price_minor=price,
                shipping_minor=chosen.shipping_minor,
            )
        )
    _with_its_past(session, row)
    return row


def _with_its_past(session: Session, row: Pledge) -> None:
    fresh = row.status is PledgeState.PREAUTH
    session.add(
        Checkout(
            pledge_id=row.id,
            campaign_id=row.campaign_id,
            purpose=CheckoutPurpose.SAVE_CARD,
            status=CheckoutState.INTENDED if fresh else CheckoutState.COMPLETE,
            created_at=row.created_at,
            expires_at=row.created_at + timedelta(minutes=32),
        )
    )
    if not fresh:
        moved = {"event": PledgeEvent.CARD_SAVED.value, "before": "preauth", "after": "pledged"}
        at = row.confirmed_at or row.created_at
        session.add(PledgeMove(pledge_id=row.id, seq=1, at=at, total_minor=row.total_minor, **moved))
    session.flush()

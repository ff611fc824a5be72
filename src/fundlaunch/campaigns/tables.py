"""Rows of campaigns and what they offer. Amounts in minor units of the campaign's currency, times in UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundlaunch.campaigns.states import CampaignState, Funding, Measure, Shipping, TierKind
from fundlaunch.database import EnumText, MinorUnits, UtcDateTime, new_id, one_of

NARROWS = ("category", "country", "currency")


class Campaign(SQLModel, table=True):
    """A campaign. `texts` is {language: {"title", "blurb", "story", "risks", "faq": [[question, answer], ...]}}.

    `pledged_minor` and `backers` are the running totals of pledges that count; closing freezes them (`frozen_at`), and
    `percent` is the first of them in percent of the goal, floored. Late pledges and those entered by hand (`late_*`,
    `offline_*`) are counted apart and never move the outcome. `version` rises with every change a visitor could see.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("status", CampaignState),
        one_of("funding", Funding),
        CheckConstraint("goal_minor > 0", name="goal_positive"),
        CheckConstraint("pledged_minor >= 0 AND backers >= 0", name="totals_not_negative"),
        CheckConstraint("late_minor >= 0", name="late_not_negative"),
        CheckConstraint("offline_minor >= 0", name="offline_not_negative"),
        # Each order of the list with what narrows it: only the rows of one page are read (discovery/listing.py).
        Index("campaign_newest", "status", "launched_at", "id", *NARROWS),
        Index("campaign_ending", "status", "deadline_at", "id", *NARROWS),
        Index("campaign_funded", "status", "percent", "id", *NARROWS),
        Index("campaign_popular", "status", "backers", "id", *NARROWS),
        Index("campaign_announced", "is_announced", "status", "launch_at", "id", *NARROWS),
        Index("campaign_country", "country"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    slug: str = Field(unique=True, max_length=60)
    owner_id: str | None = Field(default=None, index=True, max_length=26)
    status: CampaignState = Field(
        default=CampaignState.DRAFT, sa_column=Column(EnumText(CampaignState), nullable=False)
    )
    language: str = Field(default="en", max_length=5)
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    creator_name: str = Field(default="", max_length=120)
    place: str = Field(default="", max_length=120)
    country: str = Field(default="", max_length=2)
    category: str = Field(default="", max_length=40)
    """One of `campaigns.categories`, or '' for none."""
    tags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    accent: str = Field(default="#2347c5", max_length=7)
    video: str = Field(default="", max_length=300)
    """A link of a known video host, or `media:<name>` for an own file."""
    poster: str = Field(default="", max_length=80)
    poster_alt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    pictures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Pictures of the story: {name in the story: [media name, width, height]}."""
    funding: Funding = Field(default=Funding.ALL_OR_NOTHING, sa_column=Column(EnumText(Funding), nullable=False))
    currency: str = Field(max_length=3)
    goal_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    duration_days: int = 30
    launch_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
    """When the clock launches it; None: the creator does."""
    is_announced: bool = False
    """True while its page before the launch is open, and from the launch until its followers were told."""
    followers: int = 0
    """Those who confirmed their address."""
    preview_key: str = Field(default="", max_length=64)
    """What the link carries that shows the draft to anybody who has it; '' while it is not shared."""
    approved_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When the operator approved a submitted campaign; None before, and again after it was returned."""
    timezone: str = Field(default="UTC", max_length=64)
    launched_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    deadline_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
    takes_plain_pledges: bool = True
    pledged_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    backers: int = 0
    percent: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    late_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    late_backers: int = 0
    offline_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    offline_backers: int = 0
    takes_late_pledges: bool = False
    last_backer_number: int = 0
    frozen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When closing froze totals, outcome and stretch goals for ever; None before."""
    settling: bool = False
    """True from the freeze until every pledge was told (released, or queued for its charge)."""
    collection_paused: bool = False
    closed_reason: str = Field(default="", max_length=2000)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    version: int = 1


class CampaignMove(SQLModel, table=True):
    """The time line of a campaign: one row for every move of its life."""

    __tablename__ = "campaign_move"

    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id", max_length=26)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    event: str = Field(max_length=40)
    before: str = Field(max_length=40)
    after: str = Field(max_length=40)
    actor: str = Field(max_length=120)
    reason: str = Field(default="", max_length=2000)


class CampaignRevision(SQLModel, table=True):
    """What a live campaign's texts and pictures were before a change (RULES section 3)."""

    __tablename__ = "campaign_revision"

    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id", max_length=26)
    seq: int = Field(primary_key=True)
    until_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    video: str = Field(default="", max_length=300)
    poster: str = Field(default="", max_length=80)
    poster_alt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class CampaignChange(SQLModel, table=True):
    """One field that somebody changed: the time line beside the moves. `field` is a path such as `tiers.board.price`.

    `before` and `after` are plain texts for people to read, long enough for what a reward says; of longer ones they
    hold the place that differs, and the texts themselves are in the revisions.
    """

    __tablename__ = "campaign_change"

    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id", max_length=26)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str = Field(max_length=120)
    field: str = Field(max_length=200)
    before: str = Field(default="", max_length=2000)
    after: str = Field(default="", max_length=2000)
    is_live: bool = False
    """True for a change after the launch, which everybody may see."""


class Item(SQLModel, table=True):
    """A thing that is packed. `texts` is {language: {"name"}}; weight in grams, customs value in minor units.

    `options` is [{"slug", "names": {language: name}, "values": [{"slug", "names"}, ...]}, ...]: size, colour. Where
    there are any, `sku` is only the stem that the variants' own ones are made of.
    """

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("campaign_id", "slug"), UniqueConstraint("campaign_id", "sku"))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", index=True, max_length=26)
    slug: str = Field(max_length=60)
    sku: str = Field(max_length=50)
    position: int = 0
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    weight_grams: int = 0
    customs_value_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    hs_code: str = Field(default="", max_length=30)
    options: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class ItemVariant(SQLModel, table=True):
    """One way an item is made: `choice` is {option slug: value slug}. None and '' mean: as its item.

    `quantity` is how many there are; None: no limit.
    """

    __tablename__ = "item_variant"
    __table_args__ = (UniqueConstraint("item_id", "sku"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    item_id: str = Field(foreign_key="item.id", index=True, max_length=26)
    position: int = 0
    sku: str = Field(max_length=50)
    choice: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    weight_grams: int | None = None
    customs_value_minor: int | None = Field(default=None, sa_column=Column(MinorUnits))
    hs_code: str = Field(default="", max_length=30)
    quantity: int | None = None


class Tier(SQLModel, table=True):
    """A tier or an add-on. `texts` is {language: {"title", "description"}}; `delivery` is 'YYYY-MM' or ''.

    `claimed` counts units of open holds and of active pledges; the CHECK keeps stock (invariant S1) whoever writes.
    `ordered` counts units of pledges that count in the campaign's total. `quantity` None means no limit.

    `late_price_minor` None: as `price_minor`. `secret_key` is what its link carries; '' for a tier that
    everybody sees.
    """

    __tablename__ = "tier"
    __table_args__ = (
        UniqueConstraint("campaign_id", "slug"),
        one_of("kind", TierKind),
        one_of("shipping", Shipping),
        CheckConstraint("claimed >= 0 AND (quantity IS NULL OR claimed <= quantity)", name="tier_stock"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", index=True, max_length=26)
    slug: str = Field(max_length=60)
    kind: TierKind = Field(default=TierKind.BASE, sa_column=Column(EnumText(TierKind), nullable=False))
    position: int = 0
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    price_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    late_price_minor: int | None = Field(default=None, sa_column=Column(MinorUnits))
    quantity: int | None = None
    claimed: int = 0
    ordered: int = 0
    limit_per_backer: int = 1
    starts_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    closed: bool = False
    secret_key: str = Field(default="", max_length=64)
    featured: bool = False
    delivery: str = Field(default="", max_length=7)
    shipping: Shipping = Field(default=Shipping.NONE, sa_column=Column(EnumText(Shipping), nullable=False))
    picture: str = Field(default="", max_length=80)


class TierItem(SQLModel, table=True):
    """How many of an item one unit of a tier brings."""

    __tablename__ = "tier_item"

    tier_id: str = Field(primary_key=True, foreign_key="tier.id", max_length=26)
    item_id: str = Field(primary_key=True, foreign_key="item.id", max_length=26)
    quantity: int = 1


class AddOnTier(SQLModel, table=True):
    """An add-on that goes only with some tiers: one row for each of them; without rows it goes with all."""

    __tablename__ = "add_on_tier"

    add_on_id: str = Field(primary_key=True, foreign_key="tier.id", max_length=26)
    tier_id: str = Field(primary_key=True, foreign_key="tier.id", max_length=26)


class ShippingRate(SQLModel, table=True):
    """What a tier costs to send to a country (ISO 3166 alpha-2), a region, or '*' for the rest."""

    __tablename__ = "shipping_rate"

    tier_id: str = Field(primary_key=True, foreign_key="tier.id", max_length=26)
    country: str = Field(primary_key=True, max_length=20)
    first_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    further_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))


class StretchGoal(SQLModel, table=True):
    """A further goal. `reached_at` follows the totals until the freeze, then stands for ever.

    `threshold` is in minor units for MONEY, else a count; `item_id` is what ORDERS counts. `unit_cost_minor` is what
    one granted unit costs the creator, for their own reckoning alone; None while it was not said.
    """

    __tablename__ = "stretch_goal"
    __table_args__ = (UniqueConstraint("campaign_id", "slug"), one_of("measure", Measure))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", index=True, max_length=26)
    slug: str = Field(max_length=60)
    position: int = 0
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    measure: Measure = Field(default=Measure.MONEY, sa_column=Column(EnumText(Measure), nullable=False))
    item_id: str | None = Field(default=None, foreign_key="item.id", max_length=26)
    threshold: int = Field(sa_column=Column(MinorUnits, nullable=False))
    unit_cost_minor: int | None = Field(default=None, sa_column=Column(MinorUnits))
    opens_tier_id: str | None = Field(default=None, foreign_key="tier.id", max_length=26)
    """The tier that can be chosen only while this goal is reached."""
    reached_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class StretchGrant(SQLModel, table=True):
    """What a reached stretch goal adds to every unit of a tier."""

    __tablename__ = "stretch_grant"

    goal_id: str = Field(primary_key=True, foreign_key="stretch_goal.id", max_length=26)
    tier_id: str = Field(primary_key=True, foreign_key="tier.id", max_length=26)
    item_id: str = Field(primary_key=True, foreign_key="item.id", max_length=26)
    quantity: int = 1

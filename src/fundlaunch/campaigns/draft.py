"""What a creator says about a campaign, as plain values: the same for the studio's forms and for campaign files.

Amounts are in minor units of the draft's currency. Times are wall-clock times (naive) in the draft's time zone, because
that is what people write; `rules.local_instant` makes instants of them. Texts are by language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Funding, Measure, Shipping


@dataclass(frozen=True, slots=True)
class CampaignText:
    """The texts of one language; story and risks are Markdown, `faq` is (question, answer) in order."""

    title: str = ""
    blurb: str = ""
    story: str = ""
    risks: str = ""
    faq: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TierText:
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the story in the media folder, with its size in pixels."""

    media_name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class OptionValue:
    """One value of an option, such as M; `names` by language."""

    slug: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemOption:
    """Something in which an item's variants differ, such as size or colour; `names` by language."""

    slug: str
    names: Mapping[str, str]
    values: tuple[OptionValue, ...]


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One way an item is made: `choice` is the value's slug by the option's. None and '' mean: as its item."""

    sku: str
    choice: Mapping[str, str]
    weight_grams: int | None = None
    customs_value_minor: int | None = None
    hs_code: str = ""
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A thing that is packed. Weight in grams; `names` by language. With options it has one variant for each choice."""

    slug: str
    sku: str
    names: Mapping[str, str]
    weight_grams: int = 0
    customs_value_minor: int = 0
    hs_code: str = ""
    options: tuple[ItemOption, ...] = ()
    variants: tuple[VariantDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A tier or an add-on. `items` is units by item slug, `rates` by country code, region or '*'; `delivery` 'YYYY-MM'.

    `late_price_minor` None: as `price_minor`. `secret_key` is what its link carries; '' for a tier that everybody sees.
    `tiers` are the slugs of the tiers that an add-on goes with, none for all of them.
    """

    slug: str
    texts: Mapping[str, TierText]
    price_minor: int
    late_price_minor: int | None = None
    quantity: int | None = None
    limit_per_backer: int = POLICY.tier_limit_per_backer
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    closed: bool = False
    secret_key: str = ""
    featured: bool = False
    delivery: str = ""
    shipping: Shipping = Shipping.NONE
    rates: Mapping[str, Rate] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True)
class StretchDraft:
    """A further goal: `threshold` in minor units for money, else a count; `item` is the slug of what ORDERS counts.

    `grants` is units by item slug by tier slug: what every unit of that tier brings besides while the goal is reached.
    `opens` is the slug of the tier that can be chosen only then, or ''. `unit_cost_minor` is the creator's own figure.
    """

    slug: str
    titles: Mapping[str, str]
    threshold: int
    measure: Measure = Measure.MONEY
    item: str = ""
    grants: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    opens: str = ""
    unit_cost_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A whole campaign as its creator wants it. `deadline` None: `duration_days` after the launch.

    `launch_at` is when the clock launches it; None: the creator does. `country` is a code (ISO 3166 alpha-2) or ''.

    `video` is a link or `media:<name>`; `poster` and a tier's `picture` are names in the media folder, '' for none.
    """

    slug: str
    currency: str
    goal_minor: int
    texts: Mapping[str, CampaignText]
    language: str = "en"
    creator_name: str = ""
    place: str = ""
    country: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    accent: str = "#2347c5"
    video: str = ""
    poster: str = ""
    poster_alt: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    duration_days: int = POLICY.advised_duration_days
    deadline: datetime | None = None
    launch_at: datetime | None = None
    funding: Funding = Funding.ALL_OR_NOTHING
    timezone: str = "UTC"
    takes_plain_pledges: bool = True
    items: tuple[ItemDraft, ...] = ()
    tiers: tuple[TierDraft, ...] = ()
    add_ons: tuple[TierDraft, ...] = ()
    stretch_goals: tuple[StretchDraft, ...] = ()

    @property
    def main_text(self) -> CampaignText:
        """The texts of the main language; empty ones if there are none yet."""
        return self.texts.get(self.language, CampaignText())

"""What a creator says about a campaign, as plain values: the same for the studio's forms and for campaign files.

Amounts are in minor units of the draft's currency. Times are wall-clock times (naive) in the draft's time zone, because
that is what people write; `rules.local_instant` makes instants of them. Texts are by language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Shipping


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
class ItemDraft:
    """A thing that is packed. Weight in grams; `names` by language."""

    slug: str
    sku: str
    names: Mapping[str, str]
    weight_grams: int = 0
    customs_value_minor: int = 0
    hs_code: str = ""


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A tier or an add-on. `items` is units by item slug, `rates` by country code or '*'; `delivery` is 'YYYY-MM'."""

    slug: str
    texts: Mapping[str, TierText]
    price_minor: int
    quantity: int | None = None
    limit_per_backer: int = POLICY.tier_limit_per_backer
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    closed: bool = False
    featured: bool = False
    delivery: str = ""
    shipping: Shipping = Shipping.NONE
    rates: Mapping[str, Rate] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    picture: str = ""


@dataclass(frozen=True, slots=True)
class StretchDraft:
    slug: str
    titles: Mapping[str, str]
    threshold_minor: int


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A whole campaign as its creator wants it. `deadline` None: `duration_days` after the launch.

    `video` is a link or `media:<name>`; `poster` and a tier's `picture` are names in the media folder, '' for none.
    """

    slug: str
    currency: str
    goal_minor: int
    texts: Mapping[str, CampaignText]
    language: str = "en"
    creator_name: str = ""
    place: str = ""
    accent: str = "#2347c5"
    video: str = ""
    poster: str = ""
    poster_alt: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    duration_days: int = POLICY.advised_duration_days
    deadline: datetime | None = None
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

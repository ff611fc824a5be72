"""Reads of one campaign for pages: in a few words, and whole in whatever phase it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlmodel import Session, select

from fundlaunch import i18n
from fundlaunch.campaigns import categories, history, pitch, stretch
from fundlaunch.campaigns.discovery.search import BEFORE_THE_LAUNCH, STATUSES, State
from fundlaunch.campaigns.history import TimeLine
from fundlaunch.campaigns.pitch import Film, Heading
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rewards import Reward, media_url, rewards
from fundlaunch.campaigns.rules import Phase, phase
from fundlaunch.campaigns.standing import AskStanding, Standing
from fundlaunch.campaigns.states import Funding, TierKind
from fundlaunch.campaigns.stretch import Step
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, NotFound
from fundlaunch.money import MINIMUM_CHARGE_MINOR, Money, percent_floored

ENDED = STATUSES[State.ENDED]


@dataclass(frozen=True, slots=True)
class Summary:
    """A campaign in a few words: the list, and the head of every page about it.

    `language` is the one its texts are in here: the page's, or the campaign's own where it was not translated.
    `country` is a code or '', `category_name` in the language of the page. `followers` is 0 while too few to be shown.
    """

    id: str
    slug: str
    owner_id: str | None
    language: str
    title: str
    blurb: str
    creator_name: str
    place: str
    country: str
    category: str
    category_name: str
    tags: tuple[str, ...]
    accent: str
    poster: str
    poster_alt: str
    phase: Phase
    is_flexible: bool
    is_upcoming: bool
    launch_at: datetime | None
    followers: int
    pledged: Money
    goal: Money
    backers: int
    timezone: str
    launched_at: datetime | None
    deadline_at: datetime | None

    @property
    def percent(self) -> int:
        """Floored, never clipped."""
        return percent_floored(self.pledged.minor, self.goal.minor)

    @property
    def is_funded(self) -> bool:
        return self.pledged.minor >= self.goal.minor

    @property
    def takes_late_pledges(self) -> bool:
        """It has succeeded, and what is pledged now is charged at once."""
        return self.phase is Phase.LATE_PLEDGES

    @property
    def charges_at_once(self) -> bool:
        """What is pledged now is paid now: by flexible funding, or late."""
        return self.is_flexible or self.takes_late_pledges

    @property
    def takes_pledges(self) -> bool:
        return self.phase in {Phase.LIVE, Phase.LAST_DAY}

    @property
    def missing(self) -> Money:
        """What the goal still needs; nought once it is reached."""
        return Money(max(self.goal.minor - self.pledged.minor, 0), self.goal.currency)


@dataclass(frozen=True, slots=True)
class Apart:
    """What was pledged beside the campaign's own total, and never counts towards its goal."""

    backers: int
    total: Money


@dataclass(frozen=True, slots=True)
class CampaignView:
    """Everything of a campaign's public page. `duration_days` is how long it runs, `day` the day it is in.

    `least` is the smallest pledge without a reward, `next_stretch` the next stretch goal's threshold. `collected`,
    `waiting`, `recovering` and `dropped` add up to what was pledged once the campaign has succeeded. `late` pledges and
    `offline` ones, entered by hand, are no part of that.
    """

    summary: Summary
    film: Film | None
    story: Markup
    headings: tuple[Heading, ...]
    risks: Markup
    faq: tuple[tuple[str, str], ...]
    rewards: tuple[Reward, ...]
    add_ons: tuple[Reward, ...]
    steps: tuple[Step, ...]
    next_stretch: Money | None
    takes_plain_pledges: bool
    plain_backers: int
    least: Money
    day: int
    duration_days: int
    frozen_at: datetime | None
    closed_reason: str
    standing: Standing
    late: Apart
    offline: Apart
    changes: TimeLine


def summary(campaign: Campaign, language: str, stage: Phase) -> Summary:
    """A campaign's own row as a view."""
    texts = i18n.texts_in(campaign.texts, language, campaign.language)
    return Summary(
        id=campaign.id,
        slug=campaign.slug,
        owner_id=campaign.owner_id,
        language=language if language in campaign.texts else campaign.language,
        title=texts.get("title") or campaign.slug,
        blurb=texts.get("blurb", ""),
        creator_name=campaign.creator_name,
        place=campaign.place,
        country=campaign.country,
        category=campaign.category,
        category_name=i18n.translate(language, categories.name(campaign.category)),
        tags=tuple(campaign.tags),
        accent=campaign.accent,
        poster=media_url(campaign.poster),
        poster_alt=str(campaign.poster_alt.get(language) or campaign.poster_alt.get(campaign.language) or ""),
        phase=stage,
        is_flexible=campaign.funding is Funding.FLEXIBLE,
        is_upcoming=campaign.is_announced and campaign.status in BEFORE_THE_LAUNCH,
        launch_at=campaign.launch_at,
        followers=campaign.followers if campaign.followers >= POLICY.followers_shown_from else 0,
        pledged=Money(campaign.pledged_minor, campaign.currency),
        goal=Money(campaign.goal_minor, campaign.currency),
        backers=campaign.backers,
        timezone=campaign.timezone,
        launched_at=campaign.launched_at,
        deadline_at=campaign.deadline_at,
    )


def by_slug(session: Session, slug: str) -> Campaign:
    """The row of a campaign; raises NotFound."""
    campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    return campaign


def by_id(session: Session, campaign_id: str) -> Campaign:
    """The row of a campaign by its id; raises NotFound."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    return campaign


def campaign_view(
    session: Session, slug: str, language: str, ask: AskStanding, now: datetime, key: str = ""
) -> CampaignView:
    """A campaign's page in a language, drafts too: who may see those is the page's business. Raises NotFound."""
    campaign = by_slug(session, slug)
    standing = ask(session, campaign)
    stage = phase(
        campaign.status,
        campaign.deadline_at,
        now,
        outstanding=standing.outstanding,
        takes_late=campaign.takes_late_pledges,
    )
    head = summary(campaign, language, stage)
    offered = rewards(session, campaign, language, standing.backers_by_tier, now, key)
    steps = stretch.steps(session, campaign, language)
    words = pitch.words(campaign, language)
    return CampaignView(
        summary=head,
        film=pitch.film(campaign, head.title, head.poster_alt),
        story=words.story,
        headings=words.headings,
        risks=words.risks,
        faq=words.faq,
        rewards=tuple(reward for reward in offered if reward.kind is TierKind.BASE),
        add_ons=tuple(reward for reward in offered if reward.kind is TierKind.ADD_ON),
        steps=steps,
        next_stretch=next((step.threshold for step in steps if step.threshold and step.standing == "next"), None),
        takes_plain_pledges=campaign.takes_plain_pledges,
        plain_backers=standing.backers_by_tier.get(None, 0),
        least=Money(MINIMUM_CHARGE_MINOR[campaign.currency], campaign.currency),
        day=_day(campaign, now),
        duration_days=_duration_days(campaign),
        frozen_at=campaign.frozen_at,
        closed_reason=campaign.closed_reason,
        standing=standing,
        late=Apart(campaign.late_backers, Money(campaign.late_minor, campaign.currency)),
        offline=Apart(campaign.offline_backers, Money(campaign.offline_minor, campaign.currency)),
        changes=history.since_launch(session, campaign, language, size=history.SHOWN),
    )


def _day(campaign: Campaign, now: datetime) -> int:
    return (now - campaign.launched_at).days + 1 if campaign.launched_at else 0


def _duration_days(campaign: Campaign) -> int:
    if campaign.launched_at is None or campaign.deadline_at is None:
        return campaign.duration_days
    return -((campaign.launched_at - campaign.deadline_at) // timedelta(days=1))

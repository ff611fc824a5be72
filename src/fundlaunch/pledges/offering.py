"""What a backer can choose from, given what is chosen so far: the page of rewards, countries, add-ons and the sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from fundlaunch.campaigns import queries as campaigns
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rewards import Reward, rewards
from fundlaunch.campaigns.rules import Phase, phase
from fundlaunch.campaigns.states import TierKind
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, BadInput, CampaignClosed, NotFound, SoldOut
from fundlaunch.pledges import forms
from fundlaunch.pledges.baskets import BasketView, basket_view
from fundlaunch.pledges.choices import NOTHING, Held, choices
from fundlaunch.pledges.rules import Selection, price
from fundlaunch.web.forms import Form


@dataclass(frozen=True, slots=True)
class Offering:
    """The page of choosing. `rewards` are open now (or held already), `others` cannot be chosen.

    `chosen` is the reward of the present selection; `is_plain` says that no reward was chosen on purpose. `countries`
    are codes, empty where nothing is sent. `key` opens secret rewards. `basket` is None while the selection is not
    complete or not possible.
    """

    campaign: Summary
    key: str
    rewards: tuple[Reward, ...]
    add_ons: tuple[Reward, ...]
    chosen: Reward | None
    is_plain: bool
    takes_plain_pledges: bool
    countries: tuple[str, ...]
    basket: BasketView | None
    selection: Selection | None
    is_sold_out: bool

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The present selection as fields of a form."""
        return forms.fields(self.selection, self.campaign.goal.currency) if self.selection else []

    @property
    def asks_country(self) -> bool:
        return bool(self.countries)

    @property
    def asks_quantity(self) -> bool:
        return self.chosen is not None and self.chosen.limit > 1


def open_campaign(session: Session, slug: str, now: datetime) -> Campaign:
    """A campaign that takes pledges; raises NotFound (also for a draft) or CampaignClosed."""
    campaign = campaigns.by_slug(session, slug)
    stage = stage_of(campaign, now)
    if stage in {Phase.DRAFT, Phase.UPCOMING}:
        raise NotFound(N_("There is no such campaign. Check the address."))
    if stage not in {Phase.LIVE, Phase.LAST_DAY, Phase.LATE_PLEDGES}:
        raise CampaignClosed(N_("This campaign takes no pledges now. Its page says how it stands."))
    return campaign


def stage_of(campaign: Campaign, now: datetime) -> Phase:
    """The phase that a page about pledging tells; whether charges are outstanding is not its business."""
    return phase(
        campaign.status,
        campaign.deadline_at,
        now,
        outstanding=0,
        is_announced=campaign.is_announced,
        takes_late=campaign.takes_late_pledges,
    )


def offering(
    session: Session,
    campaign: Campaign,
    form: Form,
    language: str,
    now: datetime,
    held: Held = NOTHING,
) -> Offering:
    """The page for what `form` asks for; its mistakes are noted in `form`."""
    mine = held.mine
    key = form.typed("key")[: forms.KEY_LIMIT]
    offered = tuple(
        one
        for one in rewards(session, campaign, language, {}, now, key=None)
        if one.secret_key in {"", key} or one.id in mine
    )
    wanted = _with_only_country(forms.selection(form, campaign.currency), offered)
    chosen = _chosen(offered, wanted)
    basket, sold_out = _priced(session, campaign, form, wanted, offered, language, now, held)
    add_ons = _add_ons(offered, wanted, mine)
    return Offering(
        campaign=campaigns.summary(campaign, language, stage_of(campaign, now)),
        key=key,
        rewards=tuple(r for r in offered if r.kind is TierKind.BASE and (r.is_open or r.id in mine)),
        add_ons=add_ons if chosen else (),
        chosen=chosen,
        is_plain=wanted is not None and wanted.tier is None,
        takes_plain_pledges=campaign.takes_plain_pledges,
        countries=_countries(chosen, add_ons),
        basket=basket,
        selection=wanted,
        is_sold_out=sold_out,
    )


def _chosen(offered: Sequence[Reward], wanted: Selection | None) -> Reward | None:
    if wanted is None or wanted.tier is None:
        return None
    return next((r for r in offered if r.slug == wanted.tier and r.kind is TierKind.BASE), None)


def _with_only_country(wanted: Selection | None, offered: Sequence[Reward]) -> Selection | None:
    """Where a reward goes to one country only, there is nothing to ask."""
    chosen = _chosen(offered, wanted)
    if wanted is None or wanted.country or chosen is None or chosen.is_worldwide or len(chosen.countries) != 1:
        return wanted
    return replace(wanted, country=chosen.countries[0])


def _add_ons(offered: Sequence[Reward], wanted: Selection | None, mine: Mapping[str, int]) -> tuple[Reward, ...]:
    """Add-ons that are open, go with the reward and to the country; a chosen one stays, so that it can be put back."""
    chosen = _chosen(offered, wanted)

    def fits(reward: Reward) -> bool:
        if wanted is not None and wanted.add_ons.get(reward.slug):
            return True
        reaches = (
            not reward.is_sent
            or wanted is None
            or not wanted.country
            or reward.is_worldwide
            or wanted.country in reward.countries
        )
        return reaches and reward.fits(chosen) and (reward.is_open or reward.id in mine)

    return tuple(r for r in offered if r.kind is TierKind.ADD_ON and fits(r))


def _countries(chosen: Reward | None, add_ons: Sequence[Reward]) -> tuple[str, ...]:
    """Where the chosen reward goes; where it is not sent itself, where any add-on goes."""
    if chosen is None:
        return ()
    sent = [chosen] if chosen.is_sent else [reward for reward in add_ons if reward.is_sent]
    if any(reward.is_worldwide for reward in sent):
        return tuple(sorted(all_countries()))
    return tuple(sorted({code for reward in sent for code in reward.countries}))


def _priced(
    session: Session,
    campaign: Campaign,
    form: Form,
    wanted: Selection | None,
    offered: Sequence[Reward],
    language: str,
    now: datetime,
    held: Held,
) -> tuple[BasketView | None, bool]:
    """The basket, or why there is none: noted in the form, and whether something was sold out."""
    if wanted is None:
        return None, False
    if wanted.tier is None and not campaign.takes_plain_pledges:
        form.refuse("tier", N_("This campaign asks you to choose a reward. Choose one of them."))
        return None, False
    try:
        basket = price(wanted, choices(session, campaign, language, held), campaign.currency, now)
    except BadInput as mistake:
        form.errors.setdefault(field_of(mistake, wanted), mistake)
        return None, False
    except SoldOut as sold_out:
        form.errors["tier"] = BadInput(sold_out.sentence, field="tier", **sold_out.values)
        return None, True
    return basket_view(basket, offered, wanted.country, campaign.currency) if form.is_valid else None, False


def field_of(mistake: BadInput, wanted: Selection) -> str:
    """The form's name for the field that the rules name by the slug of a reward."""
    if mistake.field in wanted.add_ons:
        return forms.ADD_ON + mistake.field
    return "quantity" if mistake.field == wanted.tier else mistake.field

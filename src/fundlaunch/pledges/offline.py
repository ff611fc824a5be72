"""Pledges that the creator enters by hand: paid in a shop, at a fair, by bank transfer (RULES section 5).

They take stock and stand in every list, yet are counted apart: the campaign's own total and its outcome are only what
backers pledged here themselves. No card, no checkout and no payment belong to them, and no letter is sent.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns import tally, timeline
from fundlaunch.campaigns.changes import Difference
from fundlaunch.campaigns.rules import Offer
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import new_id
from fundlaunch.errors import N_, BadInput, CampaignClosed, Conflict, NotFound
from fundlaunch.money import Money
from fundlaunch.people.rules import email_key
from fundlaunch.pledges import rows, stock
from fundlaunch.pledges.choices import Held, choices
from fundlaunch.pledges.rules import Basket, Choice, Selection, price, tier_units
from fundlaunch.pledges.states import PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine

TAKES_ENTRIES = frozenset({CampaignState.LIVE, CampaignState.SUCCESSFUL})
"""A campaign that failed or was called off sends nothing, so nothing can be promised in its name any more."""

FIELD = "by_hand"
"""How the campaign's time line names an entry; its texts say number and sum, never a name."""


@dataclass(frozen=True, slots=True)
class OfflineEntry:
    """What the creator writes down. `email` '' if not known; `taken_at` is when the money was taken."""

    name: str
    email: str
    selection: Selection
    taken_at: datetime
    note: str = ""


def record(session: Session, slug: str, entry: OfflineEntry, request_key: str, actor: str, now: datetime) -> str:
    """Write a pledge down as paid; gives its id. The same form sent twice gives the same one.

    The creator may choose what is secret, closed, locked or out of its window, as long as units are left. Raises
    NotFound, CampaignClosed, SoldOut, BadInput.
    """
    campaign = _locked(session, slug)
    key = f"by-hand:{request_key}"[:64]
    before = session.exec(select(Pledge.id).where(Pledge.campaign_id == campaign.id, Pledge.request_key == key)).first()
    if before is not None:
        return before
    if campaign.status not in TAKES_ENTRIES:
        raise CampaignClosed(N_("Pledges can be entered by hand while the campaign is live or after it succeeded."))
    if entry.taken_at > now:
        raise BadInput(N_("This day lies in the future. Choose the day on which the money was taken."), field="day")
    known = email_key(entry.email) if entry.email else ""
    held = Held(elsewhere=rows.units_of_address(session, campaign.id, known))
    basket = price(entry.selection, opened(choices(session, campaign, campaign.language, held)), campaign.currency, now)
    pledge = _pledge(campaign, entry, basket, key, now)
    session.add(pledge)
    session.flush()
    stock.claim(session, tier_units(basket.lines))
    session.add_all(_lines(pledge.id, basket))
    pledge.backer_number = tally.next_backer_number(session, campaign.id)
    rows.move(session, pledge, PledgeEvent.RECORDED, now, note=actor)
    tally.add_offline(session, campaign.id, minor=pledge.total_minor, backers=1)
    timeline.record(session, campaign, [Difference(FIELD, "", _said(pledge), is_public=False)], actor, now)
    return pledge.id


def remove(session: Session, slug: str, number: int, actor: str, now: datetime) -> None:
    """Take an entry back: its units are free and its sum is gone; its number is not given again. A repeat is harmless.

    Raises NotFound, Conflict (a backer pledged it themselves: only they, or a refund, can end it).
    """
    pledge = rows.of_number(session, slug, number)
    campaign = tally.lock(session, pledge.campaign_id)
    if pledge.origin is not PledgeOrigin.OFFLINE:
        raise Conflict(N_("Only what was entered by hand can be removed: a backer's own pledge is theirs to cancel."))
    if pledge.status is PledgeState.CANCELED:
        return
    pledge.ended_at = now
    rows.move(session, pledge, PledgeEvent.RECORD_REMOVED, now, note=actor)
    stock.free(session, rows.units(session, pledge.id))
    tally.add_offline(session, campaign.id, minor=-pledge.total_minor, backers=-1)
    timeline.record(session, campaign, [Difference(FIELD, _said(pledge), "", is_public=False)], actor, now)


def opened(offered: Mapping[str, Choice]) -> dict[str, Choice]:
    """The same without windows, locks and secrets, which are there for backers; stock and limits stay."""
    return {
        slug: replace(
            choice, secret_key="", offer=Offer(choice.offer.quantity, choice.offer.claimed, None, None, closed=False)
        )
        for slug, choice in offered.items()
    }


def entries(session: Session, campaign_id: str) -> list[Pledge]:
    """What was entered by hand and stands, newest number first."""
    statement = select(Pledge).where(
        Pledge.campaign_id == campaign_id,
        Pledge.origin == PledgeOrigin.OFFLINE,
        Pledge.status == PledgeState.COLLECTED,
    )
    return list(session.exec(statement.order_by(col(Pledge.backer_number).desc())))


def _locked(session: Session, slug: str) -> Campaign:
    campaign = session.exec(select(Campaign.id).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    return tally.lock(session, campaign)


def _said(pledge: Pledge) -> str:
    return f"{pledge.backer_number}: {Money(pledge.total_minor, pledge.currency)}"


def _pledge(campaign: Campaign, entry: OfflineEntry, basket: Basket, key: str, now: datetime) -> Pledge:
    return Pledge(
        id=new_id(),
        token=secrets.token_urlsafe(24),
        campaign_id=campaign.id,
        request_key=key,
        status=PledgeState.PREAUTH,
        origin=PledgeOrigin.OFFLINE,
        email=entry.email,
        email_key=email_key(entry.email) if entry.email else "",
        name=entry.name,
        language=campaign.language,
        currency=campaign.currency,
        country=entry.selection.country,
        tier_id=basket.tier_id,
        tier_quantity=basket.tier_quantity,
        lines_minor=basket.lines_minor,
        shipping_minor=basket.shipping_minor,
        bonus_minor=basket.bonus_minor,
        total_minor=basket.total_minor,
        created_at=now,
        confirmed_at=entry.taken_at,
        note_of_creator=entry.note,
    )


def _lines(pledge_id: str, basket: Basket) -> list[PledgeLine]:
    return [
        PledgeLine(
            pledge_id=pledge_id,
            tier_id=line.tier_id,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            shipping_minor=line.shipping_minor,
        )
        for line in basket.lines
    ]

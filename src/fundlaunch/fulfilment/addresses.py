"""Reads for the address page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import Session

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import table
from fundlaunch.errors import N_, NotFound
from fundlaunch.fulfilment.queries import ADDRESS, ADDRESS_COLUMNS, CAMPAIGN, LINE, PLEDGE
from fundlaunch.fulfilment.rows import PostalAddress
from fundlaunch.i18n import texts_in
from fundlaunch.pledges.states import PledgeState

_TIER = table(Tier)


@dataclass(frozen=True, slots=True)
class AddressPage:
    """A pledge as its address page needs it. `address` None: none was given yet."""

    pledge_id: str
    token: str
    backer_number: int | None
    backer_name: str
    country: str
    status: PledgeState
    campaign_status: CampaignState
    campaign_slug: str
    campaign_title: str
    accent: str
    is_sent: bool
    address: PostalAddress | None


def address_page(session: Session, token: str, language: str) -> AddressPage:
    """The pledge of a link; raises NotFound if there is none."""
    c, p = CAMPAIGN.c, PLEDGE.c
    statement: Select[Any] = (
        select(
            p.id, p.token, p.backer_number, p.name, p.country, p.status,
            c.status, c.slug, c.accent, c.texts, c.language, *ADDRESS_COLUMNS,
        )
        .select_from(PLEDGE.join(CAMPAIGN, c.id == p.campaign_id).outerjoin(ADDRESS, ADDRESS.c.pledge_id == p.id))
        .where(p.token == token)
    )  # fmt: skip
    row = session.connection().execute(statement).one_or_none()
    if row is None:
        raise NotFound(N_("There is no pledge behind this link. Open the link in your latest mail."))
    pledge_id, token, number, name, country, status, campaign_status, slug, accent, texts, main = row[:11]
    title = str(texts_in(texts, language, main).get("title") or slug)
    address = PostalAddress(*row[11:]) if row[11] is not None else None
    return AddressPage(
        pledge_id, token, number, name, country, status, campaign_status, slug, title, accent,
        _is_sent(session, pledge_id), address,
    )  # fmt: skip


def _is_sent(session: Session, pledge_id: str) -> bool:
    """Whether a parcel is due: nothing is sent to whose money went back whole."""
    c = PLEDGE.c
    is_owed = or_(c.collected_minor == 0, c.refunded_minor < c.collected_minor)
    statement = (
        select(_TIER.c.shipping)
        .join(LINE, LINE.c.tier_id == _TIER.c.id)
        .join(PLEDGE, c.id == LINE.c.pledge_id)
        .where(c.id == pledge_id, is_owed)
    )
    return any(shipping.is_sent for shipping in session.connection().execute(statement).scalars())

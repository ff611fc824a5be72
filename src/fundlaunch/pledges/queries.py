"""Reads of one pledge for its backer's pages, by the token of the manage link."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns import queries as campaigns
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rewards import rewards
from fundlaunch.campaigns.rules import takes_pledges
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_
from fundlaunch.money import Money
from fundlaunch.pledges import refunds, rows
from fundlaunch.pledges.baskets import BasketView, LineParts, line_views
from fundlaunch.pledges.contents import Piece, contents
from fundlaunch.pledges.offering import stage_of
from fundlaunch.pledges.rules import Selection, may_lower
from fundlaunch.pledges.states import IN_RECOVERY, PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove

E = PledgeEvent

TOLD = {
    E.CARD_SAVED: N_("Your card was saved and the pledge confirmed"),
    E.CARD_SAVED_TOO_LATE: N_("Your card came too late and was released"),
    E.CHECKOUT_EXPIRED: N_("The checkout ran out before a card was saved"),
    E.BACKER_CANCELED: N_("You canceled the pledge"),
    E.CAMPAIGN_RELEASED: N_("The pledge was released; your card was never charged"),
    E.CHARGE_SUCCEEDED: N_("Your card was charged"),
    E.CHARGE_DECLINED: N_("Your card was declined"),
    E.AUTHENTICATION_ASKED: N_("Your bank asked you to confirm the payment"),
    E.PAID_NOW: N_("Your card was charged and the pledge confirmed"),
    E.PAID_TOO_LATE: N_("Your payment came too late; it is paid back"),
    E.REFUNDED_WHOLE: N_("Everything was paid back and the pledge ended"),
    E.RECORDED: N_("The creator entered the pledge by hand"),
    E.RECORD_REMOVED: N_("The creator removed the entry"),
    E.WINDOW_CLOSED: N_("The time to mend the payment ended and the pledge was dropped"),
    rows.CHANGED: N_("You changed the pledge"),
}
"""What an event is called on the backer's own time line."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the time line; `words` is an English message, `total` what the pledge came to after it."""

    at: datetime
    words: str
    total: Money


@dataclass(frozen=True, slots=True)
class PledgeView:
    """A pledge as its backer sees it. `released` says that it ended because its campaign did.

    `is_open` says that the choice can be changed, `can_end` that it can be canceled, `is_paid_back` that all its money
    is on the way back or was given back, `was_paid_back` that it was. `may_end` is the last-day rule for canceling it,
    `least` what it may be lowered to by that rule (nought else); `asks_address` that something is to be sent and the
    campaign is funded; `window_ends_at` until when a failed payment can be mended. `note` is the backer's own.
    """

    id: str
    token: str
    status: PledgeState
    version: int
    campaign: Summary
    campaign_status: CampaignState
    email: str
    backer_number: int | None
    basket: BasketView
    contents: tuple[Piece, ...]
    selection: Selection
    card_brand: str
    card_last4: str
    confirmed_at: datetime | None
    ended_at: datetime | None
    hold_expires_at: datetime | None
    window_ends_at: datetime | None
    decline_code: str
    released: bool
    moves: tuple[Move, ...]
    origin: PledgeOrigin
    is_open: bool
    is_paid_back: bool
    was_paid_back: bool
    can_end: bool
    may_end: bool
    least: Money
    asks_address: bool
    recovery_days: int
    note: str

    @property
    def is_failing(self) -> bool:
        """A charge failed and can still be mended."""
        return self.status in IN_RECOVERY


COPIED = (
    "id", "token", "status", "version", "email", "backer_number", "card_brand", "card_last4", "confirmed_at",
    "ended_at", "hold_expires_at", "window_ends_at", "decline_code", "origin",
)  # fmt: skip
"""What the view shows as its row has it."""


def pledge_view(session: Session, token: str, language: str, now: datetime) -> PledgeView:
    """The pledge of a manage link in a language; raises NotFound."""
    pledge = rows.glance(session, token)
    campaign = campaigns.by_id(session, pledge.campaign_id)
    basket, selection, is_sent = chosen(session, pledge, campaign, language, now)
    moves = _moves(session, pledge)
    is_live = takes_pledges(campaign.status, campaign.deadline_at, now)
    changeable = pledge.status is PledgeState.PLEDGED and is_live
    going_back = refunds.is_on_its_way(session, pledge)
    was_paid_back = 0 < pledge.collected_minor <= pledge.refunded_minor
    stays = pledge.status in _STAYS and not was_paid_back
    paid = pledge.status is PledgeState.COLLECTED and pledge.origin is PledgeOrigin.CAMPAIGN and not going_back
    endable = is_live and (changeable or paid)
    return PledgeView(
        **{name: getattr(pledge, name) for name in COPIED},
        campaign=campaigns.summary(campaign, language, stage_of(campaign, now)),
        campaign_status=campaign.status,
        basket=basket,
        contents=contents(session, pledge, campaign, language) if stays else (),
        selection=selection,
        released=any(move.words == TOLD[E.CAMPAIGN_RELEASED] for move in moves),
        moves=moves,
        is_open=changeable,
        is_paid_back=going_back,
        was_paid_back=was_paid_back,
        can_end=endable,
        may_end=endable and _may_end(pledge, campaign, now),
        least=_least(pledge, campaign, now),
        asks_address=is_sent and campaign.status is CampaignState.SUCCESSFUL and stays,
        recovery_days=POLICY.recovery.window.days,
        note=pledge.note_of_backer,
    )


_STAYS = IN_RECOVERY | {PledgeState.PLEDGED, PledgeState.COLLECTED}


def _may_end(pledge: Pledge, campaign: Campaign, now: datetime) -> bool:
    return campaign.deadline_at is not None and may_lower(
        pledged_minor=campaign.pledged_minor,
        goal_minor=campaign.goal_minor,
        less_minor=pledge.total_minor,
        deadline_at=campaign.deadline_at,
        now=now,
    )


def _least(pledge: Pledge, campaign: Campaign, now: datetime) -> Money:
    """What the last-day rule leaves of the pledge: the goal must not be missed for it."""
    spare_minor = campaign.pledged_minor - campaign.goal_minor
    bound = not _may_end(pledge, campaign, now)
    return Money(max(pledge.total_minor - spare_minor, 0) if bound else 0, pledge.currency)


def chosen(
    session: Session, pledge: Pledge, campaign: Campaign, language: str, now: datetime
) -> tuple[BasketView, Selection, bool]:
    """What the pledge holds, at the prices written down with it; the same as a selection; whether a parcel is due."""
    by_id = {reward.id: reward for reward in rewards(session, campaign, language, {}, now, key=None)}
    lines = sorted(rows.lines(session, pledge.id), key=lambda line: line.tier_id != pledge.tier_id)
    parts = [LineParts(line.tier_id, line.quantity, line.unit_price_minor) for line in lines]
    is_sent = any(by_id[line.tier_id].is_sent for line in lines)
    basket = BasketView(
        lines=line_views(parts, by_id, pledge.currency),
        country=pledge.country if is_sent else "",
        shipping=Money(pledge.shipping_minor, pledge.currency),
        bonus=Money(pledge.bonus_minor, pledge.currency),
        total=Money(pledge.total_minor, pledge.currency),
    )
    selection = Selection(
        tier=by_id[pledge.tier_id].slug if pledge.tier_id else None,
        quantity=pledge.tier_quantity,
        add_ons={by_id[line.tier_id].slug: line.quantity for line in lines if line.tier_id != pledge.tier_id},
        bonus_minor=pledge.bonus_minor,
        country=pledge.country,
        key=by_id[pledge.tier_id].secret_key if pledge.tier_id else "",
    )
    return basket, selection, is_sent


def _moves(session: Session, pledge: Pledge) -> tuple[Move, ...]:
    statement = select(PledgeMove).where(PledgeMove.pledge_id == pledge.id).order_by(col(PledgeMove.seq))
    return tuple(
        Move(move.at, TOLD[move.event], Money(move.total_minor, pledge.currency))
        for move in session.exec(statement)
        if move.event in TOLD
    )

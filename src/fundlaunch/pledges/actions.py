"""What a backer does with a pledge: start it, change it, cancel it. Money facts come in by `apply` (outcomes).

Every action takes a session of `database.transaction()`, never commits and never calls the provider. Rows are locked in
one order: pledge, campaign, tiers by id.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import takes_late_pledges, takes_pledges
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import insert_once, new_id, table
from fundlaunch.errors import N_, BadInput, CampaignClosed, Conflict, NotFound, StaleForm
from fundlaunch.outbox import promise_release
from fundlaunch.payments.states import CHECKOUT, CheckoutEvent, CheckoutState
from fundlaunch.payments.tables import Checkout
from fundlaunch.people.rules import email_key
from fundlaunch.pledges import charges, choosing_anew, refunds, rows, stock, wanted
from fundlaunch.pledges.choices import Held, choices
from fundlaunch.pledges.notices import tell_backer
from fundlaunch.pledges.outcomes import apply
from fundlaunch.pledges.rules import Basket, Selection, difference, may_lower, price, tier_units
from fundlaunch.pledges.states import PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine

__all__ = ["Backer", "Started", "apply", "cancel", "change", "start"]

PLEDGE = table(Pledge)


@dataclass(frozen=True, slots=True)
class Backer:
    """Who pledges. `email` as typed and already checked; `ref` is the tag of the link they came by, or ''."""

    email: str
    name: str
    language: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A pledge whose card is still to be saved. `is_repeat`: the same form was sent before.

    `left_behind` are the pledges it takes the place of: their pages at the provider are to be ended.
    """

    pledge_id: str
    token: str
    checkout_id: str
    is_repeat: bool
    left_behind: tuple[str, ...] = ()


def start(
    session: Session, slug: str, selection: Selection, backer: Backer, request_key: str, now: datetime
) -> Started:
    """Price the selection, hold its stock and write down that a checkout is wanted: pledge *preauth*.

    The same `request_key` gives the same pledge. Raises NotFound, CampaignClosed, SoldOut, BadInput.
    """
    campaign = tally.hold_still(session, slug)
    if campaign is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    if again := _started_before(session, campaign, backer, request_key):
        return again
    _check_open(campaign, now)
    _check_plain(campaign, selection)
    left, held = choosing_anew.left_behind(session, campaign.id, email_key(backer.email), request_key)
    mine = Held(held, rows.units_of_address(session, campaign.id, email_key(backer.email)))
    basket = price(selection, choices(session, campaign, backer.language, mine), campaign.currency, now)
    pledge = _pledge(campaign, selection, basket, backer, request_key, now)
    if not insert_once(session, PLEDGE, pledge.model_dump()):
        # The same form was sent twice at once; the database let us wait for the other one to be whole.
        again = _started_before(session, campaign, backer, request_key)
        assert again is not None  # noqa: S101 - no other value of a new pledge could have been taken
        return again
    for one in left:
        choosing_anew.give_up(session, one, now)
    stock.exchange(session, held, tier_units(basket.lines))
    _write_lines(session, pledge.id, basket)
    checkout = wanted.new_checkout(session, pledge, wanted.purpose(pledge, campaign), now)
    return Started(pledge.id, pledge.token, checkout.id, is_repeat=False, left_behind=tuple(one.id for one in left))


def start_checkout_again(session: Session, token: str, now: datetime) -> Started:
    """The checkout to go on with, for a pledge whose page was left; the same one while it can still be opened.

    Raises NotFound, CampaignClosed, Conflict (nothing left to do).
    """
    pledge = rows.by_token(session, token)
    campaign = tally.hold_still_by_id(session, pledge.campaign_id)
    _check_open(campaign, now)
    if pledge.status is not PledgeState.PREAUTH:
        raise Conflict(N_("This pledge needs no checkout. Reload the page to see where it stands."))
    checkout = session.exec(
        select(Checkout)
        .where(Checkout.pledge_id == pledge.id, col(Checkout.status).in_([CheckoutState.INTENDED, CheckoutState.OPEN]))
        .order_by(col(Checkout.created_at).desc())
    ).first()
    if checkout is None:
        raise Conflict(N_("This checkout has ended. Choose your reward again."))
    if checkout.is_stale(now):
        checkout = _replace(session, pledge, checkout, now)
    return Started(pledge.id, pledge.token, checkout.id, is_repeat=True)


def _replace(session: Session, pledge: Pledge, stale: Checkout, now: datetime) -> Checkout:
    """A page that was never opened would end too soon for the provider by now: another one, and a longer hold."""
    stale.status = CHECKOUT.move(stale.status, CheckoutEvent.EXPIRED)
    charges.checkout_expired(session, stale, now)
    pledge.hold_expires_at = now + POLICY.hold
    session.add_all([stale, pledge])
    session.flush()
    return wanted.new_checkout(session, pledge, stale.purpose, now)


def change(session: Session, token: str, selection: Selection, seen_version: int, now: datetime) -> None:
    """Choose differently until the deadline; scarce units are exchanged, the saved card stays.

    Raises NotFound, CampaignClosed, StaleForm, SoldOut, BadInput, Conflict (the last-day rule).
    """
    pledge = rows.by_token(session, token)
    campaign = tally.lock(session, pledge.campaign_id)
    _check_changeable(pledge, campaign, now, _CHANGEABLE)
    if pledge.version != seen_version:
        raise StaleForm(N_("This pledge was changed meanwhile. Look at it as it is now and choose again."))
    _check_plain(campaign, selection)
    held = rows.units(session, pledge.id)
    mine = Held(held, rows.units_elsewhere(session, pledge))
    basket = price(selection, choices(session, campaign, pledge.language, mine), campaign.currency, now)
    _check_last_day(campaign, pledge.total_minor - basket.total_minor, now)
    stock.exchange(session, held, tier_units(basket.lines))
    before_minor = pledge.total_minor
    _take_over(session, pledge, selection, basket, now)
    tally.add(
        session,
        campaign.id,
        minor=basket.total_minor - before_minor,
        backers=0,
        units=difference(held, tier_units(basket.lines)),
        now=now,
    )
    rows.write(session, pledge, rows.CHANGED, pledge.status, now, note=f"{before_minor} -> {basket.total_minor}")
    tell_backer(session, pledge, "pledge_changed", now, once=str(pledge.version), more={"before_minor": before_minor})


def cancel(session: Session, token: str, reason: str, now: datetime) -> None:
    """Take a pledge back until the deadline: stock freed, card released, never charged.

    One that was paid is given back first and canceled once its money went. Raises NotFound, CampaignClosed, Conflict
    (the last-day rule; nothing to cancel).
    """
    pledge = rows.by_token(session, token)
    campaign = tally.lock(session, pledge.campaign_id)
    if pledge.status is PledgeState.CANCELED or refunds.is_on_its_way(session, pledge):
        return
    _check_changeable(pledge, campaign, now, _CANCELABLE)
    _check_last_day(campaign, pledge.total_minor, now, leaving_minor=refunds.leaving_minor(session, campaign.id))
    pledge.cancel_reason = reason[:500]
    if pledge.status is PledgeState.COLLECTED:
        refunds.want(session, pledge, refunds.BACKER, now)
        return
    pledge.ended_at = now
    rows.move(session, pledge, PledgeEvent.BACKER_CANCELED, now)
    held = rows.units(session, pledge.id)
    stock.free(session, held)
    tally.add(session, campaign.id, minor=-pledge.total_minor, backers=-1, units=difference(held, {}), now=now)
    if pledge.payment_method:
        promise_release(session, customer=pledge.customer, payment_method=pledge.payment_method, now=now)
    tell_backer(session, pledge, "pledge_canceled", now)


def _started_before(session: Session, campaign: Campaign, backer: Backer, request_key: str) -> Started | None:
    same = select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.request_key == request_key)
    pledge = session.exec(same).one_or_none()
    if pledge is None:
        return None
    if pledge.email_key != email_key(backer.email):
        raise BadInput(N_("This form was used already. Open the campaign page again and choose anew."))
    checkout = session.exec(
        select(Checkout).where(Checkout.pledge_id == pledge.id).order_by(col(Checkout.created_at).desc())
    ).first()
    assert checkout is not None  # noqa: S101 - a pledge and its first checkout are written in one transaction
    return Started(pledge.id, pledge.token, checkout.id, is_repeat=True)


def _check_open(campaign: Campaign, now: datetime) -> None:
    late = takes_late_pledges(campaign.status, is_open=campaign.takes_late_pledges)
    if not late and not takes_pledges(campaign.status, campaign.deadline_at, now):
        raise CampaignClosed(N_("This campaign takes no pledges now. Its page says how it stands."))


def _check_plain(campaign: Campaign, selection: Selection) -> None:
    if selection.tier is None and not campaign.takes_plain_pledges:
        raise BadInput(N_("This campaign asks you to choose a reward. Choose one of them."), field="tier")


_CHANGEABLE = frozenset({PledgeState.PLEDGED})
_CANCELABLE = frozenset({PledgeState.PLEDGED, PledgeState.COLLECTED})


def _check_changeable(pledge: Pledge, campaign: Campaign, now: datetime, states: frozenset[PledgeState]) -> None:
    is_ours = pledge.origin is not PledgeOrigin.OFFLINE and pledge.status in _CANCELABLE
    if not is_ours or not takes_pledges(campaign.status, campaign.deadline_at, now):
        raise CampaignClosed(N_("This pledge cannot be changed or canceled any more. Its page says how it stands."))
    if pledge.status not in states:
        raise Conflict(
            N_("A pledge that was paid cannot be changed. Cancel it, which gives your money back, and pledge again.")
        )


def _check_last_day(campaign: Campaign, less_minor: int, now: datetime, leaving_minor: int = 0) -> None:
    assert campaign.deadline_at is not None  # noqa: S101 - only a live campaign comes here, and it has one
    if less_minor > 0 and not may_lower(
        pledged_minor=campaign.pledged_minor - leaving_minor,
        goal_minor=campaign.goal_minor,
        less_minor=less_minor,
        deadline_at=campaign.deadline_at,
        now=now,
    ):
        raise Conflict(
            N_("In the last 24 hours a pledge cannot be lowered or canceled if that takes the campaign below its goal.")
        )


def _pledge(
    campaign: Campaign, selection: Selection, basket: Basket, backer: Backer, request_key: str, now: datetime
) -> Pledge:
    return Pledge(
        id=new_id(),
        token=secrets.token_urlsafe(24),
        campaign_id=campaign.id,
        request_key=request_key,
        status=PledgeState.PREAUTH,
        email=backer.email,
        email_key=email_key(backer.email),
        name=backer.name,
        language=backer.language,
        ref=backer.ref[:60],
        currency=campaign.currency,
        origin=PledgeOrigin.LATE if campaign.status is CampaignState.SUCCESSFUL else PledgeOrigin.CAMPAIGN,
        created_at=now,
        hold_expires_at=now + POLICY.hold,
        **_chosen(selection, basket),
    )


def _chosen(selection: Selection, basket: Basket) -> Mapping[str, Any]:
    return {
        "country": selection.country,
        "tier_id": basket.tier_id,
        "tier_quantity": basket.tier_quantity,
        "lines_minor": basket.lines_minor,
        "shipping_minor": basket.shipping_minor,
        "bonus_minor": basket.bonus_minor,
        "total_minor": basket.total_minor,
    }


def _take_over(session: Session, pledge: Pledge, selection: Selection, basket: Basket, now: datetime) -> None:
    for name, value in _chosen(selection, basket).items():
        setattr(pledge, name, value)
    pledge.changed_at = now
    for line in rows.lines(session, pledge.id):
        session.delete(line)
    session.flush()
    _write_lines(session, pledge.id, basket)


def _write_lines(session: Session, pledge_id: str, basket: Basket) -> None:
    for line in basket.lines:
        session.add(
            PledgeLine(
                pledge_id=pledge_id,
                tier_id=line.tier_id,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                shipping_minor=line.shipping_minor,
            )
        )

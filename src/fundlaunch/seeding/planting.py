"""Planting: pledges written as if each had been confirmed at its own time, in batches, by the rules of pricing.

What a batch changes is written together: pledges, lines, time lines; then one update of the total, of the stretch goals
and of the stock. So `verify` finds after each batch what it finds after real pledges.
"""

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from fundlaunch.campaigns import actions, launch_check, stretch, tally
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.rules import takes_pledges
from fundlaunch.campaigns.states import CampaignEvent, Measure
from fundlaunch.campaigns.tables import Campaign, StretchGoal, Tier, TierItem
from fundlaunch.database import new_id, table
from fundlaunch.errors import N_, BadInput, CampaignClosed
from fundlaunch.people.rules import email_key
from fundlaunch.pledges.choices import choices, with_link
from fundlaunch.pledges.rules import Basket, Selection, price, tier_units
from fundlaunch.pledges.states import PledgeEvent, PledgeState
from fundlaunch.pledges.stock import TIER
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove

BATCH = 1_000
VERSION = 2
"""A pledge starts at version 1, and its one move raises that."""

PLEDGE = table(Pledge)
LINE = table(PledgeLine)
MOVE = table(PledgeMove)
CAMPAIGN = tally.CAMPAIGN

MONEY = (Measure.MONEY, None)
BACKERS = (Measure.BACKERS, None)


@dataclass(frozen=True, slots=True)
class Planted:
    """A pledge to write; `line` is where it stands in its file (0: in none)."""

    line: int
    at: datetime
    email: str
    name: str
    selection: Selection
    customer: str
    payment_method: str
    language: str = ""
    card_brand: str = ""
    card_last4: str = ""
    id: str = ""


def launch(session: Session, draft: CampaignDraft, owner_id: str | None, at: datetime) -> str:
    """Keep a draft and make it live at `at`; gives its slug. What the launch check-list advises is not asked for.

    Raises BadInput: the slug is taken, or the duration does not fit.
    """
    actions.create(session, draft, owner_id, at)
    campaign = actions.find(session, draft.slug)
    campaign.deadline_at = launch_check.deadline_of(draft, at)
    campaign.launched_at = at
    actions.move(session, campaign, CampaignEvent.LAUNCHED, "seed", "", at)
    return draft.slug


class Planter:
    """Writes pledges of one live campaign, which are given in order of time; `finish` writes the last of them."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        self._session = session
        self._campaign = campaign
        self._choices = choices(session, campaign, campaign.language)
        self._has_secrets = any(choice.secret_key for choice in self._choices.values())
        self._slugs = {choice.id: slug for slug, choice in self._choices.items()}
        self._number = campaign.last_backer_number
        self._ahead = _Ahead(session, campaign)
        self._units: Counter[str] = Counter()
        self._pledges: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []

    def plant(self, pledge: Planted) -> None:
        """Price a pledge at its time and note it. Raises BadInput, SoldOut, CampaignClosed."""
        campaign = self._campaign
        launched_at = campaign.launched_at or campaign.created_at
        if pledge.at < launched_at or not takes_pledges(campaign.status, campaign.deadline_at, pledge.at):
            raise CampaignClosed(N_("“{slug}” takes no pledges at that time."), slug=campaign.slug)
        if not (pledge.customer and pledge.payment_method):
            raise BadInput(N_("A pledge needs the provider's customer and payment method."))
        if pledge.selection.tier is None and not campaign.takes_plain_pledges:
            raise BadInput(N_("This campaign asks for a tier."))
        chosen = with_link(self._session, campaign.id, pledge.selection) if self._has_secrets else pledge.selection
        basket = price(chosen, self._choices, campaign.currency, pledge.at)
        self._note(pledge, basket)
        self._take(basket)
        # A batch ends where a stretch goal is reached, so that it is reached at the time of that very pledge.
        is_reached = self._ahead.count(basket)
        if is_reached or len(self._pledges) >= BATCH:
            self.finish()
        if is_reached:
            # It may have opened a tier.
            self._choices = choices(self._session, campaign, campaign.language)

    def finish(self) -> None:
        """Write what was noted."""
        if not self._pledges:
            return
        session, campaign = self._session, self._campaign
        connection = session.connection()
        connection.execute(insert(PLEDGE), self._pledges)
        if self._lines:
            connection.execute(insert(LINE), self._lines)
        connection.execute(insert(MOVE), [_move(row) for row in self._pledges])
        for tier_id, units in sorted(self._units.items()):
            connection.execute(update(TIER).where(TIER.c.id == tier_id).values(claimed=TIER.c.claimed + units))
        numbered = update(CAMPAIGN).where(CAMPAIGN.c.id == campaign.id).values(last_backer_number=self._number)
        connection.execute(numbered)
        added = sum(row["total_minor"] for row in self._pledges)
        last_at = self._pledges[-1]["confirmed_at"]
        tally.add(session, campaign.id, minor=added, backers=len(self._pledges), units=self._units, now=last_at)
        self._pledges, self._lines = [], []
        self._units.clear()

    def _note(self, pledge: Planted, basket: Basket) -> None:
        row = self._row(pledge, basket)
        self._pledges.append(row)
        for line in basket.lines:
            self._lines.append(
                {
                    "pledge_id": row["id"],
                    "tier_id": line.tier_id,
                    "quantity": line.quantity,
                    "unit_price_minor": line.unit_price_minor,
                    "shipping_minor": line.shipping_minor,
                }
            )

    def _row(self, pledge: Planted, basket: Basket) -> dict[str, Any]:
        self._number += 1
        pledge_id = pledge.id or new_id()
        return {
            "id": pledge_id, "token": secrets.token_urlsafe(24), "campaign_id": self._campaign.id,
            "request_key": f"seed:{pledge_id}", "status": PledgeState.PLEDGED,
            "email": pledge.email, "email_key": email_key(pledge.email), "name": pledge.name,
            "language": pledge.language or self._campaign.language, "country": pledge.selection.country,
            "tier_id": basket.tier_id, "tier_quantity": basket.tier_quantity, "currency": self._campaign.currency,
            "lines_minor": basket.lines_minor, "shipping_minor": basket.shipping_minor,
            "bonus_minor": basket.bonus_minor, "total_minor": basket.total_minor, "backer_number": self._number,
            "ref": "", "created_at": pledge.at, "confirmed_at": pledge.at, "cancel_reason": "",
            "customer": pledge.customer, "payment_method": pledge.payment_method,
            "card_brand": pledge.card_brand, "card_last4": pledge.card_last4,
            "collected_minor": 0, "tries": 0, "decline_code": "", "reminders": 0, "version": VERSION,
        }  # fmt: skip

    def _take(self, basket: Basket) -> None:
        """Count the units, and let the next pledge be priced against what is left."""
        for tier_id, units in tier_units(basket.lines).items():
            self._units[tier_id] += units
            slug = self._slugs[tier_id]
            choice = self._choices[slug]
            if choice.offer.quantity is not None:
                offer = replace(choice.offer, claimed=choice.offer.claimed + units)
                self._choices[slug] = replace(choice, offer=offer)


def _move(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "pledge_id": row["id"], "seq": 1, "at": row["confirmed_at"], "event": PledgeEvent.CARD_SAVED.value,
        "before": PledgeState.PREAUTH.value, "after": PledgeState.PLEDGED.value, "total_minor": row["total_minor"],
        "note": "",
    }  # fmt: skip


class _Ahead:
    """The stretch goals that are not reached yet, and what they count, as pledges are planted."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        goals = select(StretchGoal.measure, StretchGoal.item_id, StretchGoal.threshold).where(
            StretchGoal.campaign_id == campaign.id, col(StretchGoal.reached_at).is_(None)
        )
        self._goals = [((Measure(measure), item_id), threshold) for measure, item_id, threshold in session.exec(goals)]
        packed = select(TierItem).where(TierItem.tier_id == Tier.id, Tier.campaign_id == campaign.id)
        self._packed = session.exec(packed).all()
        self._counts: Counter[tuple[Measure, str | None]] = Counter(
            {(Measure.ORDERS, item_id): units for item_id, units in stretch.ordered(session, campaign.id).items()}
        )
        self._counts[MONEY] += campaign.pledged_minor
        self._counts[BACKERS] += campaign.backers

    def count(self, basket: Basket) -> bool:
        """Count one pledge; says whether it reaches a goal."""
        self._counts[MONEY] += basket.total_minor
        self._counts[BACKERS] += 1
        units = tier_units(basket.lines)
        for row in self._packed:
            self._counts[Measure.ORDERS, row.item_id] += units.get(row.tier_id, 0) * row.quantity
        ahead = [goal for goal in self._goals if self._counts[goal[0]] < goal[1]]
        is_reached = len(ahead) < len(self._goals)
        self._goals = ahead
        return is_reached

"""The stretch goals of a campaign as its page shows them: reached, next, or locked; and what the reached ones bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from fundlaunch import i18n
from fundlaunch.campaigns.states import CampaignState, Measure
from fundlaunch.campaigns.stretch_news import ACTOR, FALLEN, field_of
from fundlaunch.campaigns.tables import Campaign, CampaignChange, Item, StretchGoal, StretchGrant, Tier, TierItem
from fundlaunch.errors import N_
from fundlaunch.i18n import NN_
from fundlaunch.money import Money

KEEPS_ITS_WORD = (CampaignState.LIVE, CampaignState.SUCCESSFUL)
"""Only such a campaign brings what its reached goals promise: where nothing is sent, nothing is added to it."""


def locked_tiers(session: Session, campaign_id: str) -> frozenset[str]:
    """The ids of tiers that cannot be chosen now: some stretch goal opens them, and none of those is reached."""
    opened: dict[str, bool] = {}
    goals = select(StretchGoal.opens_tier_id, StretchGoal.reached_at).where(StretchGoal.campaign_id == campaign_id)
    for tier_id, reached_at in session.exec(goals):
        if tier_id is not None:
            opened[tier_id] = opened.get(tier_id, False) or reached_at is not None
    return frozenset(tier_id for tier_id, is_open in opened.items() if not is_open)


def granted(session: Session, campaign_id: str) -> Mapping[str, Mapping[str, int]]:
    """What the goals that are reached now add to one unit of each tier: units by item id by tier id."""
    reached = (
        select(StretchGrant.tier_id, StretchGrant.item_id, StretchGrant.quantity)
        .join(StretchGoal, col(StretchGoal.id) == StretchGrant.goal_id)
        .join(Campaign, col(Campaign.id) == StretchGoal.campaign_id)
        .where(StretchGoal.campaign_id == campaign_id, col(StretchGoal.reached_at).is_not(None))
        .where(col(Campaign.status).in_(KEEPS_ITS_WORD))
    )
    found: dict[str, dict[str, int]] = {}
    for tier_id, item_id, quantity in session.exec(reached):
        items = found.setdefault(tier_id, {})
        items[item_id] = items.get(item_id, 0) + quantity
    return found


def ordered(session: Session, campaign_id: str) -> Mapping[str, int]:
    """Ordered units by item id, over tiers and add-ons; what a goal grants is no order."""
    units = (
        select(TierItem.item_id, func.sum(col(Tier.ordered) * col(TierItem.quantity)))
        .where(Tier.id == TierItem.tier_id, Tier.campaign_id == campaign_id)
        .group_by(col(TierItem.item_id))
    )
    return {item_id: int(count) for item_id, count in session.exec(units)}


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder. `standing` is "reached", "next" or "locked", `standing_words` the same in a sentence.

    `mark` says the threshold in words ("$400,000", "1,000 backers"), `threshold` is it as money, None where it counts
    something else. `words` tells of a goal that fell back, `brings` what it adds or opens, each a phrase. `part` of
    `whole` is how far the next one has come from the one before it.
    """

    threshold: Money | None
    mark: str
    title: str
    words: str
    brings: tuple[str, ...]
    standing: str
    standing_words: str
    part: int
    whole: int


ORDER = (Measure.MONEY, Measure.BACKERS, Measure.ORDERS)
"""Goals of one measure make one ladder; this is how the ladders follow each other."""

NOT_OVER = (CampaignState.DRAFT, CampaignState.SUBMITTED, CampaignState.LIVE)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the words of every goal are made of; names by id, without those of secret tiers."""

    campaign: Campaign
    language: str
    ordered: Mapping[str, int]
    items: Mapping[str, str]
    tiers: Mapping[str, str]
    grants: Mapping[str, Sequence[StretchGrant]]
    fallen: Mapping[str, datetime]

    def say(self, message: str, **values: object) -> str:
        return i18n.translate(self.language, message, **values)

    def count(self, goal: StretchGoal) -> int:
        """What the goal counts, as it stands."""
        if goal.measure is Measure.MONEY:
            return self.campaign.pledged_minor
        return self.campaign.backers if goal.measure is Measure.BACKERS else self.ordered.get(goal.item_id or "", 0)

    def mark(self, goal: StretchGoal) -> str:
        """Its threshold in words."""
        if goal.measure is Measure.MONEY:
            return i18n.money(Money(goal.threshold, self.campaign.currency), self.language)
        if goal.measure is Measure.BACKERS:
            return i18n.translate_plural(self.language, NN_("{count} backer", "{count} backers"), goal.threshold)
        return self.say(N_("{count} × {item}"), **self._units(goal, goal.threshold))

    def to_go(self, goal: StretchGoal) -> str:
        """What is missing, in words of its measure."""
        left = goal.threshold - self.count(goal)
        if goal.measure is Measure.MONEY:
            return _to_go(Money(left, self.campaign.currency), self.language)
        if goal.measure is Measure.BACKERS:
            return i18n.translate_plural(self.language, NN_("{count} backer to go", "{count} backers to go"), left)
        return self.say(N_("{count} × {item} to go"), **self._units(goal, left))

    def _units(self, goal: StretchGoal, count: int) -> dict[str, str]:
        return {"count": i18n.number(count, self.language), "item": self.items.get(goal.item_id or "", "")}


def steps(session: Session, campaign: Campaign, language: str) -> tuple[Step, ...]:
    """The goal and the stretch goals, each measure's lowest first; nothing where a campaign has no stretch goals."""
    statement = select(StretchGoal).where(StretchGoal.campaign_id == campaign.id)
    rows = session.exec(statement.order_by(col(StretchGoal.threshold), col(StretchGoal.position))).all()
    if not rows:
        return ()
    around = _around(session, campaign, language)
    found = [_goal(campaign, language)]
    ladders: dict[tuple[Measure, str | None], tuple[Step, int]] = {(Measure.MONEY, None): (found[0], found[0].whole)}
    for row in sorted(rows, key=lambda row: (ORDER.index(row.measure), row.item_id or "")):
        ladder = (row.measure, row.item_id)
        before, base = ladders.get(ladder, (None, 0))
        step = _step(row, around, before, base)
        ladders[ladder] = (step, row.threshold)
        found.append(step)
    return tuple(found)


def _goal(campaign: Campaign, language: str) -> Step:
    goal = Money(campaign.goal_minor, campaign.currency)
    title, mark = i18n.translate(language, N_("The goal")), i18n.money(goal, language)
    if campaign.pledged_minor >= campaign.goal_minor:
        reached = i18n.translate(language, N_("Reached"))
        return Step(goal, mark, title, "", (), "reached", reached, goal.minor, goal.minor)
    left = Money(goal.minor - campaign.pledged_minor, campaign.currency)
    words = _to_go(left, language) if campaign.status in NOT_OVER else _missed(language)
    return Step(goal, mark, title, "", (), "next", words, campaign.pledged_minor, goal.minor)


def _step(row: StretchGoal, around: _Around, before: Step | None, base: int) -> Step:
    campaign, language = around.campaign, around.language
    part, whole = 0, 1
    if row.reached_at is not None:
        day = i18n.day_short(row.reached_at, language, campaign.timezone)
        standing, told = "reached", around.say(N_("Reached on {day}"), day=day)
    elif campaign.status not in NOT_OVER:
        standing, told = "locked", _missed(language)
    elif before is not None and before.standing != "reached":
        standing, told = "locked", around.say(N_("Opens after {amount}"), amount=before.mark)
    else:
        standing, told = "next", around.to_go(row)
        part, whole = around.count(row) - base, max(row.threshold - base, 1)
    return Step(
        threshold=Money(row.threshold, campaign.currency) if row.measure is Measure.MONEY else None,
        mark=around.mark(row),
        title=i18n.texts_in(row.texts, language, campaign.language).get("title") or row.slug,
        words=_fallen(row, around),
        brings=tuple(_brings(row, around)),
        standing=standing,
        standing_words=told,
        part=part,
        whole=whole,
    )


def _fallen(row: StretchGoal, around: _Around) -> str:
    """RULES section 4: a goal that was reached and is not any more says so."""
    fallen_at = around.fallen.get(field_of(row))
    if row.reached_at is not None or fallen_at is None:
        return ""
    day = i18n.day_short(fallen_at, around.language, around.campaign.timezone)
    return around.say(N_("It had been reached, and fell back on {day}."), day=day)


def _brings(row: StretchGoal, around: _Around) -> list[str]:
    added: dict[tuple[str, int], list[str]] = {}
    for grant in around.grants.get(row.id, ()):
        if grant.tier_id in around.tiers:
            added.setdefault((grant.item_id, grant.quantity), []).append(grant.tier_id)
    told = []
    for (item_id, quantity), tier_ids in added.items():
        titles = [title for tier_id, title in around.tiers.items() if tier_id in tier_ids]
        count, item = i18n.number(quantity, around.language), around.items[item_id]
        tiers = i18n.listed(titles, around.language)
        told.append(around.say(N_("{count} × {item} added to {tiers}"), count=count, item=item, tiers=tiers))
    opened = around.tiers.get(row.opens_tier_id or "")
    if opened:
        told.append(around.say(N_("Opens the reward “{title}”"), title=opened))
    return told


def _around(session: Session, campaign: Campaign, language: str) -> _Around:
    items = session.exec(select(Item).where(Item.campaign_id == campaign.id))
    tiers = session.exec(
        select(Tier)
        .where(Tier.campaign_id == campaign.id, Tier.secret_key == "")
        .order_by(col(Tier.position), col(Tier.slug))
    )
    fallen = (
        select(CampaignChange.field, func.max(CampaignChange.at))
        .where(CampaignChange.campaign_id == campaign.id, CampaignChange.actor == ACTOR, CampaignChange.after == FALLEN)
        .group_by(col(CampaignChange.field))
    )
    return _Around(
        campaign,
        language,
        ordered(session, campaign.id),
        {row.id: i18n.texts_in(row.texts, language, campaign.language).get("name") or row.slug for row in items},
        {row.id: i18n.texts_in(row.texts, language, campaign.language).get("title") or row.slug for row in tiers},
        _grants(session, campaign),
        dict(session.exec(fallen).all()),
    )


def _grants(session: Session, campaign: Campaign) -> dict[str, list[StretchGrant]]:
    statement = select(StretchGrant).where(
        StretchGrant.goal_id == StretchGoal.id, StretchGoal.campaign_id == campaign.id
    )
    found: dict[str, list[StretchGrant]] = {}
    for grant in session.exec(statement.order_by(col(StretchGrant.item_id))):
        found.setdefault(grant.goal_id, []).append(grant)
    return found


def _to_go(left: Money, language: str) -> str:
    return i18n.translate(language, N_("{amount} to go"), amount=i18n.money(left, language))


def _missed(language: str) -> str:
    return i18n.translate(language, N_("Not reached"))

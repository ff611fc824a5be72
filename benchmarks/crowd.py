"""A crowd of backers who bring a series of totals about, and the plain books they are compared with.

Everything they do goes through the actions of pledging; the books know it from the crowd, never from the program.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session, col, select

from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import new_id
from fundlaunch.errors import SoldOut
from fundlaunch.payments.facts import CardSaved
from fundlaunch.pledges.actions import Backer, apply, cancel, change, start
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.tables import Pledge
from fundlaunch.seeding.planting import Planted, Planter

PRICES = {"book": 15_00, "game": 35_00, "pair": 65_00, "chest": 100_00, "gold": 120_00, "dice": 5_00}
INSIDE = {
    "book": {"book": 1}, "game": {"game": 1, "die": 2}, "pair": {"game": 2, "die": 4},
    "chest": {"game": 1, "book": 1, "coin": 5}, "gold": {"coin": 20}, "dice": {"die": 3},
}  # fmt: skip
ADD_ON, LOCKED = "dice", "gold"
LIKED = {None: 15, "book": 25, "game": 35, "pair": 15, "chest": 10}
"""How many of a hundred backers choose what, of the tiers that wait for no goal."""

LEAST_MINOR, MOST_MINOR, RAISE_MINOR = 1_00, 5_000_00, 300_00
HEIGHTS = (10, 25, 40, 60, 75, 90, 100)
"""Where goals stand that a series passes on its way, in percent of its highest."""

HASTY = 0.05
"""The share of newcomers who try to choose the tier that still waits for its goal."""

FALLS = 6
"""So many falls of a series get a goal of their own, between where it fell from and where to."""


@dataclass(frozen=True, slots=True)
class Point:
    """An hour of a series."""

    at: datetime
    backers: int
    minor: int


@dataclass(frozen=True, slots=True)
class Held:
    """A pledge as this benchmark knows it, apart from the program's books."""

    token: str
    version: int
    tier: str | None
    dice: int
    bonus_minor: int

    @property
    def units(self) -> dict[str, int]:
        return ({self.tier: 1} if self.tier else {}) | ({ADD_ON: self.dice} if self.dice else {})

    @property
    def minor(self) -> int:
        return self.bonus_minor + sum(PRICES[slug] * units for slug, units in self.units.items())

    @property
    def selection(self) -> Selection:
        return Selection(
            self.tier, 1 if self.tier else 0, {ADD_ON: self.dice} if self.dice else {}, self.bonus_minor, ""
        )


def goals(points: Sequence[Point]) -> tuple[StretchDraft, ...]:
    """Goals of every measure at heights that this series crosses; one of them opens a tier, all grant something."""
    heights: dict[tuple[Measure, str], set[int]] = {}
    for measure, counts in (
        (Measure.MONEY, [point.minor for point in points]),
        (Measure.BACKERS, [point.backers for point in points]),
    ):
        falls = [(before, after) for before, after in pairwise(counts) if after < before]
        crossed = {(before + after + 1) // 2 for before, after in falls[:: max(len(falls) // FALLS, 1)][:FALLS]}
        heights[measure, ""] = crossed | {max(counts) * percent // 100 for percent in HEIGHTS}
    for item, share in (("game", 70), ("die", 160), ("coin", 50)):
        most = max(point.backers for point in points) * share // 100
        heights[Measure.ORDERS, item] = {max(most * percent // 100, 1) for percent in HEIGHTS}
    return tuple(
        StretchDraft(
            slug=f"{measure.value}-{item}-{threshold}".replace("--", "-"),
            titles={"en": f"{threshold} {item}"},
            threshold=threshold,
            measure=measure,
            item=item,
            grants={"game": {"coin": 1}, "chest": {"die": 2}},
            opens=LOCKED if measure is Measure.BACKERS and threshold == sorted(thresholds)[-2] else "",
        )
        for (measure, item), thresholds in heights.items()
        for threshold in sorted(thresholds)
    )


def draft(name: str, points: Sequence[Point]) -> CampaignDraft:
    def offered(slug: str) -> TierDraft:
        text = {"en": TierText(title=slug.title())}
        return TierDraft(slug, text, PRICES[slug], items=INSIDE[slug], limit_per_backer=10 if slug == ADD_ON else 1)

    days = (points[-1].at - points[0].at).days + 3
    return CampaignDraft(
        slug=name,
        currency="USD",
        goal_minor=100_00,
        texts={"en": CampaignText(title=name.title())},
        duration_days=days,
        items=tuple(ItemDraft(item, item.upper(), {"en": item}) for item in ("book", "game", "die", "coin")),
        tiers=tuple(offered(slug) for slug in PRICES if slug != ADD_ON),
        add_ons=(offered(ADD_ON),),
        stretch_goals=goals(points),
    )


class Books:
    """The plain recomputation: every pledge in a dictionary, counted anew at every point."""

    def __init__(self, stretch_goals: Sequence[StretchDraft]) -> None:
        self.held: dict[str, Held] = {}
        self.goals = stretch_goals
        self.reached: dict[str, datetime] = {}
        self.moves: list[tuple[datetime, str, bool]] = []
        self._minor, self._units = 0, Counter[str]()

    def put(self, old: Held | None, new: Held | None, now: datetime) -> None:
        """One pledge is made, changed or taken back; goals are reached and fall with it."""
        for one, sign in ((old, -1), (new, 1)):
            if one is not None:
                self._minor += sign * one.minor
                for slug, units in one.units.items():
                    self._units[slug] += sign * units
        if old is not None:
            del self.held[old.token]
        if new is not None:
            self.held[new.token] = new
        self._follow(now)

    def counted(self) -> tuple[int, int, dict[str, int]]:
        """Money in minor units, backers, units by tier: over all pledges, from nothing."""
        minor, units = 0, Counter[str]()
        for one in self.held.values():
            minor += one.minor
            units.update(one.units)
        return minor, len(self.held), {slug: units[slug] for slug in PRICES}

    def left_minor(self, target_minor: int) -> int:
        return target_minor - self._minor

    def recount(self) -> set[str]:
        """The goals that are reached, from nothing."""
        minor, backers, units = self.counted()
        return {goal.slug for goal in self.goals if goal.threshold <= self._count(goal, minor, backers, units)}

    def _count(self, goal: StretchDraft, minor: int, backers: int, units: Mapping[str, int]) -> int:
        if goal.measure is Measure.MONEY:
            return minor
        if goal.measure is Measure.BACKERS:
            return backers
        return sum(units.get(slug, 0) * inside.get(goal.item, 0) for slug, inside in INSIDE.items())

    def _follow(self, now: datetime) -> None:
        for goal in self.goals:
            is_reached = goal.threshold <= self._count(goal, self._minor, len(self.held), self._units)
            if is_reached == (goal.slug in self.reached):
                continue
            self.moves.append((now, goal.slug, is_reached))
            if is_reached:
                self.reached[goal.slug] = now
            else:
                del self.reached[goal.slug]


class Crowd:
    """The backers of one campaign, who do by chance what brings the next hour about."""

    def __init__(self, slug: str, books: Books, acts: Counter[str], seed: int) -> None:
        self._slug, self._books, self._acts = slug, books, acts
        self._chance = random.Random(seed)
        self._number = 0
        self._tokens: list[str] = []

    def plant(self, session: Session, point: Point) -> None:
        """Those who were there when the series began."""
        campaign = session.exec(select(Campaign).where(Campaign.slug == self._slug)).one()
        planter = Planter(session, campaign)
        left = point.minor
        for missing in range(point.backers, 0, -1):
            average = left // missing
            one = self._wish(min(left - (missing - 1) * LEAST_MINOR, 2 * average))
            if missing == 1 or one.minor < average:
                one = replace(one, bonus_minor=one.bonus_minor + (left if missing == 1 else average) - one.minor)
            left -= one.minor
            name = f"{self._slug}-{self._number}"
            planted = Planted(
                0, point.at, f"{name}@example.org", name, one.selection, f"cus_{name}", f"pm_{name}", id=new_id()
            )
            planter.plant(planted)
            self._books.put(None, replace(one, token=planted.id), point.at)
        planter.finish()
        self._take_tokens(session)

    def hour(self, session: Session, point: Point) -> None:
        """Everything that happens until a point of the series."""
        leaving = max(len(self._tokens) - point.backers, 0)
        if len(self._tokens) > leaving + 10:
            leaving += self._chance.randrange(3)
        for _ in range(leaving):
            self._cancel(session, point.at)
        while len(self._tokens) < point.backers:
            self._join(session, point.at)
        for _ in range(self._chance.randrange(4)):
            old = self._anybody()
            self._change(session, old, self._wish(MOST_MINOR), point.at, "chosen anew")
        self._balance(session, point)

    def _wish(self, most_minor: int) -> Held:
        """What somebody would like, for at most so much; a small amount is a pledge without a reward."""
        self._number += 1
        tier = self._chance.choices(list(LIKED), list(LIKED.values()))[0]
        if LOCKED in self._opened() and self._chance.random() < 0.05:
            tier = LOCKED
        dice = self._chance.choice((0, 0, 0, 1, 3)) if tier else 0
        one = Held("", 2, tier, dice, 0 if tier else 10_00)
        return (
            one
            if one.minor <= most_minor
            else replace(one, tier=None, dice=0, bonus_minor=max(most_minor, LEAST_MINOR))
        )

    def _opened(self) -> set[str]:
        return {goal.opens for goal in self._books.goals if goal.slug in self._books.reached}

    def _join(self, session: Session, now: datetime) -> None:
        if LOCKED not in self._opened() and self._chance.random() < HASTY:
            self._try_locked(session, now)
        one = self._wish(MOST_MINOR)
        name = f"{self._slug}-{self._number}"
        backer = Backer(f"{name}@example.org", name, "en")
        started = start(session, self._slug, one.selection, backer, f"form-{name}", now)
        apply(session, CardSaved(f"cs_{name}", started.checkout_id, f"cus_{name}", f"pm_{name}", "visa", "4242"), now)
        self._books.put(None, replace(one, token=started.token), now)
        self._tokens.append(started.token)
        self._acts["joined"] += 1

    def _try_locked(self, session: Session, now: datetime) -> None:
        self._number += 1
        backer = Backer(f"early-{self._number}@example.org", "Early", "en")
        try:
            start(session, self._slug, Selection(LOCKED, 1, {}, 0, ""), backer, f"early-{self._number}", now)
        except SoldOut:
            self._acts["turned away from a locked tier"] += 1
            return
        raise AssertionError("a tier was sold that waits for a goal")

    def _cancel(self, session: Session, now: datetime) -> None:
        old = self._anybody()
        cancel(session, old.token, "", now)
        self._books.put(old, None, now)
        self._tokens.remove(old.token)
        self._acts["canceled"] += 1

    def _change(self, session: Session, old: Held, wish: Held, now: datetime, word: str) -> None:
        new = replace(wish, token=old.token, version=old.version + 1)
        change(session, old.token, new.selection, old.version, now)
        self._books.put(old, new, now)
        self._acts[word] += 1

    def _balance(self, session: Session, point: Point) -> None:
        """Raise or lower pledges until the money is that of the point."""
        while left := self._books.left_minor(point.minor):
            old = self._anybody()
            if left > 0:
                more = min(left, RAISE_MINOR, MOST_MINOR - old.minor)
                if more > 0:
                    raised = replace(old, bonus_minor=old.bonus_minor + more)
                    self._change(session, old, raised, point.at, "raised")
            elif (less := min(-left, old.minor - LEAST_MINOR)) > 0:
                self._change(session, old, _lowered(old, less), point.at, "lowered")

    def _anybody(self) -> Held:
        return self._books.held[self._chance.choice(self._tokens)]

    def _take_tokens(self, session: Session) -> None:
        """Planting gives ids; everything else goes by the token of the backer's link."""
        held = self._books.held
        for pledge_id, token in session.exec(select(Pledge.id, Pledge.token).where(col(Pledge.token).is_not(None))):
            if pledge_id in held:
                held[token] = replace(held.pop(pledge_id), token=token)
                self._tokens.append(token)


def _lowered(old: Held, less_minor: int) -> Held:
    """From the bonus if that is enough, else the reward is given up."""
    if old.bonus_minor >= less_minor:
        return replace(old, bonus_minor=old.bonus_minor - less_minor)
    return replace(old, tier=None, dice=0, bonus_minor=old.minor - less_minor)

"""What a pledge may do, decided from plain values. Amounts in minor units, times aware in UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fundlaunch.campaigns.policy import POLICY, Recovery
from fundlaunch.campaigns.rules import Availability, Offer, Rate, shipping_rate
from fundlaunch.campaigns.states import Shipping, TierKind
from fundlaunch.errors import N_, BadInput, SoldOut
from fundlaunch.money import check_pledge
from fundlaunch.payments.facts import DeclineClass


@dataclass(frozen=True, slots=True)
class Selection:
    """What a backer chose: a tier by slug (None: no reward) x quantity, add-ons by slug, bonus, country.

    `key` is what the link they came by carries, which opens a secret tier; '' for none. It is no part of the choice.
    """

    tier: str | None
    quantity: int
    add_ons: Mapping[str, int]
    bonus_minor: int
    country: str
    key: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A tier or add-on as the rules see it, at the price of now.

    `mine` is how many units of it this pledge holds already, `elsewhere` how many the same address holds in other
    confirmed pledges. `goes_with` are the ids of the tiers an add-on comes with; none means all of them.
    """

    id: str
    slug: str
    title: str
    kind: TierKind
    price_minor: int
    limit_per_backer: int
    offer: Offer
    shipping: Shipping
    rates: Mapping[str, Rate]
    mine: int = 0
    elsewhere: int = 0
    secret_key: str = ""
    goes_with: frozenset[str] = frozenset()

    def is_shown_to(self, key: str) -> bool:
        """A secret tier is there only for who has its link, or holds it already."""
        return not self.secret_key or self.secret_key == key or self.mine > 0


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a tier or add-on at the price of now. `shipping_minor` is for all of them together."""

    tier_id: str
    quantity: int
    unit_price_minor: int
    shipping_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """A priced selection: total = lines + shipping + bonus (invariant M5). The base tier's line comes first."""

    tier_id: str | None
    tier_quantity: int
    lines: tuple[Line, ...]
    lines_minor: int
    shipping_minor: int
    bonus_minor: int
    total_minor: int


def price(selection: Selection, choices: Mapping[str, Choice], currency: str, now: datetime) -> Basket:
    """Price a selection against what is offered now; `choices` by slug.

    Raises BadInput (unknown tier, limits, country, amount) or SoldOut (not open, or too few units left).
    """
    wanted = _wanted(selection, choices)
    for choice, quantity in wanted:
        _check_open(choice, quantity, now)
    lines = tuple(_line(choice, quantity, selection.country) for choice, quantity in wanted)
    lines_minor = sum(line.unit_price_minor * line.quantity for line in lines)
    shipping_minor = sum(line.shipping_minor for line in lines)
    total = lines_minor + shipping_minor + selection.bonus_minor
    check_pledge(total, currency, field="bonus")
    base = choices[selection.tier].id if selection.tier is not None else None
    quantity = selection.quantity if base else 0
    return Basket(base, quantity, lines, lines_minor, shipping_minor, selection.bonus_minor, total)


def _wanted(selection: Selection, choices: Mapping[str, Choice]) -> list[tuple[Choice, int]]:
    if selection.tier is None:
        if selection.add_ons:
            raise BadInput(N_("Add-ons come only together with a reward. Choose a reward first."), field="add_ons")
        return []
    base = _find(choices, selection.tier, TierKind.BASE, selection.key)
    wanted = [(base, selection.quantity)]
    for slug, quantity in selection.add_ons.items():
        add_on = _find(choices, slug, TierKind.ADD_ON, selection.key)
        if add_on.goes_with and base.id not in add_on.goes_with:
            raise BadInput(
                N_("“{title}” does not go with “{reward}”. Leave it out, or choose another reward."),
                field=slug,
                title=add_on.title,
                reward=base.title,
            )
        wanted.append((add_on, quantity))
    return wanted


def _find(choices: Mapping[str, Choice], slug: str, kind: TierKind, key: str) -> Choice:
    choice = choices.get(slug)
    if choice is None or choice.kind is not kind or not choice.is_shown_to(key):
        raise BadInput(N_("There is no reward “{slug}” in this campaign."), field="tier", slug=slug[:60])
    return choice


def _check_open(choice: Choice, quantity: int, now: datetime) -> None:
    _check_limit(choice, quantity)
    more = quantity - choice.mine
    if more <= 0:
        return
    state = choice.offer.availability(now)
    left = choice.offer.left()
    if state is Availability.OPEN and (left is None or left >= more):
        return
    if state in {Availability.OPEN, Availability.SOLD_OUT}:
        raise SoldOut(
            N_("“{title}” has {left} left. Choose fewer or another reward; nothing else you entered is lost."),
            title=choice.title,
            left=max(left or 0, 0),
        )
    if state is Availability.LOCKED:
        raise SoldOut(
            N_("“{title}” opens only when its stretch goal is reached. Choose another reward; you can change it then."),
            title=choice.title,
        )
    raise SoldOut(
        N_("“{title}” is not open now. Choose another reward; nothing else you entered is lost."), title=choice.title
    )


def _check_limit(choice: Choice, quantity: int) -> None:
    """The limit of one backer: within this pledge, and together with the others of the same address."""
    if not 1 <= quantity <= choice.limit_per_backer:
        raise BadInput(
            N_("“{title}” can be chosen 1 to {limit} times by one backer."),
            field=choice.slug,
            title=choice.title,
            limit=choice.limit_per_backer,
        )
    if quantity > choice.mine and quantity + choice.elsewhere > choice.limit_per_backer:
        raise BadInput(
            N_(
                "One backer can have “{title}” {limit} times at most, and with the pledges this address made before it "
                "would be {count}. Choose fewer, or change the pledge from its mail."
            ),
            field=choice.slug,
            title=choice.title,
            limit=choice.limit_per_backer,
            count=quantity + choice.elsewhere,
        )


def _line(choice: Choice, quantity: int, country: str) -> Line:
    rate = shipping_rate(choice.shipping, choice.rates, country)
    if rate is None and not country:
        raise BadInput(
            N_("Choose a country: what sending “{title}” costs depends on it."), field="country", title=choice.title
        )
    if rate is None:
        raise BadInput(
            N_("“{title}” is not sent to that country. Choose another country or reward."),
            field="country",
            title=choice.title,
        )
    return Line(choice.id, quantity, choice.price_minor, rate.cost(quantity))


def may_lower(*, pledged_minor: int, goal_minor: int, less_minor: int, deadline_at: datetime, now: datetime) -> bool:
    """The last-day rule: in the last 24 hours nothing may take the campaign from at or above its goal to below it."""
    if deadline_at - now > POLICY.last_day or pledged_minor < goal_minor:
        return True
    return pledged_minor - less_minor >= goal_minor


@dataclass(frozen=True, slots=True)
class NextStep:
    """What recovery does after a failed charge: when to try by itself (None: not before a new card), when to write."""

    due_at: datetime | None
    remind_at: datetime | None


def after_failure(
    recovery: Recovery, decline: DeclineClass, *, window_ends_at: datetime, tries: int, now: datetime
) -> NextStep:
    """The automatic final retry at the end of the window, and the next letter (RULES section 6).

    Hard declines (a new card is needed) are not retried; neither is a bank's question, which only the backer answers;
    nor anything beyond `most_tries`.
    """
    retry = decline is DeclineClass.TRY_LATER and tries < recovery.most_tries and now < window_ends_at
    return NextStep(window_ends_at if retry else None, next_reminder(recovery, window_ends_at=window_ends_at, now=now))


def next_reminder(recovery: Recovery, *, window_ends_at: datetime, now: datetime) -> datetime | None:
    """Every 48 hours from the start of the window, the last of them the final notice; None when none is left."""
    step = window_ends_at - recovery.window
    while step <= now:
        step += recovery.remind_every
    last = window_ends_at - recovery.final_notice_before_end
    if step <= last:
        return step
    return last if now < last else None


def is_final_notice(recovery: Recovery, *, window_ends_at: datetime, now: datetime) -> bool:
    return now >= window_ends_at - recovery.final_notice_before_end


def tier_units(lines: Sequence[Line]) -> dict[str, int]:
    """Units by tier id."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.tier_id] = units.get(line.tier_id, 0) + line.quantity
    return units


def difference(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
    """By how many units of each tier a choice rises or falls."""
    return {tier_id: new.get(tier_id, 0) - old.get(tier_id, 0) for tier_id in {*old, *new}}

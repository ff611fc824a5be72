"""Another currency for a draft: every figure stays what was typed, 499 dollars become 499 won and not 49,900."""

from collections.abc import Callable
from dataclasses import replace

from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, StretchDraft, TierDraft
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import EXPONENTS

Scale = Callable[[int], int]


def recast(draft: CampaignDraft, currency: str) -> CampaignDraft:
    """The draft in another currency, all but its goal. Raises BadInput where a figure is too fine for that currency."""
    before: int = 10 ** EXPONENTS[draft.currency]
    after: int = 10 ** EXPONENTS[currency]
    draft = replace(draft, currency=currency)
    if before == after:
        return draft

    def scale(minor: int) -> int:
        if minor * after % before:
            raise BadInput(
                N_("Some prices or rates here have cents, which {currency} does not have. Change those first."),
                field="currency",
                currency=currency,
            )
        return minor * after // before

    return replace(
        draft,
        items=tuple(_item(item, scale) for item in draft.items),
        tiers=tuple(_offer(offer, scale) for offer in draft.tiers),
        add_ons=tuple(_offer(offer, scale) for offer in draft.add_ons),
        stretch_goals=tuple(_goal(goal, scale) for goal in draft.stretch_goals),
    )


def _item(item: ItemDraft, scale: Scale) -> ItemDraft:
    variants = tuple(
        replace(variant, customs_value_minor=_maybe(variant.customs_value_minor, scale)) for variant in item.variants
    )
    return replace(item, customs_value_minor=scale(item.customs_value_minor), variants=variants)


def _offer(offer: TierDraft, scale: Scale) -> TierDraft:
    return replace(
        offer,
        price_minor=scale(offer.price_minor),
        late_price_minor=_maybe(offer.late_price_minor, scale),
        rates={place: Rate(scale(rate.first_minor), scale(rate.further_minor)) for place, rate in offer.rates.items()},
    )


def _goal(goal: StretchDraft, scale: Scale) -> StretchDraft:
    threshold = scale(goal.threshold) if goal.measure is Measure.MONEY else goal.threshold
    return replace(goal, threshold=threshold, unit_cost_minor=_maybe(goal.unit_cost_minor, scale))


def _maybe(minor: int | None, scale: Scale) -> int | None:
    return None if minor is None else scale(minor)

"""What is wrong with a draft's tiers and add-ons: prices, numbers, windows, links, contents and shipping."""

import re
from collections.abc import Iterator

from fundlaunch.campaigns import bounds
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.regions import REGIONS
from fundlaunch.campaigns.rules import ELSEWHERE, Rate, local_instant
from fundlaunch.campaigns.states import Shipping
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import MINIMUM_CHARGE_MINOR, MOST_PLEDGE_MINOR, Money

_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9-]*", re.ASCII)


def tiers(draft: CampaignDraft) -> Iterator[BadInput]:
    """Every fault of the tiers and add-ons, in their order."""
    for kind, offers in (("tiers", draft.tiers), ("add_ons", draft.add_ons)):
        yield from bounds.not_more(kind, len(offers), POLICY.tiers)
        for n, offer in enumerate(offers):
            yield from _tier(f"{kind}.{n}", offer, draft)
    slugs = [offer.slug for offer in draft.tiers]
    yield from bounds.once("tiers", slugs, "slug")
    yield from bounds.once("add_ons", (offer.slug for offer in draft.add_ons), "slug", slugs)


def _tier(path: str, tier: TierDraft, draft: CampaignDraft) -> Iterator[BadInput]:
    yield from bounds.slug(f"{path}.slug", tier.slug)
    yield from bounds.named(f"{path}.title", {language: text.title for language, text in tier.texts.items()})
    for language, text in tier.texts.items():
        yield from bounds.length(f"{path}.description.{language}", text.description, bounds.DESCRIPTION_LIMIT)
    yield from _price(f"{path}.price", tier.price_minor, draft.currency)
    if tier.late_price_minor is not None:
        yield from _price(f"{path}.late_price", tier.late_price_minor, draft.currency)
    if tier.quantity is not None:
        yield from bounds.within(f"{path}.quantity", tier.quantity, bounds.QUANTITY_LIMIT)
    yield from bounds.within(f"{path}.limit_per_backer", tier.limit_per_backer, bounds.UNITS_LIMIT)
    yield from _window(path, tier, draft.timezone)
    yield from _secret(f"{path}.secret_key", tier.secret_key)
    if tier.delivery and not _MONTH.fullmatch(tier.delivery):
        yield BadInput(N_("Write the month of delivery as year and month, such as 2027-05."), field=f"{path}.delivery")
    yield from _contents(path, tier, draft)
    yield from _goes_with(f"{path}.tiers", tier, draft)
    yield from _shipping(f"{path}.rates", tier)


def _price(field: str, price_minor: int, currency: str) -> Iterator[BadInput]:
    """A tier costs at least what can be charged; an add-on may be free."""
    least = MINIMUM_CHARGE_MINOR.get(currency, 1) if field.startswith("tiers") else 0
    most = MOST_PLEDGE_MINOR.get(currency)
    if most is not None and not least <= price_minor <= most:
        yield BadInput(
            N_("A price is at least {least} and at most {most}."),
            field=field,
            least=str(Money(least, currency)),
            most=str(Money(most, currency)),
        )


def _window(path: str, tier: TierDraft, timezone: str) -> Iterator[BadInput]:
    for name, wall in (("starts_at", tier.starts_at), ("ends_at", tier.ends_at)):
        try:
            if wall is not None:
                local_instant(wall, timezone, field=f"{path}.{name}")
        except BadInput as error:
            if error.field != "timezone":
                yield error
    if tier.starts_at is not None and tier.ends_at is not None and tier.starts_at >= tier.ends_at:
        yield BadInput(N_("The reward would end before it starts. Choose a later end."), field=f"{path}.ends_at")


def _secret(field: str, key: str) -> Iterator[BadInput]:
    if not _KEY.fullmatch(key):
        yield BadInput(
            N_("The key of a secret link has letters a to z, digits and hyphens, such as friends-2027."), field=field
        )
    yield from bounds.length(field, key, bounds.KEY_LIMIT)


def _contents(path: str, tier: TierDraft, draft: CampaignDraft) -> Iterator[BadInput]:
    items = {item.slug for item in draft.items}
    for slug, units in tier.items.items():
        yield from bounds.item(f"{path}.items.{slug}", slug, items)
        if slug in items:
            yield from bounds.within(f"{path}.items.{slug}", units, bounds.UNITS_LIMIT)


def _goes_with(field: str, add_on: TierDraft, draft: CampaignDraft) -> Iterator[BadInput]:
    if add_on.tiers and field.startswith("tiers"):
        yield BadInput(N_("Only an add-on goes with other rewards. Leave this out."), field=field)
        return
    known = {tier.slug for tier in draft.tiers}
    for n, slug in enumerate(add_on.tiers):
        yield from bounds.tier(f"{field}.{n}", slug, known)
        if slug in add_on.tiers[:n]:
            yield BadInput(N_("“{slug}” stands here twice. Once is enough."), field=f"{field}.{n}", slug=slug)


def _shipping(field: str, tier: TierDraft) -> Iterator[BadInput]:
    if not tier.shipping.is_sent and tier.rates:
        yield BadInput(
            N_("A reward that is not sent has no shipping rates. Remove them, or choose “some” or “worldwide”."),
            field=field,
        )
    if tier.shipping is Shipping.WORLDWIDE and ELSEWHERE not in tier.rates:
        yield BadInput(
            N_("A reward that is sent worldwide needs the rate “*” for every country without one of its own."),
            field=field,
        )
    if tier.shipping is Shipping.SOME and (ELSEWHERE in tier.rates or not tier.rates):
        yield BadInput(
            N_("A reward that is sent to some countries needs a rate for each of them, and none for “*”."),
            field=field,
        )
    for place, rate in tier.rates.items():
        yield from _rate(f"{field}.{place}", place, rate)


def _rate(field: str, place: str, rate: Rate) -> Iterator[BadInput]:
    if place != ELSEWHERE and place not in REGIONS and place not in all_countries():
        yield BadInput(
            N_(
                "“{typed}” is not a country code or a region. "
                "Use two capital letters of ISO 3166, such as DE or KR, or one of: {known}."
            ),
            field=field,
            typed=place[:20],
            known=", ".join(REGIONS),
        )
    most = max(MOST_PLEDGE_MINOR.values())
    if not (0 <= rate.first_minor <= most and 0 <= rate.further_minor <= most):
        yield BadInput(N_("A shipping rate cannot be as large as this."), field=field)

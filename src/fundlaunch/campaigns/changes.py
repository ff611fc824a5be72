"""What a revision changed, field by field: two drafts in, plain texts for people out. Pure.

A draft is laid flat, each field with its path and its text, and two of these are compared. What is named by a slug
(items, tiers, add-ons, stretch goals) is compared by it; one that came or went is one change, not one for each field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, StretchDraft, TierDraft, VariantDraft
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure
from fundlaunch.money import Money

TEXT_LIMIT = 2000
"""What a row of the time line holds of a text; of a longer one the place that differs."""

EXCERPT = 200
LEAD = 40
CUT = "…"
YES = "yes"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that was changed. `is_public` is False for what backers never see, such as a weight or a secret tier.

    `field` is a path such as `tiers.board.price`, the texts '' where there was or is nothing.
    """

    field: str
    before: str
    after: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A field's text and whether backers see it."""

    text: str
    is_public: bool = True


NOTHING = Piece("")

Flat = Mapping[str, Piece]


def between(before: CampaignDraft, after: CampaignDraft) -> list[Difference]:
    """Every field in which two drafts differ, in the order of a campaign's page."""
    found = list(_compared("", _head(before), _head(after)))
    for kind, old, new in zip(KINDS, _collections(before), _collections(after), strict=True):
        found += _things(kind, old, new)
    return found


KINDS = ("items", "tiers", "add_ons", "stretch_goals")

Collection = Mapping[str, Flat]
"""Things by their slug. Each begins with the piece that stands for the whole."""

WHOLE = ""


def _collections(draft: CampaignDraft) -> tuple[Collection, ...]:
    secret = {tier.slug for tier in (*draft.tiers, *draft.add_ons) if tier.secret_key}
    return (
        {item.slug: _item(item, draft.currency) for item in draft.items},
        {tier.slug: _tier(tier, draft) for tier in draft.tiers},
        {tier.slug: _tier(tier, draft) for tier in draft.add_ons},
        {goal.slug: _goal(goal, draft.currency, secret) for goal in draft.stretch_goals},
    )


def _things(kind: str, before: Collection, after: Collection) -> Iterator[Difference]:
    for slug in (*before, *(slug for slug in after if slug not in before)):
        old, new = before.get(slug), after.get(slug)
        if old is not None and new is not None:
            yield from _compared(f"{kind}.{slug}.", old, new)
            continue
        yield _difference(f"{kind}.{slug}", (old or {}).get(WHOLE, NOTHING), (new or {}).get(WHOLE, NOTHING))
    kept_before = [slug for slug in before if slug in after]
    kept_after = [slug for slug in after if slug in before]
    if kept_before != kept_after:
        yield Difference(f"{kind}.order", ", ".join(kept_before), ", ".join(kept_after), is_public=False)


def _compared(path: str, before: Flat, after: Flat) -> Iterator[Difference]:
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name, NOTHING), after.get(name, NOTHING)
        if name != WHOLE and old.text != new.text:
            yield _difference(path + name, old, new)


def _difference(field: str, old: Piece, new: Piece) -> Difference:
    """What is or was out of sight, such as a secret tier, stays so in both of its texts."""
    return Difference(field, *_excerpts(old.text, new.text), is_public=old.is_public and new.is_public)


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Both texts, or of long ones the place where they begin to differ."""
    if len(before) <= TEXT_LIMIT and len(after) <= TEXT_LIMIT:
        return before, after
    pairs = zip(before, after, strict=False)
    same = next((n for n, (old, new) in enumerate(pairs) if old != new), min(len(before), len(after)))
    start = max(same - LEAD, 0)
    return _excerpt(before, start), _excerpt(after, start)


def _excerpt(text: str, start: int) -> str:
    part = text[start : start + EXCERPT]
    return (CUT if start and part else "") + part + (CUT if start + EXCERPT < len(text) else "")


def _head(draft: CampaignDraft) -> Flat:
    return {
        **_texts(draft),
        "creator": Piece(draft.creator_name),
        "place": Piece(draft.place),
        "country": Piece(draft.country),
        "video": Piece(draft.video),
        "poster": Piece(draft.poster),
        "plain_pledges": Piece(YES if draft.takes_plain_pledges else ""),
    } | {
        name: Piece(text, is_public=False)
        for name, text in {
            "slug": draft.slug,
            "language": draft.language,
            "category": draft.category,
            "tags": ", ".join(draft.tags),
            "accent": draft.accent.lower(),
            **{f"poster.alt.{language}": text for language, text in draft.poster_alt.items()},
            "pictures": ", ".join(draft.pictures),
            "currency": draft.currency,
            "goal": str(Money(draft.goal_minor, draft.currency)),
            "funding": draft.funding.value,
            "duration_days": str(draft.duration_days),
            "deadline": wall(draft.deadline),
            "launch_at": wall(draft.launch_at),
            "timezone": draft.timezone,
        }.items()
    }


def _texts(draft: CampaignDraft) -> dict[str, Piece]:
    return {
        f"{name}.{language}": Piece(found)
        for language, text in draft.texts.items()
        for name, found in (
            ("title", text.title),
            ("blurb", text.blurb),
            ("story", text.story),
            ("risks", text.risks),
            ("faq", "\n\n".join(f"{question}\n{answer}" for question, answer in text.faq)),
        )
    }


def _own(variant: VariantDraft, currency: str) -> str:
    """What a variant has of its own: ' (450 g, 30.00 USD, HS 6601, × 3)'; '' for nothing."""
    own = (
        f"{variant.weight_grams} g" if variant.weight_grams is not None else "",
        _minor(variant.customs_value_minor, currency),
        f"HS {variant.hs_code}" if variant.hs_code else "",
        f"× {variant.quantity}" if variant.quantity is not None else "",
    )
    return f" ({', '.join(filter(None, own))})" if any(own) else ""


def _item(item: ItemDraft, currency: str) -> Flat:
    said = {(option.slug, value.slug): _first(value.names) for option in item.options for value in option.values}
    variants = "; ".join(
        f"{variant.sku}: {', '.join(said.get((option, slug), slug) for option, slug in variant.choice.items())}"
        + _own(variant, currency)
        for variant in item.variants
    )
    options = "; ".join(
        f"{_in_each(option.names)}: {', '.join(_in_each(value.names) for value in option.values)}"
        for option in item.options
    )
    texts = {
        WHOLE: _first(item.names),
        "name": _by_language(item.names),
        "sku": item.sku,
        "weight": _number(item.weight_grams),
        "customs_value": _minor(item.customs_value_minor, currency),
        "hs_code": item.hs_code,
        "options": options,
        "variants": variants,
    }
    return {name: Piece(text, is_public=False) for name, text in texts.items()}


def _tier(tier: TierDraft, draft: CampaignDraft) -> Flat:
    currency = draft.currency
    price = str(Money(tier.price_minor, currency))
    titles = {language: text.title for language, text in tier.texts.items()}
    texts = {
        WHOLE: f"{_first(titles)}, {price}",
        **{f"title.{language}": text for language, text in titles.items()},
        **{f"description.{language}": text.description for language, text in tier.texts.items()},
        "price": price,
        "late_price": _minor(tier.late_price_minor, currency),
        "quantity": _number(tier.quantity),
        "limit_per_backer": str(tier.limit_per_backer),
        "starts_at": wall(tier.starts_at),
        "ends_at": wall(tier.ends_at),
        "closed": YES if tier.closed else "",
        "delivery": tier.delivery,
        "shipping": tier.shipping.value,
        "rates": "; ".join(f"{where} {_rate(rate, currency)}" for where, rate in sorted(tier.rates.items())),
        "items": _units(tier.items),
        "tiers": ", ".join(sorted(tier.tiers)),
        "picture": tier.picture,
    }
    private = {"featured": YES if tier.featured else "", "secret": YES if tier.secret_key else ""}
    hides = frozenset({"tiers"} if _names_secret(tier.tiers, draft) else ())
    flat = {name: Piece(text, is_public=not tier.secret_key and name not in hides) for name, text in texts.items()}
    return flat | {name: Piece(text, is_public=False) for name, text in private.items()}


def _names_secret(slugs: tuple[str, ...], draft: CampaignDraft) -> bool:
    return any(tier.secret_key for tier in draft.tiers if tier.slug in slugs)


def _goal(goal: StretchDraft, currency: str, secret: set[str]) -> Flat:
    threshold = str(Money(goal.threshold, currency)) if goal.measure is Measure.MONEY else str(goal.threshold)
    grants = "; ".join(f"{tier}: {_units(items)}" for tier, items in sorted(goal.grants.items()))
    return {
        WHOLE: Piece(f"{_first(goal.titles)}, {threshold}"),
        **{f"title.{language}": Piece(title) for language, title in goal.titles.items()},
        "threshold": Piece(threshold),
        "measure": Piece(goal.measure.value),
        "item": Piece(goal.item),
        "grants": Piece(grants, is_public=not secret & set(goal.grants)),
        "opens": Piece(goal.opens, is_public=goal.opens not in secret),
        "unit_cost": Piece(_minor(goal.unit_cost_minor, currency), is_public=False),
    }


def wall(when: datetime | None) -> str:
    """A time on the campaign's clocks, as people write it; '' for none."""
    return f"{when:%Y-%m-%d %H:%M}" if when else ""


def _first(texts: Mapping[str, str]) -> str:
    return next((text for text in texts.values() if text), "")


def _by_language(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{language}: {text}" for language, text in sorted(texts.items()))


def _in_each(texts: Mapping[str, str]) -> str:
    return " / ".join(filter(None, texts.values()))


def _units(items: Mapping[str, int]) -> str:
    return ", ".join(f"{slug} × {count}" for slug, count in sorted(items.items()))


def _rate(rate: Rate, currency: str) -> str:
    return f"{Money(rate.first_minor, currency)} + {Money(rate.further_minor, currency)}"


def _minor(amount: int | None, currency: str) -> str:
    return "" if amount is None else str(Money(amount, currency))


def _number(count: int | None) -> str:
    return "" if count is None else str(count)

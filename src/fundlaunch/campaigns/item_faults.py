"""What is wrong with a draft's items: their numbers, options, and the variants that the options make."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from fundlaunch.campaigns import bounds
from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, ItemOption, VariantDraft
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import GOAL_LIMIT_MINOR

_SKU = re.compile(r"[!-~](?:[ -~]{0,48}[!-~])?", re.ASCII)

Choice = tuple[tuple[str, str], ...]


def items(draft: CampaignDraft) -> Iterator[BadInput]:
    """Every fault of the items, in their order."""
    yield from bounds.not_more("items", len(draft.items), bounds.ITEMS_LIMIT)
    for n, item in enumerate(draft.items):
        yield from _item(f"items.{n}", item)
    yield from bounds.once("items", (item.slug for item in draft.items), "slug")
    yield from _numbers_once(draft)


def choices(options: tuple[ItemOption, ...]) -> list[dict[str, str]]:
    """Every combination of the options' values, by option, in their order; one empty choice without options."""
    slugs = [option.slug for option in options]
    values = [[value.slug for value in option.values] for option in options]
    return [dict(zip(slugs, chosen, strict=True)) for chosen in product(*values)]


def _item(path: str, item: ItemDraft) -> Iterator[BadInput]:
    yield from bounds.slug(f"{path}.slug", item.slug)
    yield from _sku(f"{path}.sku", item.sku)
    yield from bounds.named(f"{path}.name", item.names)
    yield from _packing(path, item.weight_grams, item.customs_value_minor, item.hs_code)
    yield from bounds.not_more(f"{path}.options", len(item.options), POLICY.item_options)
    for n, option in enumerate(item.options):
        yield from _option(f"{path}.options.{n}", option)
    yield from bounds.once(f"{path}.options", (option.slug for option in item.options), "slug")
    for n, variant in enumerate(item.variants):
        yield from _variant(f"{path}.variants.{n}", variant, item)
    yield from _combinations(path, item)


def _option(path: str, option: ItemOption) -> Iterator[BadInput]:
    yield from bounds.slug(f"{path}.slug", option.slug)
    yield from bounds.named(f"{path}.name", option.names)
    if not option.values:
        yield BadInput(N_("An option needs the values to choose from, such as S, M and L."), field=f"{path}.values")
    for n, value in enumerate(option.values):
        yield from bounds.slug(f"{path}.values.{n}.slug", value.slug)
        yield from bounds.named(f"{path}.values.{n}.name", value.names)
    yield from bounds.once(f"{path}.values", (value.slug for value in option.values), "slug")


def _variant(path: str, variant: VariantDraft, item: ItemDraft) -> Iterator[BadInput]:
    yield from _sku(f"{path}.sku", variant.sku)
    yield from _packing(path, variant.weight_grams or 0, variant.customs_value_minor or 0, variant.hs_code)
    if variant.quantity is not None:
        yield from bounds.within(f"{path}.quantity", variant.quantity, bounds.QUANTITY_LIMIT)
    yield from _choice(f"{path}.choice", variant.choice, item)


def _choice(path: str, choice: Mapping[str, str], item: ItemDraft) -> Iterator[BadInput]:
    """Each of the item's options has one of its values, and there is nothing else."""
    options = {option.slug: {value.slug for value in option.values} for option in item.options}
    for slug, value in choice.items():
        known = options.get(slug)
        if known is None:
            yield _unknown(f"{path}.{slug}", slug, options)
        elif value not in known:
            yield _unknown(f"{path}.{slug}", value, known)
    for slug in options:
        if slug not in choice:
            yield BadInput(N_("This variant does not say which “{option}” it has."), field=path, option=slug[:60])


def _unknown(field: str, typed: str, known: Mapping[str, object] | set[str]) -> BadInput:
    return BadInput(
        N_("This item has no “{typed}”. Known here are: {known}."),
        field=field,
        typed=typed[:60],
        known=", ".join(sorted(known)) or "-",
    )


def _combinations(path: str, item: ItemDraft) -> Iterator[BadInput]:
    """Every combination has exactly one variant; without options there are none."""
    count = prod(len(option.values) for option in item.options) if item.options else 0
    if count > POLICY.item_variants:
        yield BadInput(
            N_("These options make {count} variants; at most {most} fit. Make two items of it."),
            field=f"{path}.options",
            count=count,
            most=POLICY.item_variants,
        )
        return
    yield from bounds.not_more(f"{path}.variants", len(item.variants), POLICY.item_variants)
    made: set[Choice] = set()
    for n, variant in enumerate(item.variants):
        if _key(variant.choice) in made:
            yield BadInput(N_("There is a variant of this choice already. Remove one."), field=f"{path}.variants.{n}")
        made.add(_key(variant.choice))
    missing = [wanted for wanted in (choices(item.options) if item.options else []) if _key(wanted) not in made]
    if missing:
        yield BadInput(
            N_("There is no variant for {choice}; {count} of them are missing. Each combination needs its own."),
            field=f"{path}.variants",
            choice=" + ".join(missing[0].values()),
            count=len(missing),
        )


def _key(choice: Mapping[str, str]) -> Choice:
    return tuple(sorted(choice.items()))


def _sku(field: str, sku: str) -> Iterator[BadInput]:
    if not _SKU.fullmatch(sku):
        yield BadInput(
            N_("An item needs a stock number (SKU) of 1 to 50 letters, digits and signs, such as BOARD-01."),
            field=field,
        )


def _packing(path: str, weight_grams: int, customs_value_minor: int, hs_code: str) -> Iterator[BadInput]:
    if not 0 <= weight_grams <= bounds.WEIGHT_LIMIT_GRAMS:
        yield BadInput(N_("A weight is counted in whole grams, 0 or more."), field=f"{path}.weight_grams")
    if not 0 <= customs_value_minor < GOAL_LIMIT_MINOR:
        yield BadInput(N_("A customs value is an amount, 0 or more."), field=f"{path}.customs_value")
    yield from bounds.length(f"{path}.hs_code", hs_code, bounds.HS_CODE_LIMIT)


def _numbers_once(draft: CampaignDraft) -> Iterator[BadInput]:
    """A stock number stands for one thing in the whole campaign, whether an item or a variant."""
    items = [(f"items.{n}.sku", item.sku) for n, item in enumerate(draft.items)]
    variants = [
        (f"items.{n}.variants.{k}.sku", variant.sku)
        for n, item in enumerate(draft.items)
        for k, variant in enumerate(item.variants)
    ]
    seen = set()
    for path, sku in (*items, *variants):
        if sku and sku in seen:
            yield BadInput(
                N_("The stock number “{sku}” is used twice. Every item and variant needs its own."),
                field=path,
                sku=sku,
            )
        seen.add(sku)

"""What a campaign file offers: items with their options, tiers, add-ons and stretch goals."""

from collections.abc import Mapping

from fundlaunch.campaigns.draft import (
    ItemDraft,
    ItemOption,
    OptionValue,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.file_folder import Folder
from fundlaunch.campaigns.file_table import Table
from fundlaunch.campaigns.item_faults import choices
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Measure, Shipping


def items(top: Table) -> tuple[ItemDraft, ...]:
    """The tables [[items]]."""
    return tuple(map(_item, top.tables("items")))


def tiers(top: Table, folder: Folder) -> tuple[TierDraft, ...]:
    """The tables [[tiers]]."""
    return tuple(_tier(table, folder, POLICY.tier_limit_per_backer, {}) for table in top.tables("tiers"))


def add_ons(top: Table, folder: Folder, base: tuple[TierDraft, ...]) -> tuple[TierDraft, ...]:
    """The tables [[add_ons]]; what they go with comes in the order of the tiers."""
    places = {tier.slug: n for n, tier in enumerate(base)}
    return tuple(_tier(table, folder, POLICY.add_on_limit_per_backer, places) for table in top.tables("add_ons"))


def stretch_goals(top: Table) -> tuple[StretchDraft, ...]:
    """The tables [[stretch_goals]]."""
    return tuple(map(_stretch_goal, top.tables("stretch_goals")))


def _item(table: Table) -> ItemDraft:
    options = tuple(map(_option, table.tables("options")))
    sku = table.text("sku", required=True)
    item = ItemDraft(
        slug=table.text("slug", required=True),
        sku=sku,
        names=table.words("name", required=True),
        weight_grams=table.count("weight_grams", 0),
        customs_value_minor=table.amount("customs_value", required=False),
        hs_code=table.text("hs_code"),
        options=options,
        variants=tuple(map(_variant, table.tables("variants"))) if "variants" in table.names() else _made(sku, options),
    )
    table.close()
    return item


def _option(table: Table) -> ItemOption:
    values = tuple(map(_value, table.tables("values")))
    option = ItemOption(table.text("slug", required=True), table.words("name", required=True), values)
    table.close()
    return option


def _value(table: Table) -> OptionValue:
    value = OptionValue(table.text("slug", required=True), table.words("name", required=True))
    table.close()
    return value


def _variant(table: Table) -> VariantDraft:
    variant = VariantDraft(
        sku=table.text("sku", required=True),
        choice=table.texts("choice"),
        weight_grams=table.optional_count("weight_grams"),
        customs_value_minor=table.optional_amount("customs_value"),
        hs_code=table.text("hs_code"),
        quantity=table.optional_count("quantity"),
    )
    table.close()
    return variant


def _made(sku: str, options: tuple[ItemOption, ...]) -> tuple[VariantDraft, ...]:
    """Where a file names no variants: one for each combination, with a number made of the item's, such as SHIRT-M-RED.

    More than there may be are not made; the faults tell how many there would be.
    """
    count = 1
    for option in options:
        count *= len(option.values)
    if not options or count > POLICY.item_variants:
        return ()
    return tuple(VariantDraft("-".join([sku, *choice.values()]).upper(), choice) for choice in choices(options))


def _tier(table: Table, folder: Folder, limit_per_backer: int, base: Mapping[str, int]) -> TierDraft:
    titles, descriptions = table.words("title", required=True), table.long_words("description")
    picture = table.text("picture")
    if picture:
        table.look((*table.path, "picture"), folder.picture, picture)
    tier = TierDraft(
        slug=table.text("slug", required=True),
        texts={
            language: TierText(titles.get(language, ""), descriptions.get(language, ""))
            for language in dict.fromkeys((*titles, *descriptions))
        },
        price_minor=table.amount("price"),
        late_price_minor=table.optional_amount("late_price"),
        quantity=table.optional_count("quantity"),
        limit_per_backer=table.count("limit_per_backer", limit_per_backer),
        starts_at=table.wall_time("starts_at"),
        ends_at=table.wall_time("ends_at"),
        closed=table.flag("closed", default=False),
        secret_key=table.text("secret_key"),
        featured=table.flag("featured", default=False),
        delivery=table.text("delivery"),
        shipping=table.choice("shipping", Shipping, Shipping.NONE),
        rates=table.rates("rates"),
        items=table.counts("items"),
        tiers=tuple(sorted(table.strings("tiers"), key=lambda slug: base.get(slug, len(base)))),
        picture=picture,
    )
    table.close()
    return tier


def _stretch_goal(table: Table) -> StretchDraft:
    measure = table.choice("measure", Measure, Measure.MONEY)
    goal = StretchDraft(
        slug=table.text("slug", required=True),
        titles=table.words("title", required=True),
        threshold=table.amount("threshold") if measure is Measure.MONEY else table.whole("threshold"),
        measure=measure,
        item=table.text("item"),
        grants=_grants(table),
        opens=table.text("opens"),
        unit_cost_minor=table.optional_amount("unit_cost"),
    )
    table.close()
    return goal


def _grants(table: Table) -> dict[str, dict[str, int]]:
    """Units by item by tier."""
    found = table.table("grants")
    return {} if found is None else {tier: found.counts(tier) for tier in found.names()}

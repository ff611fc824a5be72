"""How one item differs: options such as size and colour, and the variants that they make."""

from collections.abc import Callable
from dataclasses import replace

from fundlaunch.campaigns.bounds import NAME_LIMIT, QUANTITY_LIMIT
from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, ItemOption, OptionValue, VariantDraft
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs, Section
from fundlaunch.studio.editing.things import WEIGHT_LIMIT_GRAMS
from fundlaunch.studio.editing.variant_table import (
    OPTIONS,
    SKU_LIMIT,
    VALUES,
    VARIANTS,
    choice_read,
    choice_written,
    how_many,
    options_of,
)
from fundlaunch.web.forms import Form

TABLES = (OPTIONS, *VALUES, VARIANTS)


def variants_section(draft: CampaignDraft, slug: str, *, is_promised: bool = False) -> Section:
    """The section of one item's options and variants; of an item that is promised there may come to be more."""
    at = next(n for n, item in enumerate(draft.items) if item.slug == slug)
    return Section(
        name=f"items/{slug}",
        title=N_("Sizes, colours and the like"),
        words=N_("An item that comes in several ways: say in what they differ, and every combination gets a row."),
        fields=frozenset(),
        written=lambda found: _written(found.items[at], found.currency),
        read=_reader(slug),
        tables=TABLES,
        row=lambda name: _row(name, is_promised=is_promised),
        place=lambda path, _: path.removeprefix(f"items.{at}."),
    )


def _row(name: str, *, is_promised: bool) -> str:
    if name.startswith("options."):
        return "promised_item.options.more" if is_promised else "item.options"
    return "item.variants" if name.startswith("variants.") else ""


def taken_skus(draft: CampaignDraft, slug: str) -> set[str]:
    """Stock numbers of every other item and its variants."""
    others = [item for item in draft.items if item.slug != slug]
    return {item.sku for item in others} | {variant.sku for item in others for variant in item.variants}


def _written(item: ItemDraft, currency: str) -> Pairs:
    pairs: Pairs = []
    for n, option in enumerate(item.options):
        pairs.append((OPTIONS.name(n, "slug"), option.slug))
        pairs += [(OPTIONS.name(n, f"name.{language}"), name) for language, name in option.names.items()]
        for m, value in enumerate(option.values):
            pairs.append((VALUES[n].name(m, "slug"), value.slug))
            pairs += [(VALUES[n].name(m, f"name.{language}"), name) for language, name in value.names.items()]
    for n, variant in enumerate(item.variants):
        pairs += [(VARIANTS.name(n, name), value) for name, value in _variant_written(variant, item, currency)]
    return pairs


def _variant_written(variant: VariantDraft, item: ItemDraft, currency: str) -> Pairs:
    customs = variant.customs_value_minor
    order = [option.slug for option in item.options]
    choice = sorted(variant.choice.items(), key=lambda pair: order.index(pair[0]))
    return [
        ("sku", variant.sku),
        ("weight_grams", _number(variant.weight_grams)),
        ("customs_value", "" if customs is None else Money(customs, currency).plain()),
        ("hs_code", variant.hs_code),
        ("quantity", _number(variant.quantity)),
        ("choice", choice_written(tuple(choice))),
    ]


def _number(found: int | None) -> str:
    return "" if found is None else str(found)


def _reader(slug: str) -> Callable[[Form, CampaignDraft], CampaignDraft]:
    def read(form: Form, draft: CampaignDraft) -> CampaignDraft:
        items = [
            replace(item, options=_options(form, draft.language), variants=_variants(form, draft.currency))
            if item.slug == slug
            else item
            for item in draft.items
        ]
        return replace(draft, items=tuple(items))

    return read


def _options(form: Form, language: str) -> tuple[ItemOption, ...]:
    options = options_of(form)
    count = how_many(options)
    if count > VARIANTS.most:
        form.refuse(
            OPTIONS.name(0, f"name.{language}"),
            N_("These values make {count} combinations, and at most {most} fit. Take some away."),
            count=count,
            most=VARIANTS.most,
        )
    for n in range(len(options)):
        _check(form, n, language)
    return tuple(
        ItemOption(
            option.slug,
            _names(form, OPTIONS, n),
            tuple(OptionValue(value.slug, _names(form, VALUES[n], m)) for m, value in enumerate(option.values)),
        )
        for n, option in enumerate(options)
    )


def _check(form: Form, n: int, language: str) -> None:
    """Note what an option still needs, at the field of the campaign's main language."""
    if not _names(form, OPTIONS, n):
        form.refuse(OPTIONS.name(n, f"name.{language}"), N_("Give it a name, such as Size."))
    seen: set[str] = set()
    for m in range(VALUES[n].count(form)):
        names = {name.casefold() for name in _names(form, VALUES[n], m).values()}
        if names & seen:
            form.refuse(VALUES[n].name(m, f"name.{language}"), N_("This value stands here twice."))
        seen |= names
    if not seen:
        form.refuse(VALUES[n].name(0, f"name.{language}"), N_("Write at least one value, such as S, M, L."))


def _names(form: Form, rows: Rows, n: int) -> dict[str, str]:
    found = {language: form.optional_text(rows.name(n, f"name.{language}"), NAME_LIMIT) for language in LANGUAGES}
    return {language: name for language, name in found.items() if name}


def _variants(form: Form, currency: str) -> tuple[VariantDraft, ...]:
    return tuple(_variant(form, n, currency) for n in range(VARIANTS.count(form)))


def _variant(form: Form, n: int, currency: str) -> VariantDraft:
    def name(field: str) -> str:
        return VARIANTS.name(n, field)

    customs = name("customs_value")
    return VariantDraft(
        sku=form.text(name("sku"), SKU_LIMIT),
        choice=dict(choice_read(form.typed(name("choice")))),
        weight_grams=_count(form, name("weight_grams"), WEIGHT_LIMIT_GRAMS),
        customs_value_minor=form.money(customs, currency).minor if form.typed(customs).strip() else None,
        hs_code=form.optional_text(name("hs_code"), 30),
        quantity=_count(form, name("quantity"), QUANTITY_LIMIT),
    )


def _count(form: Form, name: str, most: int) -> int | None:
    return form.count(name, most) if form.typed(name).strip() else None

"""The items a campaign packs: a table of rows."""

from dataclasses import replace

from fundlaunch.campaigns.bounds import ITEMS_LIMIT, NAME_LIMIT
from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, TierDraft
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs, Section, in_languages, slug_of
from fundlaunch.web.forms import Form

WEIGHT_LIMIT_GRAMS = 999_999

ITEMS = Rows(
    "items",
    ("sku", *in_languages("name"), "weight_grams", "customs_value", "hs_code"),
    ITEMS_LIMIT,
    kept=("slug",),
)


def _items_written(draft: CampaignDraft) -> Pairs:
    pairs = []
    for n, item in enumerate(draft.items):
        customs = Money(item.customs_value_minor, draft.currency).plain() if item.customs_value_minor else ""
        values = {"slug": item.slug, "sku": item.sku, "hs_code": item.hs_code, "customs_value": customs}
        values["weight_grams"] = str(item.weight_grams) if item.weight_grams else ""
        values |= {f"name.{language}": name for language, name in item.names.items()}
        pairs += [(ITEMS.name(n, name), value) for name, value in values.items()]
    return pairs


def _items_read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    items: list[ItemDraft] = []
    for n in range(ITEMS.count(form)):
        items.append(_item(form, n, draft, [item.slug for item in (*items, *draft.items)]))
    _refuse_needed(form, draft, {item.slug for item in items})
    return replace(draft, items=tuple(items))


def _item(form: Form, n: int, draft: CampaignDraft, taken: list[str]) -> ItemDraft:
    """An item as typed; its options and variants have a page of their own and stay."""
    sku = form.text(ITEMS.name(n, "sku"), 50)
    names = _in_each_language(form, ITEMS, n, "name")
    made_of = names.get("en") or sku
    slug = form.typed(ITEMS.name(n, "slug"))
    before = next((item for item in draft.items if item.slug == slug), ItemDraft("", "", {}))
    return replace(
        before,
        slug=slug or slug_of(made_of, taken, other="item"),
        sku=sku,
        names=names,
        weight_grams=form.count(ITEMS.name(n, "weight_grams"), WEIGHT_LIMIT_GRAMS),
        customs_value_minor=form.optional_money(ITEMS.name(n, "customs_value"), draft.currency).minor,
        hs_code=form.optional_text(ITEMS.name(n, "hs_code"), 30),
    )


def _refuse_needed(form: Form, draft: CampaignDraft, left: set[str]) -> None:
    """An item that something is made of cannot go; say what has to change first."""
    needed = [(slug, _title(offer)) for offer in (*draft.tiers, *draft.add_ons) for slug in offer.items]
    for goal in draft.stretch_goals:
        granted = {slug for items in goal.grants.values() for slug in items} | {goal.item}
        needed += [(slug, next(iter(goal.titles.values()), goal.slug)) for slug in sorted(granted - {""})]
    names = {item.slug: next(iter(item.names.values()), item.sku) for item in draft.items}
    for slug, where in needed:
        if slug not in left and slug in names:
            form.refuse(
                "",
                N_("“{item}” is still part of “{where}”. Take it out of there first, then remove it here."),
                item=names[slug],
                where=where,
            )


def _title(offer: TierDraft) -> str:
    return next((text.title for text in offer.texts.values() if text.title), offer.slug)


def _in_each_language(form: Form, rows: Rows, n: int, field: str) -> dict[str, str]:
    found = {language: form.optional_text(rows.name(n, f"{field}.{language}"), NAME_LIMIT) for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}


def _row(name: str) -> str:
    field = name.split(".")[2] if name.startswith("items.") else ""
    return {"": "", "slug": "", "customs_value": "item.customs_value_minor"}.get(field, f"item.{field}")


PACKED = Section(
    name="items",
    title=N_("Items"),
    words=N_("Every thing that is packed, once. Rewards are made of items, so that pick lists count the right ones."),
    fields=frozenset(),
    written=_items_written,
    read=_items_read,
    tables=(ITEMS,),
    row=_row,
)

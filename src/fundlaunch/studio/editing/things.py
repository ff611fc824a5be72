"""The items a campaign packs, and its stretch goals: two tables of rows."""

from dataclasses import replace

from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, StretchDraft
from fundlaunch.campaigns.faults import ITEMS_LIMIT, NAME_LIMIT
from fundlaunch.campaigns.policy import POLICY
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
GOALS = Rows("stretch_goals", ("threshold", *in_languages("title")), POLICY.stretch_goals, kept=("slug",))


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
    return replace(draft, items=tuple(items))


def _item(form: Form, n: int, draft: CampaignDraft, taken: list[str]) -> ItemDraft:
    sku = form.text(ITEMS.name(n, "sku"), 50)
    names = _in_each_language(form, ITEMS, n, "name")
    made_of = names.get("en") or sku
    return ItemDraft(
        slug=form.typed(ITEMS.name(n, "slug")) or slug_of(made_of, taken, other="item"),
        sku=sku,
        names=names,
        weight_grams=form.count(ITEMS.name(n, "weight_grams"), WEIGHT_LIMIT_GRAMS),
        customs_value_minor=form.optional_money(ITEMS.name(n, "customs_value"), draft.currency).minor,
        hs_code=form.optional_text(ITEMS.name(n, "hs_code"), 30),
    )


def _goals_written(draft: CampaignDraft) -> Pairs:
    pairs = []
    for n, goal in enumerate(draft.stretch_goals):
        values = {"slug": goal.slug, "threshold": Money(goal.threshold, draft.currency).plain()}
        values |= {f"title.{language}": title for language, title in goal.titles.items()}
        pairs += [(GOALS.name(n, name), value) for name, value in values.items()]
    return pairs


def _goals_read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    goals: list[StretchDraft] = []
    for n in range(GOALS.count(form)):
        titles = _in_each_language(form, GOALS, n, "title")
        taken = [goal.slug for goal in (*goals, *draft.stretch_goals)]
        slug = form.typed(GOALS.name(n, "slug")) or slug_of(titles.get("en", ""), taken, other="stretch-goal")
        threshold = form.money(GOALS.name(n, "threshold"), draft.currency)
        goals.append(StretchDraft(slug, titles, threshold.minor))
    return replace(draft, stretch_goals=tuple(goals))


def _in_each_language(form: Form, rows: Rows, n: int, field: str) -> dict[str, str]:
    found = {language: form.optional_text(rows.name(n, f"{field}.{language}"), NAME_LIMIT) for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}


PACKED = Section(
    name="items",
    title=N_("Items"),
    words=N_("Every thing that is packed, once. Rewards are made of items, so that pick lists count the right ones."),
    fields=frozenset(),
    written=_items_written,
    read=_items_read,
    tables=(ITEMS,),
)

STRETCH = Section(
    name="stretch",
    title=N_("Stretch goals"),
    words=N_("What becomes possible beyond the goal. While the campaign runs, new ones lie above what is pledged."),
    fields=frozenset(),
    written=_goals_written,
    read=_goals_read,
    tables=(GOALS,),
)

"""One reward or add-on on a page of its own: words, price, stock, who may choose it, what is in it, where it goes."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from fundlaunch.campaigns.bounds import DESCRIPTION_LIMIT, NAME_LIMIT, QUANTITY_LIMIT, UNITS_LIMIT
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft, TierText
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing import sending
from fundlaunch.studio.editing.section import (
    Pairs,
    Section,
    in_languages,
    joined,
    read_wall,
    slug_of,
    wall_written,
)
from fundlaunch.studio.editing.sending import ELSEWHERE_FIELDS, RATES
from fundlaunch.web.forms import Form

PLAIN = (
    "price", "late_price", "quantity", "limit_per_backer", "starts_at", "ends_at", "audience", "featured", "delivery",
    "shipping", *ELSEWHERE_FIELDS,
)  # fmt: skip
ROWS = {
    "price": "price_minor", "late_price": "late_price_minor", "audience": "closed", "elsewhere": "rates",
}  # fmt: skip
"""Fields whose row in the table of edits has another name."""

SECRET_BYTES = 24


class Audience(StrEnum):
    """Who may choose it."""

    EVERYONE = "everyone"
    SECRET = "secret"  # noqa: S105 - the word of a choice, no secret itself
    CLOSED = "closed"


AUDIENCES = (
    (Audience.EVERYONE, N_("Everyone"), N_("It stands on the page.")),
    (
        Audience.SECRET,
        N_("Only people with its link"),
        N_("Nobody sees it on the page without the link you send them."),
    ),
    (Audience.CLOSED, N_("Closed"), N_("Nobody can choose it any more; who has it keeps it.")),
)
"""Who may choose it, as choices: value, name, what it means."""


class Kind(StrEnum):
    """A reward or an add-on; the value is the word in addresses."""

    REWARD = "rewards"
    ADD_ON = "add-ons"

    @property
    def field(self) -> str:
        """The field of a draft that holds them."""
        return "tiers" if self is Kind.REWARD else "add_ons"


def of_kind(draft: CampaignDraft, kind: Kind) -> tuple[TierDraft, ...]:
    """The rewards or the add-ons of a draft."""
    return draft.tiers if kind is Kind.REWARD else draft.add_ons


def with_offers(draft: CampaignDraft, kind: Kind, offers: tuple[TierDraft, ...]) -> CampaignDraft:
    """The draft with other rewards, or other add-ons."""
    return replace(draft, tiers=offers) if kind is Kind.REWARD else replace(draft, add_ons=offers)


def blank(kind: Kind) -> TierDraft:
    """What the page of a new one shows."""
    limit = POLICY.tier_limit_per_backer if kind is Kind.REWARD else POLICY.add_on_limit_per_backer
    return TierDraft("", {}, 0, limit_per_backer=limit)


def new_key() -> str:
    """What the link of a secret reward carries."""
    return secrets.token_urlsafe(SECRET_BYTES).replace("_", "-")


def audience(offer: TierDraft) -> Audience:
    """Who may choose it now. A closed one keeps its key, so that an opened one has its old link again."""
    if offer.closed:
        return Audience.CLOSED
    return Audience.SECRET if offer.secret_key else Audience.EVERYONE


def offer_section(draft: CampaignDraft, kind: Kind, slug: str, *, is_chosen: bool) -> Section:
    """The section of the offer of that slug ('' for a new one) in this draft."""
    items = [f"items.{item.slug}" for item in draft.items]
    tiers = [f"tiers.{tier.slug}" for tier in draft.tiers] if kind is Kind.ADD_ON else []
    fields = joined(in_languages("title"), in_languages("description"), PLAIN, items, tiers)
    at = next((n for n, offer in enumerate(of_kind(draft, kind)) if offer.slug == slug), len(of_kind(draft, kind)))
    return Section(
        name=f"{kind.value}/{slug or 'new'}",
        title=N_("Reward") if kind is Kind.REWARD else N_("Add-on"),
        words="",
        fields=fields,
        written=lambda found: _written(named(found, kind, slug), found.currency),
        read=_reader(kind, slug),
        tables=(RATES,),
        row=lambda name: _row(name, is_new=not slug, is_chosen=is_chosen) if name in fields | RATES.names else "",
        place=lambda path, form: _place(path.removeprefix(f"{kind.field}.{at}").removeprefix("."), form),
    )


def _row(name: str, *, is_new: bool, is_chosen: bool) -> str:
    if is_new:
        return "tier.added"
    stem = name.partition(".")[0]
    if is_chosen and stem == "quantity":
        return "chosen_tier.quantity.raised"
    return f"{'chosen_tier' if is_chosen else 'tier'}.{ROWS.get(stem, stem)}"


def named(draft: CampaignDraft, kind: Kind, slug: str) -> TierDraft:
    """The offer of that slug; a blank one if there is none."""
    return next((offer for offer in of_kind(draft, kind) if offer.slug == slug), None) or blank(kind)


def _written(offer: TierDraft, currency: str) -> Pairs:
    pairs = [
        pair
        for language, text in offer.texts.items()
        for pair in ((f"title.{language}", text.title), (f"description.{language}", text.description))
    ]
    late = offer.late_price_minor
    pairs += [
        ("price", Money(offer.price_minor, currency).plain() if offer.price_minor or offer.slug else ""),
        ("late_price", "" if late is None else Money(late, currency).plain()),
        ("quantity", "" if offer.quantity is None else str(offer.quantity)),
        ("limit_per_backer", str(offer.limit_per_backer)),
        ("starts_at", wall_written(offer.starts_at)),
        ("ends_at", wall_written(offer.ends_at)),
        ("audience", audience(offer).value),
        ("delivery", offer.delivery),
    ]
    pairs += [("featured", "yes")] if offer.featured else []
    pairs += [(f"items.{slug}", str(units)) for slug, units in offer.items.items()]
    pairs += [(f"tiers.{slug}", "yes") for slug in offer.tiers]
    return pairs + sending.written(offer, currency)


def _reader(kind: Kind, slug: str) -> Callable[[Form, CampaignDraft], CampaignDraft]:
    def read(form: Form, draft: CampaignDraft) -> CampaignDraft:
        offers = of_kind(draft, kind)
        offer = _read(form, named(draft, kind, slug), draft)
        if kind is Kind.ADD_ON:
            offer = replace(offer, tiers=_tiers(form, draft))
        if not slug:
            return with_offers(draft, kind, (*offers, offer))
        return with_offers(draft, kind, tuple(offer if old.slug == slug else old for old in offers))

    return read


def _read(form: Form, before: TierDraft, draft: CampaignDraft) -> TierDraft:
    texts = _texts(form, draft.language)
    made_of = next(filter(None, (texts[name].title for name in LANGUAGES if name in texts)), "")
    shipping = sending.read_shipping(form, before.shipping)
    return replace(
        _read_audience(form, before),
        slug=before.slug or free_slug(made_of, draft),
        texts=texts,
        price_minor=form.money("price", draft.currency).minor,
        late_price_minor=_late_price(form, draft.currency),
        quantity=_quantity(form),
        limit_per_backer=form.count("limit_per_backer", UNITS_LIMIT),
        starts_at=read_wall(form, "starts_at"),
        ends_at=read_wall(form, "ends_at"),
        featured=form.is_ticked("featured"),
        delivery=form.optional_text("delivery", 20),
        shipping=shipping,
        rates=sending.read_rates(form, shipping, draft.currency),
        items=_items(form, draft),
    )


def free_slug(made_of: str, draft: CampaignDraft) -> str:
    """A short name for a new offer; rewards and add-ons share theirs."""
    return slug_of(made_of, [offer.slug for offer in (*draft.tiers, *draft.add_ons)], other="reward")


def _read_audience(form: Form, before: TierDraft) -> TierDraft:
    chosen = form.choice("audience", [known.value for known in Audience])
    if chosen == Audience.CLOSED:
        return replace(before, closed=True)
    key = (before.secret_key or new_key()) if chosen == Audience.SECRET else ""
    return replace(before, closed=False, secret_key=key)


def _texts(form: Form, main_language: str) -> dict[str, TierText]:
    if not form.typed(f"title.{main_language}").strip():
        form.refuse(f"title.{main_language}", N_("A name is missing here."))
    found = {
        language: TierText(
            form.optional_text(f"title.{language}", NAME_LIMIT),
            form.long_text(f"description.{language}", DESCRIPTION_LIMIT),
        )
        for language in LANGUAGES
    }
    return {language: text for language, text in found.items() if text != TierText()}


def _late_price(form: Form, currency: str) -> int | None:
    """None if the field is empty: as the price."""
    return form.money("late_price", currency).minor if form.typed("late_price").strip() else None


def _quantity(form: Form) -> int | None:
    """None if the field is empty: no limit."""
    if not form.typed("quantity").strip():
        return None
    count = form.count("quantity", QUANTITY_LIMIT)
    if not count:
        form.refuse("quantity", N_("Write a whole number from 1 to {most}."), most=QUANTITY_LIMIT)
    return count


def _items(form: Form, draft: CampaignDraft) -> dict[str, int]:
    counts = {item.slug: form.count(f"items.{item.slug}", UNITS_LIMIT) for item in draft.items}
    return {slug: units for slug, units in counts.items() if units}


def _tiers(form: Form, draft: CampaignDraft) -> tuple[str, ...]:
    return tuple(tier.slug for tier in draft.tiers if form.is_ticked(f"tiers.{tier.slug}"))


def _place(path: str, form: Form) -> str:
    """The field of a fault; who may choose it is one field here, and a draft has two."""
    if path in {"closed", "secret_key"}:
        return "audience"
    return sending.field_of(path, form)

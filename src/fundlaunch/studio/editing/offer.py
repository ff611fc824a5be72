"""One reward or add-on on a page of its own: words, price, stock, window, what is in it, where it goes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum

from fundlaunch import i18n
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft, TierText
from fundlaunch.campaigns.faults import DESCRIPTION_LIMIT, NAME_LIMIT, QUANTITY_LIMIT, UNITS_LIMIT
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import ELSEWHERE, Rate
from fundlaunch.campaigns.states import Shipping
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import (
    Pairs,
    Section,
    in_languages,
    joined,
    read_wall,
    slug_of,
    wall_written,
)
from fundlaunch.web.forms import Form

RATES = Rows("rates", ("country", "first", "further"), 260)
PLAIN = (
    "price", "quantity", "limit_per_backer", "starts_at", "ends_at", "closed", "featured", "delivery", "shipping",
    "elsewhere.first", "elsewhere.further",
)  # fmt: skip
CHANGEABLE = frozenset({"quantity", "closed"})
"""What may change of a reward that somebody chose (RULES section 3); its picture has a form of its own."""


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


def offer_section(draft: CampaignDraft, kind: Kind, slug: str, *, is_chosen: bool) -> Section:
    """The section of the offer of that slug ('' for a new one) in this draft."""
    items = [f"items.{item.slug}" for item in draft.items]
    fields = joined(in_languages("title"), in_languages("description"), PLAIN, items)
    at = next((n for n, offer in enumerate(of_kind(draft, kind)) if offer.slug == slug), len(of_kind(draft, kind)))
    return Section(
        name=f"{kind.value}/{slug or 'new'}",
        title=N_("Reward") if kind is Kind.REWARD else N_("Add-on"),
        words="",
        fields=fields,
        written=lambda found: _written(_named(found, kind, slug), found.currency),
        read=_reader(kind, slug),
        tables=(RATES,),
        fixed=(fields | RATES.names) - CHANGEABLE if is_chosen else frozenset(),
        place=lambda path, form: _place(path.removeprefix(f"{kind.field}.{at}").removeprefix("."), form),
    )


def _named(draft: CampaignDraft, kind: Kind, slug: str) -> TierDraft:
    return next((offer for offer in of_kind(draft, kind) if offer.slug == slug), None) or blank(kind)


def _written(offer: TierDraft, currency: str) -> Pairs:
    pairs = [
        pair
        for language, text in offer.texts.items()
        for pair in ((f"title.{language}", text.title), (f"description.{language}", text.description))
    ]
    pairs += [
        ("price", Money(offer.price_minor, currency).plain() if offer.price_minor or offer.slug else ""),
        ("quantity", "" if offer.quantity is None else str(offer.quantity)),
        ("limit_per_backer", str(offer.limit_per_backer)),
        ("starts_at", wall_written(offer.starts_at)),
        ("ends_at", wall_written(offer.ends_at)),
        ("delivery", offer.delivery),
        ("shipping", offer.shipping.value),
    ]
    pairs += [(name, "yes") for name in ("closed", "featured") if getattr(offer, name)]
    pairs += [(f"items.{slug}", str(units)) for slug, units in offer.items.items()]
    return pairs + list(_rates_written(offer, currency))


def _rates_written(offer: TierDraft, currency: str) -> Iterator[tuple[str, str]]:
    n = 0
    for country, rate in offer.rates.items():
        first, further = (Money(minor, currency).plain() for minor in (rate.first_minor, rate.further_minor))
        if country == ELSEWHERE:
            yield from (("elsewhere.first", first), ("elsewhere.further", further))
            continue
        for name, value in (("country", country), ("first", first), ("further", further)):
            yield RATES.name(n, name), value
        n += 1


def _reader(kind: Kind, slug: str) -> Callable[[Form, CampaignDraft], CampaignDraft]:
    def read(form: Form, draft: CampaignDraft) -> CampaignDraft:
        offers = of_kind(draft, kind)
        offer = _read(form, _named(draft, kind, slug), draft)
        if not slug:
            return with_offers(draft, kind, (*offers, offer))
        return with_offers(draft, kind, tuple(offer if old.slug == slug else old for old in offers))

    return read


def _read(form: Form, before: TierDraft, draft: CampaignDraft) -> TierDraft:
    texts = _texts(form, draft.language)
    made_of = next(filter(None, (texts[name].title for name in LANGUAGES if name in texts)), "")
    taken = [offer.slug for offer in (*draft.tiers, *draft.add_ons)]
    shipping = form.choice("shipping", [known.value for known in Shipping])
    return replace(
        before,
        slug=before.slug or slug_of(made_of, taken, other="reward"),
        texts=texts,
        price_minor=form.money("price", draft.currency).minor,
        quantity=_quantity(form),
        limit_per_backer=form.count("limit_per_backer", UNITS_LIMIT),
        starts_at=read_wall(form, "starts_at"),
        ends_at=read_wall(form, "ends_at"),
        closed=form.is_ticked("closed"),
        featured=form.is_ticked("featured"),
        delivery=form.optional_text("delivery", 20),
        shipping=Shipping(shipping) if shipping else before.shipping,
        rates=_rates(form, draft.currency),
        items=_items(form, draft),
    )


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


def _quantity(form: Form) -> int | None:
    """None if the field is empty: no limit."""
    typed = form.typed("quantity").strip()
    if not typed:
        return None
    count = form.count("quantity", 999_999)
    if not count:
        form.refuse("quantity", N_("Write a whole number from 1 to {most}."), most=QUANTITY_LIMIT - 1)
    return count


def _items(form: Form, draft: CampaignDraft) -> dict[str, int]:
    counts = {item.slug: form.count(f"items.{item.slug}", UNITS_LIMIT) for item in draft.items}
    return {slug: units for slug, units in counts.items() if units}


def _rates(form: Form, currency: str) -> dict[str, Rate]:
    rates = {}
    for n in range(RATES.count(form)):
        name = RATES.name(n, "country")
        code = _country(form.text(name, 60))
        if code not in all_countries():
            form.refuse(name, N_("“{typed}” is not a country. Choose one from the list."), typed=form.typed(name)[:40])
        elif code in rates:
            form.refuse(name, N_("This country stands in the list twice."))
        rates[code] = _rate(form, RATES.name(n, "first"), RATES.name(n, "further"), currency)
    if form.typed("elsewhere.first").strip() or form.typed("elsewhere.further").strip():
        rates[ELSEWHERE] = _rate(form, "elsewhere.first", "elsewhere.further", currency)
    return rates


def _rate(form: Form, first: str, further: str, currency: str) -> Rate:
    return Rate(form.money(first, currency).minor, form.optional_money(further, currency).minor)


def _country(typed: str) -> str:
    """The code of a country that was typed as its code, or by its name in one of our languages."""
    if typed.upper() in all_countries():
        return typed.upper()
    named = typed.casefold()
    for language in LANGUAGES:
        for code in all_countries():
            if i18n.country(code, language).casefold() == named:
                return code
    return typed


def _place(path: str, form: Form) -> str:
    """The field of a fault: rates by country are rows here, and a fault of them all is one of the shipping."""
    if path == "rates":
        return "shipping"
    code = path.removeprefix("rates.")
    if code == path:
        return path
    if code == ELSEWHERE:
        return "elsewhere.first"
    rows = (n for n in range(RATES.count(form)) if _country(form.typed(RATES.name(n, "country"))) == code)
    return next((RATES.name(n, "first") for n in rows), "shipping")

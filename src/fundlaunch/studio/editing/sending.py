"""How a reward is sent, and what that costs by country or region: rows of the reward's form."""

from collections.abc import Iterator, Mapping

from fundlaunch import i18n
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import TierDraft
from fundlaunch.campaigns.regions import REGIONS
from fundlaunch.campaigns.rules import ELSEWHERE, Rate
from fundlaunch.campaigns.states import Shipping
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs
from fundlaunch.web.forms import Form

SHIPPING = {
    Shipping.NONE: N_("Nothing is sent"),
    Shipping.DIGITAL: N_("By e-mail or download"),
    Shipping.PICK_UP: N_("Picked up at your place"),
    Shipping.SOME: N_("By post, to the countries and regions below"),
    Shipping.WORLDWIDE: N_("By post, worldwide"),
}

RATES = Rows("rates", ("country", "first", "further"), 260)
ELSEWHERE_FIELDS = ("elsewhere.first", "elsewhere.further")


def places(language: str) -> list[tuple[str, str]]:
    """Regions, then countries, by their names."""
    regions = [(region, i18n.country(region, language)) for region in REGIONS]
    return [*regions, *i18n.countries(sorted(all_countries()), language)]


def written(offer: TierDraft, currency: str) -> Pairs:
    """The fields of an offer's sending."""
    return [("shipping", offer.shipping.value), *_rates_written(offer, currency)]


def _rates_written(offer: TierDraft, currency: str) -> Iterator[tuple[str, str]]:
    n = 0
    for place, rate in offer.rates.items():
        first, further = (Money(minor, currency).plain() for minor in (rate.first_minor, rate.further_minor))
        if place == ELSEWHERE:
            yield from zip(ELSEWHERE_FIELDS, (first, further), strict=True)
            continue
        for name, value in (("country", place), ("first", first), ("further", further)):
            yield RATES.name(n, name), value
        n += 1


def read_shipping(form: Form, before: Shipping) -> Shipping:
    """The way it is sent; as before after a mistake."""
    chosen = form.choice("shipping", [known.value for known in Shipping])
    return Shipping(chosen) if chosen else before


def read_rates(form: Form, shipping: Shipping, currency: str) -> Mapping[str, Rate]:
    """Rates by country code, region or '*'. What the chosen way has no use for is left out: its fields are not seen."""
    if not shipping.is_sent:
        return {}
    rates: dict[str, Rate] = {}
    for n in range(RATES.count(form)):
        name = RATES.name(n, "country")
        place = place_of(form.text(name, 60))
        if place not in all_countries() and place not in REGIONS:
            form.refuse(
                name,
                N_("“{typed}” is no country or region. Choose one from the list."),
                typed=form.typed(name)[:40],
            )
            place = ""
        elif place in rates:
            form.refuse(name, N_("This place stands in the list twice."))
        rate = _rate(form, RATES.name(n, "first"), RATES.name(n, "further"), currency)
        rates |= {place: rate} if place else {}
    if not RATES.count(form) and shipping is Shipping.SOME:
        form.refuse("shipping", N_("Add the countries or regions it is sent to, or choose another way."))
    if shipping is Shipping.WORLDWIDE:
        rates[ELSEWHERE] = _rate(form, *ELSEWHERE_FIELDS, currency)
    return rates


def _rate(form: Form, first: str, further: str, currency: str) -> Rate:
    return Rate(form.money(first, currency).minor, form.optional_money(further, currency).minor)


def place_of(typed: str) -> str:
    """The code of a country or region that was typed as its code, or by its name in one of our languages."""
    if typed.upper() in all_countries():
        return typed.upper()
    named = typed.casefold()
    if named in REGIONS:
        return named
    for language in LANGUAGES:
        for place in (*REGIONS, *all_countries()):
            if i18n.country(place, language).casefold() == named:
                return place
    return typed


def named(form: Form, language: str) -> Form:
    """The form as people see it: places by their names, in their language."""
    seen = {RATES.name(n, "country") for n in range(RATES.count(form))}
    pairs = [(name, _name(value, language) if name in seen else value) for name in form for value in form.chosen(name)]
    shown = Form(pairs)
    shown.errors.update(form.errors)
    return shown


def _name(typed: str, language: str) -> str:
    place = place_of(typed.strip())
    return i18n.country(place, language) if place in all_countries() or place in REGIONS else typed


def field_of(path: str, form: Form) -> str:
    """The field of a fault: rates by place are rows here, and a fault of them all is one of the sending."""
    if path == "rates":
        return "shipping"
    code = path.removeprefix("rates.")
    if code == path:
        return path
    if code == ELSEWHERE:
        return ELSEWHERE_FIELDS[0]
    rows = (n for n in range(RATES.count(form)) if place_of(form.typed(RATES.name(n, "country"))) == code)
    return next((RATES.name(n, "first") for n in rows), "shipping")

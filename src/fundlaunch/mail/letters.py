"""What letters know: the payload of a promise (JSON) made into frozen views with Money and instants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fundlaunch.errors import N_, BadInput
from fundlaunch.money import Money
from fundlaunch.outbox import Owed
from fundlaunch.web import accent

BRANDS = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}  # fmt: skip
"""The provider's words for kinds of cards, as they write themselves."""

HOUSE_COLOUR = "#2347c5"
"""What letters wear whose campaign has no colour that can be read."""

NO_REASON = N_("Your bank declined the charge and did not say why.")

DECLINES = {
    "insufficient_funds": N_("Your bank says that there was not enough money for it."),
    "expired_card": N_("The card has expired."),
    "incorrect_cvc": N_("The security code of the card did not fit."),
    "card_velocity_exceeded": N_("The card has reached its limit for now."),
    "withdrawal_count_limit_exceeded": N_("The card has reached its limit for now."),
    "card_not_supported": N_("The card does not allow this kind of payment."),
    "transaction_not_allowed": N_("The card does not allow this kind of payment."),
    "currency_not_supported": N_("The card cannot be charged in this currency."),
    "issuer_not_available": N_("Your bank could not be reached."),
    "processing_error": N_("Your bank could not be reached."),
    "authentication_required": N_("Your bank wants you to confirm the payment yourself."),
}
"""What a decline code means for its reader (https://docs.stripe.com/declines/codes).

Lost, stolen and suspected cards are told the plain `NO_REASON`, as the provider asks: the reader may be the thief.
"""


@dataclass(frozen=True, slots=True)
class CampaignWords:
    """The campaign a letter is about. `accent` is '#rrggbb'; `on_accent` is the colour of text on it."""

    slug: str
    title: str
    creator: str
    goal: Money
    pledged: Money
    backers: int
    deadline_at: datetime | None
    timezone: str
    accent: str
    on_accent: str


@dataclass(frozen=True, slots=True)
class LineWords:
    """One thing a pledge buys, with the price of all its units."""

    title: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class PledgeWords:
    """The pledge a letter is about. `card` is 'Visa •••• 4242' or ''; `country` an ISO 3166 code or ''."""

    name: str
    backer_number: int | None
    total: Money
    country: str
    shipping: Money
    bonus: Money
    lines: tuple[LineWords, ...]
    card: str
    ships: bool


@dataclass(frozen=True, slots=True)
class Links:
    """Where a letter leads, in its own language; '' where its payload names no such thing."""

    campaign: str
    pledge: str
    fix: str
    address: str
    studio: str
    sign_in: str
    follow: str
    leave: str


def views(owed: Owed, base_url: str, language: str) -> dict[str, object]:
    """Everything the templates of a letter may use. Raises LookupError, TypeError, ValueError for a broken payload."""
    campaign, pledge = owed.payload.get("campaign"), owed.payload.get("pledge")
    currency = campaign["currency"] if campaign else ""
    more = {name: _plain(name, value, currency) for name, value in owed.payload.get("more", {}).items()}
    return {
        "campaign": _campaign(campaign) if campaign else None,
        "pledge": _pledge(pledge) if pledge else None,
        "more": {_word(name): value for name, value in more.items()},
        "code": owed.payload.get("code", ""),
        "minutes": owed.payload.get("minutes", 0),
        "why": DECLINES.get(str(more.get("decline_code", "")), NO_REASON),
        "links": _links(owed.payload, base_url, language),
    }


def _campaign(facts: Mapping[str, Any]) -> CampaignWords:
    colour = _colour(facts["accent"])
    return CampaignWords(
        slug=facts["slug"],
        title=facts["title"],
        creator=facts["creator"],
        goal=Money(facts["goal_minor"], facts["currency"]),
        pledged=Money(facts["pledged_minor"], facts["currency"]),
        backers=facts["backers"],
        deadline_at=_instant(facts["deadline_at"]) if facts["deadline_at"] else None,
        timezone=facts["timezone"],
        accent=colour,
        on_accent=accent.text_on(colour),
    )


def _colour(typed: str) -> str:
    try:
        return accent.check(typed)
    except BadInput:
        return HOUSE_COLOUR


def _pledge(facts: Mapping[str, Any]) -> PledgeWords:
    currency = facts["currency"]
    return PledgeWords(
        name=facts["name"],
        backer_number=facts["backer_number"],
        total=Money(facts["total_minor"], currency),
        country=facts["country"],
        shipping=Money(facts["shipping_minor"], currency),
        bonus=Money(facts["bonus_minor"], currency),
        lines=tuple(
            LineWords(line["title"], line["quantity"], Money(line["amount_minor"], currency)) for line in facts["lines"]
        ),
        card=_card(facts["card_brand"], facts["card_last4"]),
        ships=facts["ships"],
    )


def _card(brand: str, last4: str) -> str:
    return f"{BRANDS.get(brand, brand.capitalize())} •••• {last4}".strip() if last4 else ""


def _links(payload: Mapping[str, Any], base_url: str, language: str) -> Links:
    def link(path: str, named: str) -> str:
        return f"{base_url}{path.format(named)}?lang={language}" if named else ""

    slug = payload.get("campaign", {}).get("slug", "")
    pledge = payload.get("pledge", {}).get("token", "")
    follower = payload.get("follower", {}).get("token", "")
    return Links(
        campaign=link("/campaigns/{}", slug),
        pledge=link("/pledges/{}", pledge),
        fix=link("/pledges/{}/fix", pledge),
        address=link("/pledges/{}/address", pledge),
        studio=link("/studio", "studio"),
        sign_in=link("/sign-in/link/{}", payload.get("token", "")),
        follow=link("/followers/{}", follower),
        leave=link("/followers/{}/leave", follower),
    )


def leave_address(payload: Mapping[str, Any], base_url: str) -> str:
    """Where a follower leaves, for programs; '' for letters to anybody else."""
    follower = payload.get("follower", {}).get("token", "")
    return f"{base_url}/followers/{follower}/leave" if follower else ""


def _plain(name: str, value: object, currency: str) -> object:
    """A value of `more` by what its name ends with: `_minor` is money of the campaign, `_at` an instant."""
    if name.endswith("_minor") and isinstance(value, int):
        return Money(value, currency)
    if name.endswith("_at") and isinstance(value, str):
        return _instant(value)
    return value


def _word(name: str) -> str:
    return name.removesuffix("_minor")


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant without a zone")
    return found

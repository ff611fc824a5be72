"""What lists are made of, as frozen rows. Amounts in minor units, times aware in UTC, countries ISO 3166 alpha-2."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from fundlaunch.pledges.states import COUNTS, PledgeOrigin, PledgeState

Line = TypeVar("Line")


class ListKind(StrEnum):
    """The three kinds of list; the value is the word in addresses and on the command line."""

    BACKERS = "backers"
    ITEMS = "items"
    PICKLIST = "picklist"


class Personal(StrEnum):
    """Whether names, e-mail addresses, telephone numbers and postal addresses are in the list."""

    INCLUDED = "included"
    LEFT_OUT = "left_out"


NO_TIER = "-"
"""The `tier` of a choice that asks for the pledges without one (a slug never is a hyphen alone)."""

TO_PACK = COUNTS - {PledgeState.DROPPED}
"""What a fulfilment list holds unless asked otherwise: nothing is packed for a pledge that was never paid."""

DEFAULT_STATUSES: Mapping[ListKind, frozenset[PledgeState]] = {
    ListKind.BACKERS: COUNTS,
    ListKind.ITEMS: TO_PACK,
    ListKind.PICKLIST: TO_PACK,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pledges are asked for. `tier` is a slug, NO_TIER, or '' for all; `country` a code, or '' for all."""

    statuses: frozenset[PledgeState] = COUNTS
    tier: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of the campaign."""

    id: str
    sku: str
    name: str
    weight_grams: int


@dataclass(frozen=True, slots=True)
class ListedTier:
    """A tier or an add-on of the campaign with its items: (item, how many of it one unit brings), granted ones too."""

    id: str
    slug: str
    title: str
    is_add_on: bool
    is_sent: bool
    price_minor: int
    items: tuple[tuple[ListedItem, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a campaign offers, in the order of its page, and what its lists are written with.

    `zone` is the IANA name of the campaign's time zone, `countries` those of the pledges asked for, sorted.
    """

    campaign_id: str
    slug: str
    title: str
    currency: str
    zone: str
    tiers: tuple[ListedTier, ...]
    add_ons: tuple[ListedTier, ...]
    items: tuple[ListedItem, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as it was given."""

    name: str
    company: str
    line1: str
    line2: str
    line3: str
    city: str
    district: str
    state: str
    postcode: str
    country: str
    phone: str
    delivery_notes: str
    updated_at: datetime


class AddressStatus(StrEnum):
    """A pledge without an address stays in the list and says so."""

    GIVEN = "given"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class BackerRow:
    """One pledge. `units` counts tiers and add-ons by id, `items` counts items by id over all lines."""

    pledge_id: str
    backer_number: int | None
    status: PledgeState
    name: str
    email: str
    language: str
    country: str
    ref: str
    currency: str
    tier: ListedTier | None
    tier_quantity: int
    tier_price_minor: int
    lines_minor: int
    shipping_minor: int
    bonus_minor: int
    total_minor: int
    collected_minor: int
    pledged_at: datetime
    units: Mapping[str, int]
    items: Mapping[str, int]
    address_status: AddressStatus
    address: PostalAddress | None
    origin: PledgeOrigin = PledgeOrigin.CAMPAIGN
    refunded_minor: int = 0


@dataclass(frozen=True, slots=True)
class ItemLine:
    """So many of one item for one pledge."""

    backer: BackerRow
    item: ListedItem
    quantity: int


@dataclass(frozen=True, slots=True)
class PickLine:
    """So many of one item over all pledges asked for; `by_country` splits the quantity. `item` None: the sum of all."""

    item: ListedItem | None
    quantity: int
    pledges: int
    by_country: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many pledges, and the sum of their totals in minor units."""

    pledges: int
    amount_minor: int


@dataclass(slots=True)
class Tally:
    """Counts what passes by while a list is written."""

    pledges: int = 0
    amount_minor: int = 0
    rows: int = 0

    def counting(self, backers: Iterable[BackerRow]) -> Iterator[BackerRow]:
        """The same rows, counted as they pass."""
        for backer in backers:
            self.pledges += 1
            self.amount_minor += backer.total_minor
            yield backer

    def numbering(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines, counted as they pass."""
        for line in lines:
            self.rows += 1
            yield line

    def totals(self) -> Totals:
        return Totals(self.pledges, self.amount_minor)

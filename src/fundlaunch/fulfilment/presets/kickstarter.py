"""Kickstarter's backer report as of 2024, which most tools of the field read.

Header names and cell forms follow that report: money as `$1,000.00` or `SEK 1,000.00`, times as `2018/03/28, 10:27`, a
byte-order mark at the start. A pledge whose address is missing says so in Notes; its Survey Response stays empty.
"""

from collections.abc import Callable, Sequence

from fundlaunch.fulfilment import cells
from fundlaunch.fulfilment.columns import Column, Forms, Kind, Preset, distinct
from fundlaunch.fulfilment.presets.own import each, of_address
from fundlaunch.fulfilment.rows import AddressStatus, BackerRow, Catalogue, ListKind, PostalAddress
from fundlaunch.i18n import country
from fundlaunch.money import Money
from fundlaunch.pledges.states import PledgeState

NO_REWARD = "No reward"
ADDRESS_MISSING = "Address missing"
NOT_STARTED = "not_started"
"""The fulfilment status of a pledge of which nothing was sent."""

STATUS_WORDS = {PledgeState.AUTHENTICATION_REQUIRED: "errored"}
"""The report knows one word for a charge that did not go through; all other states have the same name there."""

FORMS = Forms(
    money=cells.money_signed,
    money_number=cells.money_number_format,
    time=cells.time_slashed,
    time_number='yyyy"/"mm"/"dd", "hh":"mm',
    has_zone=True,
    mark=b"\xef\xbb\xbf",
)


def columns(catalogue: Catalogue) -> Sequence[Column[BackerRow]]:
    """The report's columns, with one for each add-on and each item between Notes and Survey Response."""
    return distinct([*_pledge(), *_counts(catalogue), *_survey()])


def _money(minor: Callable[[BackerRow], int]) -> Callable[[BackerRow], Money]:
    return lambda row: Money(minor(row), row.currency)


def _pledge() -> list[Column[BackerRow]]:
    return [
        Column("Backer Number", lambda row: row.backer_number, Kind.COUNT),
        Column("Backer UID", lambda row: row.pledge_id),
        Column("Backer Name", lambda row: row.name, is_personal=True),
        Column("Email", lambda row: row.email, is_personal=True),
        Column("Shipping Country", lambda row: row.country),
        Column("Shipping Amount", _money(lambda row: row.shipping_minor), Kind.MONEY),
        Column("Reward Title", lambda row: row.tier.title if row.tier else NO_REWARD),
        Column("Backing Minimum", _money(lambda row: row.tier_price_minor), Kind.MONEY),
        Column("Reward ID", lambda row: row.tier.slug if row.tier else ""),
        Column("Bonus Support", _money(lambda row: row.bonus_minor), Kind.MONEY),
        Column("Pledge Amount", _money(lambda row: row.total_minor), Kind.MONEY),
        Column("Pledged At", lambda row: row.pledged_at, Kind.TIME),
        Column("Fulfillment Status", lambda _: NOT_STARTED),
        Column("Pledged Status", lambda row: STATUS_WORDS.get(row.status, row.status.value)),
        Column("Notes", lambda row: ADDRESS_MISSING if row.address_status is AddressStatus.MISSING else ""),
    ]


def _counts(catalogue: Catalogue) -> list[Column[BackerRow]]:
    """Counts by name. Items keep their names, which warehouses know; an add-on of the same name says what it is."""
    items = {item.name.casefold() for item in catalogue.items}

    def add_on(tier_id: str, title: str) -> Column[BackerRow]:
        header = f"{title} (add-on)" if title.casefold() in items else title
        return Column(header, lambda row: row.units.get(tier_id, 0), Kind.COUNT)

    def item(item_id: str, name: str) -> Column[BackerRow]:
        return Column(name, lambda row: row.items.get(item_id, 0), Kind.COUNT)

    return [add_on(tier.id, tier.title) for tier in catalogue.add_ons] + [item(i.id, i.name) for i in catalogue.items]


def _survey() -> list[Column[BackerRow]]:
    def personal(header: str, part: Callable[[PostalAddress], str], kind: Kind = Kind.TEXT) -> Column[BackerRow]:
        return Column(header, of_address(part), kind, is_personal=True)

    return [
        Column("Survey Response", lambda row: row.address.updated_at if row.address else None, Kind.TIME),
        personal("Shipping Name", lambda address: address.name),
        personal("Shipping Address 1", lambda address: address.line1),
        personal("Shipping Address 2", _second_line),
        personal("Shipping City", lambda address: address.city),
        personal("Shipping State", lambda address: address.state),
        personal("Shipping Postal Code", lambda address: address.postcode),
        Column("Shipping Country Name", of_address(lambda address: country(address.country, "en"))),
        Column("Shipping Country Code", of_address(lambda address: address.country)),
        personal("Shipping Phone Number", lambda address: address.phone, Kind.PHONE),
        personal("Shipping Delivery Notes", lambda address: address.delivery_notes),
    ]


def _second_line(address: PostalAddress) -> str:
    """The report has two lines: what has no column of its own there is kept in the second."""
    return ", ".join(part for part in (address.line2, address.line3, address.district, address.company) if part)


KICKSTARTER = Preset(ListKind.BACKERS, "kickstarter-2024", columns, each, FORMS)

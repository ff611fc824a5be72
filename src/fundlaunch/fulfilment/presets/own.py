"""FundLaunch's own backer list: stable snake_case names, documented in docs/lists.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fundlaunch.fulfilment.columns import Column, Kind, Preset
from fundlaunch.fulfilment.rows import BackerRow, Catalogue, ListKind, PostalAddress
from fundlaunch.money import Money


def each(backers: Iterable[BackerRow], catalogue: Catalogue) -> Iterator[BackerRow]:
    """One line for each pledge."""
    del catalogue
    yield from backers


def of_address(part: Callable[[PostalAddress], str]) -> Callable[[BackerRow], str]:
    """A part of the address, '' where none was given."""
    return lambda row: part(row.address) if row.address is not None else ""


def _money(minor: Callable[[BackerRow], int]) -> Callable[[BackerRow], Money]:
    return lambda row: Money(minor(row), row.currency)


def _counted(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    return "; ".join(f"{name} x{counts[key]}" for key, name in names.items() if counts.get(key))


def columns(catalogue: Catalogue) -> Sequence[Column[BackerRow]]:
    """The columns; their names and meaning never change, new ones are added at the end."""
    sku = {item.id: item.sku for item in catalogue.items}
    add_on = {tier.id: tier.slug for tier in catalogue.add_ons}
    return [
        Column("backer_number", lambda row: row.backer_number, Kind.COUNT),
        Column("pledge_id", lambda row: row.pledge_id),
        Column("status", lambda row: row.status.value),
        Column("pledged_at", lambda row: row.pledged_at, Kind.TIME),
        Column("name", lambda row: row.name, is_personal=True),
        Column("email", lambda row: row.email, is_personal=True),
        Column("language", lambda row: row.language),
        Column("country", lambda row: row.country),
        Column("tier", lambda row: row.tier.slug if row.tier else ""),
        Column("tier_title", lambda row: row.tier.title if row.tier else ""),
        Column("tier_quantity", lambda row: row.tier_quantity, Kind.COUNT),
        Column("add_ons", lambda row: _counted(row.units, add_on)),
        Column("items", lambda row: _counted(row.items, sku)),
        Column("currency", lambda row: row.currency),
        Column("lines_amount", _money(lambda row: row.lines_minor), Kind.MONEY),
        Column("shipping_amount", _money(lambda row: row.shipping_minor), Kind.MONEY),
        Column("bonus_amount", _money(lambda row: row.bonus_minor), Kind.MONEY),
        Column("pledge_amount", _money(lambda row: row.total_minor), Kind.MONEY),
        Column("collected_amount", _money(lambda row: row.collected_minor), Kind.MONEY),
        Column("referral", lambda row: row.ref),
        *_address(),
        Column("origin", lambda row: row.origin.value),
        Column("refunded_amount", _money(lambda row: row.refunded_minor), Kind.MONEY),
    ]


def _address() -> list[Column[BackerRow]]:
    def personal(header: str, part: Callable[[PostalAddress], str], kind: Kind = Kind.TEXT) -> Column[BackerRow]:
        return Column(header, of_address(part), kind, is_personal=True)

    return [
        Column("address_status", lambda row: row.address_status.value),
        personal("address_name", lambda address: address.name),
        personal("address_company", lambda address: address.company),
        personal("address_line_1", lambda address: address.line1),
        personal("address_line_2", lambda address: address.line2),
        personal("address_line_3", lambda address: address.line3),
        personal("address_district", lambda address: address.district),
        personal("address_city", lambda address: address.city),
        personal("address_state", lambda address: address.state),
        personal("address_postcode", lambda address: address.postcode),
        Column("address_country", of_address(lambda address: address.country)),
        personal("address_phone", lambda address: address.phone, Kind.PHONE),
        personal("delivery_notes", lambda address: address.delivery_notes),
        Column("address_updated_at", lambda row: row.address.updated_at if row.address else None, Kind.TIME),
    ]


FUNDLAUNCH = Preset(ListKind.BACKERS, "fundlaunch", columns, each)

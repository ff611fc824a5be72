"""Fulfilment lists for warehouses: a line for each SKU of a pledge, or a pledge a line with a column for each SKU."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from fundlaunch.fulfilment.columns import Column, Kind, Preset, distinct
from fundlaunch.fulfilment.presets.own import each
from fundlaunch.fulfilment.rows import (
    AddressStatus,
    BackerRow,
    Catalogue,
    ItemLine,
    ListedItem,
    ListKind,
    PostalAddress,
)
from fundlaunch.money import share_half_up

ADDRESS_MISSING = "ADDRESS MISSING"
"""Stands in the first address line: no carrier takes it for a place, and nobody overlooks it."""

NANOGRAMS_OF_OUNCE = 28_349_523_125
NANOGRAMS_OF_GRAM = 1_000_000_000


def ounces(grams: int) -> Decimal:
    """A weight in avoirdupois ounces, to the hundredth (1 oz = 28.349523125 g)."""
    return Decimal(share_half_up(grams * 100, NANOGRAMS_OF_GRAM, NANOGRAMS_OF_OUNCE)).scaleb(-2)


def _recipient() -> list[Column[BackerRow]]:
    def personal(header: str, part: Callable[[PostalAddress], str], kind: Kind = Kind.TEXT) -> Column[BackerRow]:
        return Column(header, lambda row: part(row.address) if row.address else "", kind, is_personal=True)

    return [
        Column("Order #", lambda row: row.pledge_id if row.backer_number is None else str(row.backer_number)),
        Column("Recipient Full Name", lambda row: row.address.name if row.address else row.name, is_personal=True),
        Column("Recipient Email", lambda row: row.email, is_personal=True),
        personal("Recipient Phone", lambda address: address.phone, Kind.PHONE),
        personal("Recipient Company", lambda address: address.company),
        Column("Address Line 1", _first_line, is_personal=True),
        personal("Address Line 2", lambda address: address.line2),
        personal("Address Line 3", lambda address: ", ".join(filter(None, (address.line3, address.district)))),
        personal("City", lambda address: address.city),
        personal("State", lambda address: address.state),
        personal("Postal Code", lambda address: address.postcode),
        Column("Country Code", lambda row: row.address.country if row.address else row.country),
    ]


def _first_line(row: BackerRow) -> str:
    if row.address is not None:
        return row.address.line1
    return ADDRESS_MISSING if row.address_status is AddressStatus.MISSING else ""


def _line_columns(catalogue: Catalogue) -> Sequence[Column[ItemLine]]:
    del catalogue
    return [
        *(_on_line(column) for column in _recipient()),
        Column("Item SKU", lambda line: line.item.sku),
        Column("Item Name / Title", lambda line: line.item.name),
        Column("Item Quantity", lambda line: line.quantity, Kind.COUNT),
        Column("Item Weight (oz)", lambda line: ounces(line.item.weight_grams), Kind.DECIMAL),
    ]


def _on_line(column: Column[BackerRow]) -> Column[ItemLine]:
    return Column(column.header, lambda line: column.cell(line.backer), column.kind, column.is_personal)


def _item_lines(backers: Iterable[BackerRow], catalogue: Catalogue) -> Iterator[ItemLine]:
    for backer in backers:
        for item in catalogue.items:
            if quantity := backer.items.get(item.id, 0):
                yield ItemLine(backer, item, quantity)


def _pledge_columns(catalogue: Catalogue) -> Sequence[Column[BackerRow]]:
    def counted(item: ListedItem) -> Column[BackerRow]:
        return Column(item.sku, lambda row: row.items.get(item.id, 0), Kind.COUNT)

    return distinct([*_recipient(), *(counted(item) for item in catalogue.items)])


ITEM_LINES = Preset(ListKind.ITEMS, "lines", _line_columns, _item_lines)
PER_PLEDGE = Preset(ListKind.ITEMS, "per-pledge", _pledge_columns, each)

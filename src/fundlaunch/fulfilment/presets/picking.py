"""The pick list: how many of each SKU to take from the shelf, over all pledges and by country. No personal data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fundlaunch.fulfilment.columns import Column, Kind, Preset, distinct
from fundlaunch.fulfilment.rows import BackerRow, Catalogue, ListKind, PickLine

ALL_ITEMS = "All items"
NOWHERE = "none"
"""The header for pledges that are sent to no country."""


def columns(catalogue: Catalogue) -> Sequence[Column[PickLine]]:
    """SKU, item, variant, quantity, pledges, then a column for each country of the pledges asked for."""

    def sent_to(country: str) -> Column[PickLine]:
        return Column(country or NOWHERE, lambda line: line.by_country.get(country, 0), Kind.COUNT)

    return distinct(
        [
            Column("SKU", lambda line: line.item.sku if line.item else ""),
            Column("Item", lambda line: line.item.name if line.item else ALL_ITEMS),
            Column("Variant", lambda _: ""),
            Column("Quantity", lambda line: line.quantity, Kind.COUNT),
            Column("Pledges", lambda line: line.pledges, Kind.COUNT),
            *(sent_to(country) for country in catalogue.countries),
        ]
    )


def lines(backers: Iterable[BackerRow], catalogue: Catalogue) -> Iterator[PickLine]:
    """A line for each item in the order of the campaign, then one that sums them. Pledges count once in each line."""
    quantities: Counter[tuple[str, str]] = Counter()
    pledges: Counter[str] = Counter()
    with_items = 0
    for backer in backers:
        with_items += bool(backer.items)
        for item_id, quantity in backer.items.items():
            quantities[item_id, backer.country] += quantity
            pledges[item_id] += 1
    everywhere: Counter[str] = Counter()
    for item in catalogue.items:
        by_country = {country: quantities[item.id, country] for country in catalogue.countries}
        everywhere.update(by_country)
        yield PickLine(item, sum(by_country.values()), pledges[item.id], by_country)
    yield PickLine(None, sum(everywhere.values()), with_items, everywhere)


PICKLIST = Preset(ListKind.PICKLIST, "picklist", columns, lines)

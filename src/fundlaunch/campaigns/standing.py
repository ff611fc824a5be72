"""What became of a campaign's pledges, as its public page says it. The pledges themselves stand in a higher layer, so
the page is handed a function that knows them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.money import Money


@dataclass(frozen=True, slots=True)
class Standing:
    """What was pledged = collected + waiting + recovering + dropped.

    `outstanding` counts pledges whose charge is neither collected nor dropped, `recovering_count` those of them whose
    charge failed. `backers_by_tier` holds pledges by tier id, None for those without a reward.
    """

    collected: Money
    waiting: Money
    recovering: Money
    dropped: Money
    outstanding: int
    recovering_count: int
    dropped_count: int
    backers_by_tier: Mapping[str | None, int]


AskStanding = Callable[[Session, Campaign], Standing]

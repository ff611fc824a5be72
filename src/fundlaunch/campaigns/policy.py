"""Every number of the field in one place (RULES sections 2 to 6). Actions and rules take them from here."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Recovery:
    """What happens after a failed charge: how long the backer has, when letters go out, when the card is tried again.

    Times are after the first failure. At most `most_tries` charges in the window, below what card rules allow
    (Visa: 15 in 30 days; STRIPE 3.1 asks for at most 4 in 7 days).
    """

    name: str
    window: timedelta
    remind_every: timedelta
    final_notice_before_end: timedelta
    most_tries: int


KICKSTARTER = Recovery("kickstarter", timedelta(days=7), timedelta(hours=48), timedelta(hours=24), most_tries=4)


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults of one installation."""

    duration_days: tuple[int, int] = (1, 60)
    advised_duration_days: int = 30
    tiers: int = 100
    stretch_goals: int = 50
    followers_shown_from: int = 10
    tags: int = 10
    item_options: int = 3
    item_variants: int = 100
    tier_limit_per_backer: int = 1
    add_on_limit_per_backer: int = 10
    hold: timedelta = timedelta(minutes=35)
    checkout: timedelta = timedelta(minutes=32)
    """How long the provider's page stays open: above its least of 30 minutes, below the hold (RULES 4, STRIPE 3.5)."""
    last_day: timedelta = timedelta(hours=24)
    checkout_lookup_after: timedelta = timedelta(minutes=10)
    recovery: Recovery = field(default=KICKSTARTER)


POLICY = Policy()

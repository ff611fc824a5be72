"""Faults on purpose: what goes wrong between a program and its payment provider, drawn from a seed."""

import random
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """One thing that goes wrong with a request."""

    DROP_BEFORE = "the connection closes before anything was done"
    DROP_AFTER = "it is carried out, and the connection closes without an answer"
    ERROR_BEFORE = "500, nothing done, nothing kept under the key"
    ERROR_AFTER = "carried out, yet answered with a 500, which is kept under the key"
    TOO_MANY = "429, nothing done"


@dataclass(frozen=True, slots=True)
class Odds:
    """How many of a thousand requests meet each fault; `paths` limits them to addresses that end so."""

    drop_before: int = 0
    drop_after: int = 0
    error_before: int = 0
    error_after: int = 0
    too_many: int = 0
    paths: tuple[str, ...] = ("",)


class FaultPlan:
    """Draws a fault, or none, for each request; the same seed gives the same sequence. Faults can also be queued."""

    def __init__(self, odds: Odds, *, seed: int) -> None:
        self._odds = odds
        self._random = random.Random(seed)  # noqa: S311 - a repeatable sequence of faults, not a secret
        self._queued: list[tuple[str, Fault]] = []

    def strike(self, path_ends: str, fault: Fault) -> None:
        """Have the next request whose address ends so meet this fault."""
        self._queued.append((path_ends, fault))

    def draw(self, path: str) -> Fault | None:
        """What befalls this request."""
        for place, (ending, fault) in enumerate(self._queued):
            if path.endswith(ending):
                del self._queued[place]
                return fault
        if not path.endswith(self._odds.paths):
            return None
        drawn = self._random.randrange(1_000)
        for fault, share in self._shares():
            if drawn < share:
                return fault
            drawn -= share
        return None

    def _shares(self) -> tuple[tuple[Fault, int], ...]:
        odds = self._odds
        return (
            (Fault.DROP_BEFORE, odds.drop_before),
            (Fault.DROP_AFTER, odds.drop_after),
            (Fault.ERROR_BEFORE, odds.error_before),
            (Fault.ERROR_AFTER, odds.error_after),
            (Fault.TOO_MANY, odds.too_many),
        )


def no_faults() -> FaultPlan:
    """A plan under which everything goes well, until a fault is queued."""
    return FaultPlan(Odds(), seed=0)

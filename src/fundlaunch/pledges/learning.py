"""Applying what the provider said, each fact in a transaction of its own."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from fundlaunch.database import Database
from fundlaunch.errors import Conflict
from fundlaunch.payments.facts import Fact
from fundlaunch.payments.gateway import ProviderRefused
from fundlaunch.pledges.actions import apply

log = logging.getLogger(__name__)


def learn(database: Database, facts: Iterable[Fact], now: datetime) -> None:
    """Apply every fact; raises Conflict for one that contradicts our books."""
    for fact in facts:
        with database.transaction() as session:
            apply(session, fact, now)


def learn_or_log(database: Database, ask: Callable[[], Iterable[Fact]], now: datetime) -> bool:
    """Ask and apply; what the provider will not tell, or what contradicts our books, is left to a person.

    It is logged, False is given, and nobody behind it has to wait. Raises ProviderOutOfReach.
    """
    try:
        learn(database, ask(), now)
    except (ProviderRefused, Conflict) as error:
        log.error("passed over: %s", error)  # noqa: TRY400 - its sentence says it all
        return False
    return True

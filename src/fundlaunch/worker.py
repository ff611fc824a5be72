"""The chores, in order, each bounded. Any number of processes may run them; the rows say what is due.

A chore that cannot go on (provider or mail out of reach) is logged in one line and tried again in the next round; it
never stops the others.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fundlaunch import inbox, outbox
from fundlaunch.campaigns import launches
from fundlaunch.campaigns.prelaunch import telling
from fundlaunch.campaigns.prelaunch.actions import forget_old
from fundlaunch.campaigns.states import Review
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.errors import FundLaunchError
from fundlaunch.payments.gateway import Gateway
from fundlaunch.people.sessions import forget_finished
from fundlaunch.pledges import closing, collection, recovery, refunding, sweeping
from fundlaunch.pledges.actions import apply

log = logging.getLogger(__name__)

ROUNDS = 500
"""Batches of one chore in one round of chores; what is left comes with the next round."""

PAUSE = timedelta(seconds=1)
SWEEP_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Works:
    """Everything the chores need. `keepers` keep the outbox's promises, by kind."""

    database: Database
    gateway: Gateway
    clock: Clock
    speed: collection.Speed
    keepers: Mapping[str, outbox.Keeper]
    review: Review = Review.OFF


Chore = Callable[[Works, threading.Event], int]
"""Does one batch and says how large it was; 0 when nothing was due."""


def _apply_deliveries(works: Works, stop: threading.Event) -> int:
    del stop
    return inbox.work(works.database, works.gateway, apply, works.clock.now(), lease_seconds=works.speed.lease_seconds)


def _launch(works: Works, stop: threading.Event) -> int:
    del stop
    return launches.launch_due(works.database, works.review, works.clock.now())


def _tell_followers(works: Works, stop: threading.Event) -> int:
    del stop
    return telling.tell_followers(works.database, works.clock.now())


def _expire_holds(works: Works, stop: threading.Event) -> int:
    del stop
    return closing.expire_holds(works.database, works.gateway, works.clock.now())


def _close(works: Works, stop: threading.Event) -> int:
    del stop
    return closing.close_due(works.database, works.gateway, works.clock)


def _settle(works: Works, stop: threading.Event) -> int:
    del stop
    return closing.settle_due(works.database, works.gateway, works.clock.now())


def _charge(works: Works, stop: threading.Event) -> int:
    return collection.charge_due(works.database, works.gateway, works.clock, works.speed, stop)


def _give_back(works: Works, stop: threading.Event) -> int:
    return refunding.give_due(works.database, works.gateway, works.clock, works.speed, stop)


def _remind(works: Works, stop: threading.Event) -> int:
    del stop
    return recovery.remind_due(works.database, works.clock.now())


def _drop(works: Works, stop: threading.Event) -> int:
    del stop
    return recovery.drop_due(works.database, works.gateway, works.clock.now())


def _keep_promises(works: Works, stop: threading.Event) -> int:
    del stop
    return outbox.keep_due(works.database, works.keepers, works.clock.now())


CHORES: Mapping[str, Chore] = {
    "deliveries": _apply_deliveries,
    "launches": _launch,
    "followers": _tell_followers,
    "holds": _expire_holds,
    "refunds": _give_back,
    "closing": _close,
    "settling": _settle,
    "charges": _charge,
    "reminders": _remind,
    "drops": _drop,
    "promises": _keep_promises,
}

CHARGES = {"charges": _charge, "refunds": _give_back}
"""What moves money, at the provider's pace: it has a thread of its own."""

OTHERS = {name: chore for name, chore in CHORES.items() if name not in CHARGES}


def tick(works: Works, stop: threading.Event, chores: Mapping[str, Chore] = CHORES) -> dict[str, int]:
    """Run every chore until nothing of it is due; gives how much each did."""
    return {name: _run(name, chore, works, stop) for name, chore in chores.items() if not stop.is_set()}


def sweep(works: Works) -> dict[str, int]:
    """Heal what lost webhooks left open, now; gives how much was looked at. Raises ProviderOutOfReach."""
    now = works.clock.now()
    return {
        "events": inbox.backfill(works.database, works.gateway, now),
        "deliveries": _run("deliveries", _apply_deliveries, works, threading.Event()),
        "checkouts": sweeping.sweep_checkouts(works.database, works.gateway, now),
        "refunds": refunding.sweep_refunds(works.database, works.gateway, now),
        "payments": sweeping.sweep_payments(works.database, works.gateway, now),
    }


def work(works: Works, stop: threading.Event) -> None:
    """Run the chores round after round until `stop` is set, and sweep every ten minutes.

    Charges and refunds have a thread of their own: a large collection takes minutes, and the backers of other campaigns
    must not wait for it.
    """
    charging = threading.Thread(target=_go_round, args=(works, stop, CHARGES), name="charges")
    charging.start()
    next_sweep = works.clock.now() + SWEEP_EVERY
    while not stop.is_set():
        tick(works, stop, OTHERS)
        if works.clock.now() >= next_sweep:
            next_sweep = works.clock.now() + SWEEP_EVERY
            _guarded("sweep", lambda: sum(sweep(works).values()))
            _guarded("forgetting", lambda: _forget(works))
        works.clock.wait_until(works.clock.now() + PAUSE, stop)
    charging.join()


def _go_round(works: Works, stop: threading.Event, chores: Mapping[str, Chore]) -> None:
    while not stop.is_set():
        tick(works, stop, chores)
        works.clock.wait_until(works.clock.now() + PAUSE, stop)


def _forget(works: Works) -> int:
    with works.database.transaction() as session:
        now = works.clock.now()
        return forget_finished(session, now) + forget_old(session, now)


def _run(name: str, chore: Chore, works: Works, stop: threading.Event) -> int:
    done = 0
    for _ in range(ROUNDS):
        some = _guarded(name, lambda: chore(works, stop))
        done += some
        if not some or stop.is_set():
            break
    return done


def _guarded(name: str, chore: Callable[[], int]) -> int:
    try:
        return chore()
    except FundLaunchError as error:
        log.warning("%s will go on later: %s", name, error)
    except Exception:
        log.exception("%s failed and will be tried again", name)
    return 0

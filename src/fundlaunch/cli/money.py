"""tick, collect, sweep, verify."""

import argparse
import json
import sys
import threading
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import select

from fundlaunch import worker
from fundlaunch.app import House
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.cli.standing import open_gateway, read_settings
from fundlaunch.clock import Clock, SimulatedClock
from fundlaunch.database import Database
from fundlaunch.errors import N_, Misconfigured, NotFound, Refused
from fundlaunch.pledges import collection
from fundlaunch.serving import opened
from fundlaunch.verify import CHECKS
from fundlaunch.verify import verify as check_books

WAIT_SECONDS = 1


def tick(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run every chore once, now or as if it were --now."""
    settings = read_settings(environment)
    clock = SimulatedClock(_instant(chosen.now)) if chosen.now else settings.real_clock()
    if chosen.now and settings.is_live:
        raise Misconfigured(N_("--now cannot be used with a live key: it would charge cards before their time."))
    with opened(settings) as database, open_gateway(settings, clock) as gateway:
        done = worker.tick(House(settings, database, gateway, clock, ()).works, threading.Event())
    print(", ".join(f"{name} {count}" for name, count in done.items()))
    return 0


def collect(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Charge one campaign's pledges until none is due, or pause or resume its charges."""
    settings = read_settings(environment)
    clock = settings.real_clock()
    with opened(settings) as database:
        if chosen.pause or chosen.resume:
            _set_pause(database, chosen.slug, paused=chosen.pause)
            return 0
        campaign = _successful(database, chosen.slug)
        with open_gateway(settings, clock) as gateway:
            _collect(House(settings, database, gateway, clock, ()).works, campaign, clock)
        left = collection.outstanding(database, campaign.id)
    print(f"Nothing is due now. {left} pledges are in recovery." if left else "Every pledge is collected or dropped.")
    return 0


def sweep(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Heal what lost webhooks left open."""
    del chosen
    settings = read_settings(environment)
    clock = settings.real_clock()
    with opened(settings) as database, open_gateway(settings, clock) as gateway:
        done = worker.sweep(House(settings, database, gateway, clock, ()).works)
    print(", ".join(f"{name} {count}" for name, count in done.items()))
    return 0


def verify(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Check every invariant; exit code 1 if any is violated."""
    settings = read_settings(environment)
    with opened(settings) as database, database.reading() as session:
        found = check_books(session, settings.real_clock().now())
    if chosen.json:
        violations = {name: {"count": one.count, "first": list(one.first)} for name, one in found.items()}
        print(json.dumps({"violations": violations, "checked": {name: one.checked for name, one in found.items()}}))
    else:
        says = {check.id: check.says for check in CHECKS}
        for name, one in found.items():
            verdict = f"{one.count} VIOLATIONS: {', '.join(one.first)}" if one.count else "holds"
            print(f"{name}  {verdict} ({one.checked} looked at): {says[name]}")
    return 1 if any(one.count for one in found.values()) else 0


def _collect(works: worker.Works, campaign: Campaign, clock: Clock) -> None:
    stop = threading.Event()
    total = collection.outstanding(works.database, campaign.id)
    while claimed := collection.charge_due(
        works.database, works.gateway, clock, works.speed, stop, campaign=campaign.id
    ):
        left = collection.outstanding(works.database, campaign.id)
        seconds = left // works.speed.per_second
        print(f"{total - left} of {total} done, {claimed} just now, about {seconds} s to go", file=sys.stderr)


def _set_pause(database: Database, slug: str, *, paused: bool) -> None:
    with database.transaction() as session:
        campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one_or_none()
        if campaign is None:
            raise NotFound(N_("There is no campaign “{slug}”. Look at the list for its address."), slug=slug)
        campaign.collection_paused = paused
        session.add(campaign)
    print("Charging is paused." if paused else "Charging goes on.")


def _successful(database: Database, slug: str) -> Campaign:
    with database.reading() as session:
        campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise NotFound(N_("There is no campaign “{slug}”. Look at the list for its address."), slug=slug)
    if campaign.status is not CampaignState.SUCCESSFUL:
        raise Refused(
            N_("“{slug}” is {status}; only a successful campaign is collected."), slug=slug, status=campaign.status
        )
    return campaign


def _instant(typed: str) -> datetime:
    try:
        instant = datetime.fromisoformat(typed)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Misconfigured(
            N_("--now is “{typed}”; write an instant such as 2026-12-11T18:00:00+00:00."), typed=typed[:40]
        )
    return instant

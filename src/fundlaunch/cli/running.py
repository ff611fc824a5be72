"""serve, work, demo, simulator."""

import argparse
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from fundlaunch.cli.standing import open_gateway, read_settings
from fundlaunch.clock import RealClock
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.serving import opened

MOST_WORKERS = 64


def serve(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Serve the pages and do the chores; without a Stripe key with the local stand-in beside them."""
    from fundlaunch import serving

    settings = read_settings(environment)
    if not 1 <= chosen.workers <= MOST_WORKERS:
        raise Misconfigured(N_("--workers is a number from 1 to {most}."), most=MOST_WORKERS)
    if chosen.workers > 1 and not settings.uses_stripe:
        raise Misconfigured(N_("More than one worker needs a Stripe key: the stand-in lives in one process."))
    serving.serve(settings, workers=chosen.workers, announce=lambda line: print(line, flush=True))
    return 0


def work(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Do the chores until stopped; what is under way is finished first."""
    del chosen
    from fundlaunch import worker
    from fundlaunch.app import House

    settings = read_settings(environment)
    clock = settings.real_clock()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with opened(settings) as database, open_gateway(settings, clock) as gateway:
        worker.work(House(settings, database, gateway, clock, ()).works, stop)
    return 0


def demo(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Start the demo: invented campaigns in mid-flight, the stand-in for Stripe, an outbox page."""
    from fundlaunch.demo.running import run

    run(environment, fresh=chosen.fresh, announce=lambda line: print(line, flush=True))
    return 0


def simulator(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run the stand-in for Stripe alone."""
    from fundlaunch.payments.simulator.server import run

    read_settings({name: value for name, value in environment.items() if name == "FUNDLAUNCH_LOG_FORMAT"})
    if bool(chosen.webhook) != bool(chosen.webhook_secret):
        raise Misconfigured(N_("--webhook and --webhook-secret belong together: give both or none."))
    print(f"The stand-in for Stripe listens at http://{chosen.host}:{chosen.port} (its panel: /panel).", flush=True)
    run(
        chosen.host,
        chosen.port,
        webhook_url=chosen.webhook,
        webhook_secret=chosen.webhook_secret,
        file=Path(chosen.file) if chosen.file else None,
        clock=RealClock(),
    )
    return 0

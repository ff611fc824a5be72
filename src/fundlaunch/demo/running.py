"""Starting the demo: made once, then served with its own clock beside the provider's stand-in."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.types import ASGIApp

from fundlaunch.app import House, site
from fundlaunch.clock import TravellingClock
from fundlaunch.database import Database
from fundlaunch.demo.acts import Acts
from fundlaunch.demo.hook import webhook_url
from fundlaunch.demo.pages import demo_routes
from fundlaunch.demo.people import CREATOR
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.mail.pages import outbox_routes
from fundlaunch.payments.simulator.local import KEY, local_provider
from fundlaunch.payments.simulator.panel import PanelHooks
from fundlaunch.payments.simulator.server import LOOPBACK
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.people.actions import make_link
from fundlaunch.serving import bound, opened
from fundlaunch.serving import run as serve
from fundlaunch.settings import PREFIX, Settings, read

FOLDER = "demo"
PARTIAL = "demo-under-way"
CLOCK = "clock"
PER_SECOND = 50
"""Charges a second: nobody wants to wait for a demo, and the stand-in can take it."""

LINK_LASTS = timedelta(days=1)
KEPT_SETTINGS = ("PORT", "HOST", "DATA_DIR", "BASE_URL", "LOG_FORMAT", "DEBUG")
"""Settings that a demo follows; keys, databases and mail servers of the surroundings are none of its business."""


Maker = Callable[[Settings, Callable[[str], None]], None]
"""What fills an empty folder with a demo and announces what it does."""


@dataclass(frozen=True)
class Ribbon:
    """What the line on top of every page needs: the address of the provider's panel."""

    panel: str


def run(environment: Mapping[str, str], *, fresh: bool, announce: Callable[[str], None] = print) -> None:
    """Serve the demo until asked to stop; the first start makes it, `fresh` makes it anew.

    Raises Misconfigured: a port is taken, the folder cannot be written.
    """
    settings = demo_settings(environment)
    with bound(settings.host, settings.port) as listening:
        with bound(LOOPBACK, settings.port + 1):
            pass
        prepare(settings, announce, fresh=fresh)
        with opened(settings) as database, open_house(settings, database) as (house, provider_url):
            _welcome(house, provider_url, announce)
            serve(listening, demo_site(house, provider_url))


def demo_site(house: House, provider_url: str) -> ASGIApp:
    """The whole site with the demo's pages and its chores."""
    routes = [*outbox_routes(house.shell), *demo_routes(house.shell, f"{provider_url}/panel")]
    return site(house, more=routes, checkout_origin=provider_url)


def demo_settings(environment: Mapping[str, str]) -> Settings:
    """The demo's own settings: a folder inside the data folder, and nothing that leads out of this machine."""
    names = [*(PREFIX + name for name in KEPT_SETTINGS), "PORT"]
    found = read({name: environment[name] for name in names if name in environment})
    return replace(found, data_dir=found.data_dir / FOLDER, stripe_rate_per_second=PER_SECOND)


def prepare(
    settings: Settings,
    announce: Callable[[str], None],
    *,
    fresh: bool,
    make: Maker | None = None,
) -> None:
    """Make the demo's folder unless it is there; a start that was interrupted is begun again. Raises Misconfigured.

    `make` fills an empty folder; without one the whole demo is made.
    """
    folder = settings.data_dir
    if folder.is_dir() and not fresh:
        return
    if make is None:
        from fundlaunch.demo.building import build

        make = build
    partial = folder.with_name(PARTIAL)
    try:
        for old in (partial, folder):
            if old.exists():
                shutil.rmtree(old)
        partial.mkdir(parents=True)
        make(replace(settings, data_dir=partial), announce)
        partial.replace(folder)
    except OSError as error:
        raise Misconfigured(
            N_("The demo's folder {path} cannot be written ({reason}). Choose another with FUNDLAUNCH_DATA_DIR."),
            path=folder,
            reason=(error.strerror or "unwritable").lower(),
        ) from error


@contextmanager
def open_house(settings: Settings, database: Database) -> Iterator[tuple[House, str]]:
    """The house of a demo that is made, and the address of the provider's stand-in beside it."""
    clock = TravellingClock(settings.data_dir / CLOCK)
    acts = Acts(database, clock)
    hooks = PanelHooks(campaigns=acts.campaigns, end_campaign=acts.end_campaign, travel=acts.travel)
    with local_provider(settings, clock, webhook_url=webhook_url(settings), hooks=hooks) as provider:
        gateway = StripeGateway(KEY, provider.base_url, clock=clock)
        ribbon = Ribbon(f"{provider.base_url}/panel")
        house = House(settings, database, gateway, clock, (provider.webhook_secret,), demo=ribbon)
        yield house, provider.base_url
        gateway.close()


def _welcome(house: House, provider_url: str, announce: Callable[[str], None]) -> None:
    base_url = house.settings.base_url
    with house.database.transaction() as session:
        token = make_link(session, CREATOR.email, house.clock.now(), next_path="/studio", lasts=LINK_LASTS)
    announce(f"FundLaunch's demo is at {base_url} (Ctrl+C stops it; what you do there is kept).")
    announce(f"  The creator's studio, by a link that works once: {base_url}/sign-in/link/{token}")
    announce(f"  Letters that would have been sent:              {base_url}/outbox")
    announce(f"  The payment provider's panel:                   {provider_url}/panel")

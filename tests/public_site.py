"""The public pages over a real database and the provider's stand-in, spoken to without a socket."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp

from fundlaunch import app
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.templates import Templates
from tests.asgi import client
from tests.house import BASE_URL, House, open_house
from tests.stage import NOW

KEY = "a-key-of-one-form-000000"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOBODY = "http://127.0.0.1:9"
"""An address at which nothing answers."""


@dataclass
class Site:
    """The pages with `browser`, and the `house` behind them."""

    app: ASGIApp
    browser: httpx.Client
    house: House
    settings: Settings

    @property
    def media(self) -> Path:
        return self.settings.media_dir

    def get(self, address: str, status: int = 200) -> str:
        """The page at an address, its text as a reader has it: entities and no-break spaces resolved."""
        answer = self.browser.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text)
        return readable(answer.text)

    def post(self, address: str, **fields: str) -> httpx.Response:
        return self.browser.post(address, content=urlencode(fields), headers=FORM)

    def pledge(self, slug: str = "board", /, **fields: str) -> httpx.Response:
        """Send the review of a pledge as its page would: the sum that was shown is read from it."""
        choice = {name: value for name, value in fields.items() if name not in {"email", "accept"}}
        shown = self.browser.get(f"/campaigns/{slug}/pledge/review?" + urlencode(choice))
        seen = re.search(r'name="seen_total" value="([^"]*)"', shown.text)
        values = {"email": "mina@example.org", "accept": "yes", "request_key": KEY} | fields
        return self.post(f"/campaigns/{slug}/pledge", **({"seen_total": seen[1] if seen else ""} | values))

    @contextmanager
    def without_provider(self) -> Iterator["Site"]:
        """The same site while the provider does not answer."""
        made = composed(self.settings, self.house, silent_gateway())
        with client(made, BASE_URL) as browser:
            yield replace(self, app=made, browser=browser)


def readable(html: str) -> str:
    return unescape(html).replace("\u00a0", " ")


@contextmanager
def open_site(database: Database, folder: Path) -> Iterator[Site]:
    """The whole site around a fresh database; its clock stands at the stage's NOW."""
    settings = Settings(data_dir=folder, secret_key="k" * 40, base_url=BASE_URL)
    settings.media_dir.mkdir(parents=True)
    with open_house(database, start_at=NOW) as house:
        made = composed(settings, house, house.gateway)
        with client(made, BASE_URL) as browser:
            yield Site(made, browser, house, settings)


@contextmanager
def open_pages(database: Database, folder: Path) -> Iterator[Site]:
    """The same for pages that never ask the provider: it is not started."""
    settings = Settings(data_dir=folder, secret_key="k" * 40, base_url=BASE_URL)
    settings.media_dir.mkdir(parents=True)
    clock = SimulatedClock(NOW)
    house = House(database, clock, Simulator(clock), silent_gateway())
    made = composed(settings, house, house.gateway)
    with client(made, BASE_URL) as browser:
        yield Site(made, browser, house, settings)


@cache
def silent_gateway() -> StripeGateway:
    """A gateway whose provider never answers; one for all, since making one takes a while."""
    return StripeGateway("sk_test_house", NOBODY, clock=SimulatedClock(NOW))


@cache
def templates() -> Templates:
    """Compiled once for the whole run."""
    return Templates(Settings(secret_key="k" * 40, base_url=BASE_URL), assets.installed())


def composed(settings: Settings, house: House, gateway: StripeGateway) -> ASGIApp:
    """The program's own composition, without its chores."""
    parts = app.House(settings, house.database, gateway, house.clock, ("whsec_of_the_suite",))
    vars(parts)["templates"] = templates()
    return app.site(parts, chores=False)

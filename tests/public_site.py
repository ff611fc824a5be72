"""The public pages over a real database and the provider's stand-in, spoken to without a socket."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp

from fundlaunch import app
from fundlaunch.database import Database
from fundlaunch.settings import Settings
from tests.asgi import client
from tests.house import BASE_URL, House, open_house
from tests.stage import NOW

KEY = "a-key-of-one-form-000000"


@dataclass
class Site:
    """The pages with `browser`, and the `house` behind them."""

    app: ASGIApp
    browser: httpx.Client
    house: House
    media: Path

    def get(self, address: str, status: int = 200) -> str:
        """The page at an address, its text as a reader has it: entities and no-break spaces resolved."""
        answer = self.browser.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text)
        return readable(answer.text)

    def post(self, address: str, **fields: str) -> httpx.Response:
        return self.browser.post(address, data=fields)

    def pledge(self, slug: str = "board", /, **fields: str) -> httpx.Response:
        """Send the review of a pledge as its page would: the sum that was shown is read from it."""
        choice = {name: value for name, value in fields.items() if name not in {"email", "accept"}}
        shown = self.browser.get(f"/campaigns/{slug}/pledge/review?" + urlencode(choice))
        seen = re.search(r'name="seen_total" value="([^"]*)"', shown.text)
        values = {"email": "mina@example.org", "accept": "yes", "request_key": KEY} | fields
        return self.post(f"/campaigns/{slug}/pledge", **({"seen_total": seen[1] if seen else ""} | values))


def readable(html: str) -> str:
    return unescape(html).replace("\u00a0", " ")


@contextmanager
def open_site(database: Database, folder: Path) -> Iterator[Site]:
    """The whole site around a fresh database; its clock stands at the stage's NOW."""
    settings = Settings(data_dir=folder, secret_key="k" * 40, base_url=BASE_URL)
    settings.media_dir.mkdir(parents=True)
    with open_house(database, start_at=NOW) as house:
        parts = app.House(settings, database, house.gateway, house.clock, ("whsec_of_the_suite",))
        made = app.site(parts, chores=False)
        with client(made, BASE_URL) as browser:
            yield Site(made, browser, house, settings.media_dir)

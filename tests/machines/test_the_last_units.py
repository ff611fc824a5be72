"""Two hundred buyers at once for the last twenty units, over HTTP, on both databases."""

import re
import ssl
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from tests.house import NOON, live_campaign
from tests.site import Site, open_site

# A long run: what it walks through is walked branch by branch in tests of its own, so it need not be traced.
pytestmark = pytest.mark.no_cover

UNITS = 20
BUYERS = 200
AT_ONCE = 50

NO_ONE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whom the buyers trust: reading the machine's list for each of them would take longer than buying."""


@pytest.fixture
def shop(database: Database) -> Iterator[Site]:
    clock = SimulatedClock(NOON)
    with database.transaction() as session:
        live_campaign(session, NOON, quantity=UNITS)
    with open_site(database, clock) as site:
        yield site


def fields(site: Site) -> dict[str, str]:
    """The review page's hidden fields, as a browser would send them."""
    chosen = {"tier": "board", "quantity": "1", "country": "US", "bonus": ""}
    page = httpx.get(f"{site.base_url}/campaigns/board/pledge/review", params=chosen, verify=NO_ONE).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return hidden | chosen | {"accept": "1"}


def buy(site: Site, form: dict[str, str], number: int) -> httpx.Response:
    mine = form | {"email": f"buyer-{number}@example.org", "request_key": f"key-of-buyer-{number:04d}-xxxxxxxx"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    return httpx.post(f"{site.base_url}/campaigns/board/pledge", data=mine, headers=headers, timeout=60, verify=NO_ONE)


def test_twenty_are_sold_and_the_others_are_told_so_with_their_form_kept(shop: Site) -> None:
    form = fields(shop)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda number: buy(shop, form, number), range(BUYERS)))
    assert Counter(answer.status_code for answer in answers) == {303: UNITS, 409: BUYERS - UNITS}
    told = [answer.text for answer in answers if answer.status_code == 409]
    assert all("@example.org" in page for page in told)
    pages = shop.simulator.shapes("checkout.session")
    assert len(pages) == UNITS

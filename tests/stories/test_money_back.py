"""What a backer who paid at once is told when the money goes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns import actions
from fundlaunch.campaigns.states import Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from tests.public_site import Site, open_site
from tests.stage import board


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    """A campaign that keeps what comes in, with one paid pledge."""
    with sqlite_database.transaction() as session:
        board(session, backers=0, pledged_minor=0, last_backer_number=0, funding=Funding.FLEXIBLE)
    with open_site(sqlite_database, tmp_path) as opened:
        opened.pledge(tier="one", country="DE")
        opened.house.fill_in(opened.house.pledges()[0].token, "ok")
        opened.get(f"/pledges/{opened.house.pledges()[0].token}/thanks")
        yield opened


def page(site: Site) -> str:
    return site.get(f"/pledges/{site.house.pledges()[0].token}")


def test_a_canceled_pledge_says_where_its_money_is(site: Site) -> None:
    token = site.house.pledges()[0].token
    site.post(f"/pledges/{token}/cancel", reason="")
    assert "Your money is on its way back." in page(site)
    site.house.tick()
    assert "This pledge is canceled." in page(site)
    assert "Everything was paid back and the pledge ended" in page(site)


def test_who_paid_for_a_campaign_that_was_canceled_reads_that_the_money_was_sent(site: Site) -> None:
    with site.house.database.transaction() as session:
        assert session.exec(select(Campaign)).one().settling is False
        actions.cancel(session, "board", "The battery cannot be bought.", "noa@example.org", site.house.clock.now())
    site.house.tick()
    assert "Your money is on its way back." in page(site) or "You were paid back." in page(site)
    site.house.tick()
    assert "You were paid back." in page(site)
    assert "Paid back" in page(site)

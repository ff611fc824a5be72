"""What a backer is offered: secret, locked, featured and late rewards, add-ons that fit, and a second try."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from fundlaunch.campaigns.states import CampaignState, Funding, TierKind
from fundlaunch.campaigns.tables import AddOnTier, Campaign, StretchGoal, Tier
from fundlaunch.database import Database
from fundlaunch.payments.states import CheckoutState
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges.states import PledgeOrigin, PledgeState
from tests.public_site import KEY, Site, open_site
from tests.stage import NOW, board
from tests.stage import tier as put_tier

CHOOSE = "/campaigns/board/pledge"
ONE = {"tier": "one", "country": "DE"}
SECRET = "for-our-friends"


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with sqlite_database.transaction() as session:
        board(session, backers=0, pledged_minor=0, last_backer_number=0)
    with open_site(sqlite_database, tmp_path) as opened:
        yield opened


def found(session: Session, slug: str) -> Tier:
    return session.exec(select(Tier).where(Tier.slug == slug)).one()


def in_campaign(site: Site, **changes: object) -> None:
    with site.house.database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        for name, value in changes.items():
            setattr(campaign, name, value)


def test_a_secret_reward_is_there_only_with_its_link(site: Site) -> None:
    with site.house.database.transaction() as session:
        found(session, "one").secret_key = SECRET
    page = site.get("/campaigns/board")
    assert "One board" not in page
    assert SECRET not in page
    assert "There is no reward" in site.get(f"{CHOOSE}/review?tier=one&country=DE", 422)
    page = site.get(f"/campaigns/board?key={SECRET}")
    assert f"/campaigns/board/pledge?tier=one&key={SECRET}" in page
    assert "Only with this link" in page
    page = site.get(f"{CHOOSE}?tier=one&country=DE&key={SECRET}")
    assert f'name="key" value="{SECRET}"' in page
    assert f'name="key" value="{SECRET}"' in site.get(f"{CHOOSE}/review?tier=one&country=DE&key={SECRET}")
    assert site.pledge(**ONE, key="another").status_code == 422
    assert site.pledge(**ONE, key=SECRET).status_code == 303


def test_who_holds_a_secret_reward_changes_the_pledge_without_its_link(site: Site) -> None:
    with site.house.database.transaction() as session:
        found(session, "one").secret_key = SECRET
    site.pledge(**ONE, key=SECRET)
    [row] = site.house.pledges()
    site.house.fill_in(row.token, "ok")
    site.house.desk.look(row.token)
    assert "<h3>One board</h3>" in site.get(f"/pledges/{row.token}/change")
    values = ONE | {"bonus": "5", "version": str(site.house.pledges()[0].version), "seen_total": "529.00"}
    assert site.post(f"/pledges/{row.token}/change", **values).status_code == 303
    assert site.house.pledges()[0].total_minor == 529_00


def test_a_locked_reward_says_what_opens_it(site: Site) -> None:
    with site.house.database.transaction() as session:
        goal = session.exec(select(StretchGoal).where(StretchGoal.slug == "lights")).one()
        goal.opens_tier_id = found(session, "one").id
    page = site.get("/campaigns/board")
    assert "Opens with the stretch goal “A light in each truck”" in page
    assert "tier=one" not in page
    assert site.pledge(**ONE).status_code == 409
    with site.house.database.transaction() as session:
        session.exec(select(StretchGoal).where(StretchGoal.slug == "lights")).one().reached_at = NOW
    assert site.pledge(**ONE).status_code == 303


def test_featured_rewards_come_first_with_a_mark(site: Site) -> None:
    with site.house.database.transaction() as session:
        found(session, "crew").featured = True
    page = site.get("/campaigns/board")
    assert page.index("Five for the crew") < page.index("Early bird")
    assert page.count("Featured") == 1


def test_an_add_on_is_offered_only_with_its_rewards(site: Site) -> None:
    with site.house.database.transaction() as session:
        session.add(AddOnTier(add_on_id=found(session, "bag").id, tier_id=found(session, "crew").id))
    assert "Goes with Five for the crew" in site.get("/campaigns/board")
    assert "Travel bag" not in site.get(f"{CHOOSE}?tier=one&country=DE")
    assert "Travel bag" in site.get(f"{CHOOSE}?tier=crew&country=DE")
    answer = site.post(CHOOSE, **ONE, **{"add-bag": "1"}, email="a@example.org", accept="yes", request_key=KEY)
    assert answer.status_code == 422
    assert "“Travel bag” does not go with “One board”" in answer.text


def test_after_the_success_late_pledges_are_paid_at_once_at_their_own_price(site: Site) -> None:
    with site.house.database.transaction() as session:
        found(session, "one").late_price_minor = 549_00
    in_campaign(
        site, status=CampaignState.SUCCESSFUL, takes_late_pledges=True, frozen_at=NOW, deadline_at=NOW,
        pledged_minor=100_000_00, goal_minor=100_000_00,
    )  # fmt: skip
    page = site.get("/campaigns/board")
    assert "Make a late pledge" in page
    assert "Choose for $549" in page
    assert "You pay at once" in site.get(f"{CHOOSE}?tier=one&country=DE")
    assert "You pay $574.00 today." in site.get(f"{CHOOSE}/review?tier=one&country=DE")
    assert site.pledge(**ONE).status_code == 303
    [row] = site.house.pledges()
    assert (row.origin, row.total_minor) == (PledgeOrigin.LATE, 574_00)
    site.house.fill_in(row.token, "ok")
    page = site.get(f"/pledges/{row.token}/thanks")
    assert "receipt for <b>$574.00</b>" in page
    assert "Your card was charged $574.00 once." in site.get(f"/pledges/{row.token}")
    assert "and $574 in late pledges from 1 backer, not part of the total" in site.get("/campaigns/board")
    assert site.browser.get(f"/pledges/{row.token}/cancel").status_code == 409


def test_a_flexible_campaign_says_that_it_charges_at_once_and_pays_back(site: Site) -> None:
    in_campaign(site, funding=Funding.FLEXIBLE)
    assert "Keep what you raise." in site.get("/campaigns/board")
    site.pledge(**ONE)
    [row] = site.house.pledges()
    assert "One step is missing: the payment." in site.get(f"/pledges/{row.token}/resume")
    site.house.fill_in(row.token, "ok")
    assert "until then" in site.get(f"/pledges/{row.token}/thanks").lower()
    page = site.get(f"/pledges/{row.token}")
    assert "Until 11 December 2026 you can cancel and are paid back." in page
    assert "Change your pledge" not in page
    assert "All of it goes back to the card" in site.get(f"/pledges/{row.token}/cancel")
    assert site.post(f"/pledges/{row.token}/cancel", reason="").status_code == 303
    assert "Your money is on its way back." in site.get(f"/pledges/{row.token}?done=canceled")


def test_going_back_from_the_checkout_the_last_unit_can_be_chosen_differently(site: Site) -> None:
    with site.house.database.transaction() as session:
        one = found(session, "one")
        one.quantity = one.claimed + 1
    site.pledge(**ONE)
    [first] = site.house.pledges()
    page = site.get(f"/pledges/{first.token}/resume")
    again = f"{CHOOSE}?tier=one&quantity=1&country=DE&bonus=&request_key={first.token}"
    assert again in page
    assert "<h3>One board</h3>" in site.get(again)
    assert site.pledge(**ONE, bonus="5", request_key=first.token).status_code == 303
    by_total = {row.total_minor: row.status for row in site.house.pledges()}
    assert by_total == {524_00: PledgeState.EXPIRED, 529_00: PledgeState.PREAUTH}
    with site.house.database.reading() as session:
        pages = session.exec(select(Checkout.status)).all()
    assert sorted(pages) == [CheckoutState.EXPIRED, CheckoutState.OPEN]


def test_the_limit_of_one_backer_is_told_at_the_field_and_keeps_the_form(site: Site) -> None:
    site.pledge(**ONE)
    [row] = site.house.pledges()
    site.house.fill_in(row.token, "ok")
    site.house.desk.look(row.token)
    answer = site.pledge(**ONE, bonus="5", request_key="x" * 32)
    assert answer.status_code == 422
    assert "One backer can have “One board” 1 times at most" in answer.text
    assert 'value="mina@example.org"' in answer.text


def test_before_a_change_is_saved_the_last_day_rule_is_told(site: Site) -> None:
    site.pledge(**ONE, bonus="100")
    [row] = site.house.pledges()
    site.house.fill_in(row.token, "ok")
    site.house.desk.look(row.token)
    in_campaign(site, goal_minor=600_00, deadline_at=NOW + timedelta(hours=20))
    page = site.get(f"/pledges/{row.token}/change?tier=one&country=DE&bonus=10")
    assert "Until it ends this pledge can be lowered to $600.00 at the least." in page
    assert "at the least" not in site.get(f"/pledges/{row.token}/change?tier=one&country=DE&bonus=90")


def test_a_hundred_rewards_stand_on_one_page(site: Site) -> None:
    with site.house.database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        for n in range(95):
            put_tier(session, campaign, f"extra-{n}", f"Extra {n}", 10_00 + n % 7, kind=TierKind.BASE, position=10 + n)
    page = site.get("/campaigns/board")
    assert page.count("Choose for") == 98
    assert len(site.browser.get("/campaigns/board").content) < 300_000
    assert site.get(CHOOSE).count('name="tier"') == 99

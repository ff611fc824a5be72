"""A pledge's own pages: what its backer reads in every state, and may do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.pledges.states import PledgeEvent, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove
from tests.cast import JIWOO, MINA
from tests.public_site import Site, open_pages
from tests.stage import DEADLINE_AT, NOW, Chosen, board, pledge

WINDOW_ENDS_AT = NOW + timedelta(days=5)


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with open_pages(sqlite_database, tmp_path) as opened:
        yield opened


def put(site: Site, status: PledgeState, campaign_status: CampaignState = CampaignState.LIVE, **more: object) -> str:
    """A pledge of one board at 534.00 in a state; the address of its page."""
    ended = campaign_status is not CampaignState.LIVE
    with site.house.database.transaction() as session:
        campaign = board(session, status=campaign_status, frozen_at=DEADLINE_AT if ended else None)
        one = session.exec(select(Tier).where(Tier.slug == "one")).one()
        one.claimed = 1
        session.add(one)
        values = {"backer_number": 88} if status is not PledgeState.PREAUTH else {}
        row = pledge(session, campaign, status, Chosen(one, 25_00), MINA, **(values | more))
        return f"/pledges/{row.token}"


def test_a_confirmed_pledge_says_what_comes_next_and_what_can_be_done(site: Site) -> None:
    page = site.get(put(site, PledgeState.PLEDGED))
    for words in ("Confirmed, not charged", "Backer 88", "Visa", "•••• 4242", "534.00", "mina@example.org"):
        assert words in page
    assert "After 11 December 2026 your card pays $534.00, once" in page
    assert "Your card was saved and the pledge confirmed" in page
    assert "/change" in page
    assert "/cancel" in page
    assert "/address" not in page


def test_the_page_tells_its_address_to_nobody(site: Site) -> None:
    answer = site.browser.get(put(site, PledgeState.PLEDGED))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("page", ["", "/thanks", "/resume", "/change", "/cancel", "/fix"])
def test_a_wrong_token_opens_nothing(site: Site, page: str) -> None:
    put(site, PledgeState.PLEDGED)
    assert "There is no such pledge." in site.get(f"/pledges/not-a-token{page}", 404)


@pytest.mark.parametrize(
    ("status", "campaign_status", "sentence"),
    [
        (PledgeState.PREAUTH, CampaignState.LIVE, "One step is missing: your card."),
        (PledgeState.PLEDGED, CampaignState.SUCCESSFUL, "The goal was reached."),
        (PledgeState.PLEDGED, CampaignState.FAILED, "Your card is being released and is never charged."),
        (PledgeState.COLLECTED, CampaignState.SUCCESSFUL, "Your card was charged $534.00 once."),
        (PledgeState.ERRORED, CampaignState.SUCCESSFUL, "Your card was declined."),
        (PledgeState.AUTHENTICATION_REQUIRED, CampaignState.SUCCESSFUL, "Your bank wants to hear from you."),
        (PledgeState.DROPPED, CampaignState.SUCCESSFUL, "You owe nothing, and nothing will be charged."),
        (PledgeState.EXPIRED, CampaignState.LIVE, "The checkout ran out."),
        (PledgeState.CANCELED, CampaignState.LIVE, "This pledge is canceled."),
    ],
)
def test_every_state_has_its_sentence(
    site: Site, status: PledgeState, campaign_status: CampaignState, sentence: str
) -> None:
    page = site.get(put(site, status, campaign_status, window_ends_at=WINDOW_ENDS_AT))
    assert sentence in page


@pytest.mark.parametrize(
    ("campaign_status", "sentence"),
    [
        (CampaignState.FAILED, "The goal was not reached, so you pay nothing."),
        (CampaignState.CANCELED, "The campaign was canceled, so you pay nothing."),
    ],
)
def test_a_released_pledge_says_that_its_card_was_never_charged(
    site: Site, campaign_status: CampaignState, sentence: str
) -> None:
    address = put(site, PledgeState.CANCELED, campaign_status)
    with site.house.database.transaction() as session:
        row = session.exec(select(Pledge)).one()
        event = PledgeEvent.CAMPAIGN_RELEASED.value
        move = PledgeMove(
            pledge_id=row.id, seq=2, at=NOW, event=event, before="pledged", after="canceled", total_minor=1
        )
        session.add(move)
    page = site.get(address)
    assert sentence in page
    assert "Your card was never charged and has been released." in page


def test_after_the_deadline_nothing_can_be_changed_while_it_is_counted(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    site.house.clock.set(DEADLINE_AT)
    page = site.get(address)
    assert "The last pledges are being counted" in page
    assert "/change" not in page
    assert "cannot be changed or canceled any more" in site.get(f"{address}/change", 409)
    assert "cannot be changed or canceled any more" in site.get(f"{address}/cancel", 409)


def test_a_funded_campaign_asks_for_the_address_of_what_is_sent(site: Site) -> None:
    address = put(site, PledgeState.COLLECTED, CampaignState.SUCCESSFUL)
    assert f"{address}/address" in site.get(address)


def test_a_dropped_pledge_is_asked_for_no_address(site: Site) -> None:
    address = put(site, PledgeState.DROPPED, CampaignState.SUCCESSFUL)
    assert "/address" not in site.get(address)


def test_changing_opens_at_what_is_chosen_and_shows_the_difference(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    page = site.get(f"{address}/change")
    assert "<h3>One board</h3>" in page
    assert 'value="US" selected' in page
    assert 'value="10.00"' in page
    page = site.get(f"{address}/change?tier=one&country=US&bonus=10&add-bag=2")
    assert "What comes on top" in page
    assert "85.00" in page
    page = site.get(f"{address}/change?tier=early&country=US&bonus=10")
    assert "What falls away" in page
    assert "−89.00" in page


def test_a_change_is_saved_once_it_was_seen(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    wanted = {"tier": "one", "country": "US", "bonus": "10", "add-bag": "2", "version": "1"}
    unseen = site.post(f"{address}/change", **wanted, seen_total="524.00")
    assert unseen.status_code == 409
    assert "The sum has changed" in unseen.text
    saved = site.post(f"{address}/change", **wanted, seen_total="619.00", lang="en")
    assert saved.status_code == 303
    [row] = site.house.pledges()
    assert row.total_minor == 619_00
    page = site.get(saved.headers["location"])
    assert "Saved. Your pledge is now $619.00" in page
    assert "You changed the pledge" in page


def test_saving_twice_is_one_change(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    wanted = {"tier": "early", "country": "US", "bonus": "10", "version": "1", "seen_total": "445.00"}
    assert site.post(f"{address}/change", **wanted).status_code == 303
    assert site.post(f"{address}/change", **wanted).status_code == 303
    [row] = site.house.pledges()
    assert (row.total_minor, row.version) == (445_00, 2)


def test_a_change_made_meanwhile_in_another_tab_is_not_run_over(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    site.post(f"{address}/change", tier="early", country="US", bonus="10", version="1", seen_total="445.00")
    late = site.post(f"{address}/change", tier="crew", country="US", bonus="", version="1", seen_total="2220.00")
    assert late.status_code == 409
    assert "This pledge was changed meanwhile." in late.text
    [row] = site.house.pledges()
    assert row.total_minor == 445_00


def test_a_bad_amount_in_a_change_stays_in_its_form(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    answer = site.post(f"{address}/change", tier="one", country="US", bonus="1,000", version="1", seen_total="1")
    assert answer.status_code == 422
    assert "is not an amount" in answer.text
    assert 'value="1,000"' in answer.text


def test_a_sold_out_reward_in_a_change_is_told(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    answer = site.post(f"{address}/change", tier="first", country="", bonus="", version="1", seen_total="399.00")
    assert answer.status_code == 409
    assert "has 0 left" in answer.text


def test_canceling_asks_first_and_keeps_the_reason(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    assert "Cancel your pledge of $534.00?" in site.get(f"{address}/cancel")
    done = site.post(f"{address}/cancel", reason="I bought one in a shop.")
    assert done.status_code == 303
    page = site.get(done.headers["location"])
    assert "Your pledge is canceled" in page
    assert "Your card was never charged for it." in page
    [row] = site.house.pledges()
    assert (row.status, row.cancel_reason) == (PledgeState.CANCELED, "I bought one in a shop.")


def test_a_reason_that_is_too_long_keeps_the_form(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    answer = site.post(f"{address}/cancel", reason="x" * 501)
    assert answer.status_code == 422
    assert "This is too long" in answer.text
    assert site.house.pledges()[0].status is PledgeState.PLEDGED


def test_on_the_last_day_a_campaign_cannot_be_taken_below_its_goal(site: Site) -> None:
    address = put(site, PledgeState.PLEDGED)
    with site.house.database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        campaign.pledged_minor = campaign.goal_minor + 100_00
        session.add(campaign)
    site.house.clock.set(DEADLINE_AT - timedelta(hours=2))
    sentence = "In the last 24 hours a pledge cannot be canceled if that would take the campaign below its goal."
    assert sentence in site.get(address)
    assert sentence in site.get(f"{address}/cancel")
    assert site.post(f"{address}/cancel", reason="").status_code == 409
    lower = site.post(f"{address}/change", tier="", country="", bonus="10", version="1", seen_total="10.00")
    assert lower.status_code == 409
    assert "In the last 24 hours a pledge cannot be lowered" in lower.text


def test_the_fix_page_says_what_failed_and_until_when(site: Site) -> None:
    address = put(site, PledgeState.ERRORED, CampaignState.SUCCESSFUL, window_ends_at=WINDOW_ENDS_AT)
    page = site.get(f"{address}/fix")
    assert "Your card was declined." in page
    assert "Pay $534.00 at Stripe" in page
    assert "You have until Saturday 28 November 2026, 10:00 in Stockholm." in page


def test_there_is_nothing_to_fix_on_a_paid_pledge(site: Site) -> None:
    address = put(site, PledgeState.COLLECTED, CampaignState.SUCCESSFUL)
    answer = site.browser.get(f"{address}/fix")
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert site.post(f"{address}/fix").status_code == 409


def test_a_pledge_in_korean(site: Site) -> None:
    with site.house.database.transaction() as session:
        campaign = board(session)
        row = pledge(session, campaign, PledgeState.PLEDGED, Chosen(), JIWOO, backer_number=3)
    page = site.get(f"/pledges/{row.token}?lang=ko")
    assert '<html lang="ko"' in page
    assert f"/pledges/{row.token}/change?lang=ko" in page

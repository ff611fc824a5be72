"""From choosing a reward to the checkout and back: what a backer sees, and every way to be refused."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.pledges.states import PledgeState
from tests.line import PROVIDER
from tests.public_site import KEY, Site, open_site
from tests.stage import DEADLINE_AT, board, lamp

CHOOSE = "/campaigns/board/pledge"
ONE = {"tier": "one", "country": "DE"}


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with sqlite_database.transaction() as session:
        board(session, backers=0, pledged_minor=0, last_backer_number=0)
    with open_site(sqlite_database, tmp_path) as opened:
        yield opened


def test_choosing_opens_at_the_reward_that_was_clicked(site: Site) -> None:
    page = site.get(f"{CHOOSE}?tier=one")
    assert "<h3>One board</h3>" in page
    assert "Choose a country first" in page
    assert 'value="DE"' in page
    assert 'value="JP"' not in page
    assert "Travel bag" in page
    assert 'role="alert"' not in page


def test_without_a_reward_in_the_address_all_of_them_are_offered(site: Site) -> None:
    page = site.get(CHOOSE)
    assert "Choose a reward" in page
    assert 'value="early"' in page
    assert 'value="first"' not in page


def test_the_sum_is_worked_out_on_the_server(site: Site) -> None:
    page = site.get(f"{CHOOSE}?tier=one&country=DE&add-bag=2&bonus=10")
    for words in ("$499.00", "Travel bag, 2 at $45", "$90.00", "Shipping to Germany", "$31.00", "$10.00", "630.00"):
        assert words in page


def test_a_reward_that_goes_everywhere_offers_every_country(site: Site) -> None:
    page = site.get(f"{CHOOSE}?tier=crew")
    assert 'value="JP"' in page
    assert 'value="BR"' in page


def test_an_add_on_that_does_not_go_there_is_not_offered(site: Site) -> None:
    assert "Travel bag" not in site.get(f"{CHOOSE}?tier=one&country=KR")


def test_the_review_promises_in_words_and_closes_the_sum(site: Site) -> None:
    page = site.get(f"{CHOOSE}/review?tier=one&country=DE&bonus=10&request_key={KEY}")
    assert "Nothing is charged today." in page
    assert "After 11 December 2026 your card pays $534.00, once" in page
    assert "line--total" in page
    assert "rewards are not guaranteed" in page
    assert "You have 7 days to mend it." in page
    assert KEY in page


def test_a_review_of_something_incomplete_asks_for_it(site: Site) -> None:
    page = site.get(f"{CHOOSE}/review?tier=one", 422)
    assert "Choose a country: what sending “One board” costs depends on it." in page
    page = site.get(f"{CHOOSE}/review", 422)
    assert "Please choose a reward, or none." in page


def test_a_pledge_leads_to_the_checkout_and_thanks_with_a_number(site: Site) -> None:
    answer = site.pledge(**ONE, bonus="10")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(site.house.simulator.book.page_address)
    [row] = site.house.pledges()
    assert (row.status, row.total_minor, row.country) == (PledgeState.PREAUTH, 534_00, "DE")
    site.house.fill_in(row.token, "ok")
    page = site.get(f"/pledges/{row.token}/thanks")
    assert '<p class="thanks__no">1</p>' in page
    assert "mina@example.org" in page
    assert "http://fund.example.org/campaigns/board?ref=b1" in page


def test_the_tag_of_the_link_stays_with_the_pledge(site: Site) -> None:
    shown = site.browser.get(f"{CHOOSE}/review?tier=one&country=DE&ref=film")
    assert f'action="{CHOOSE}?ref=film"' in shown.text
    values = {**ONE, "email": "mina@example.org", "accept": "yes", "seen_total": "524.00", "request_key": KEY}
    assert site.post(f"{CHOOSE}?ref=film&lang=ko", **values).status_code == 303
    [row] = site.house.pledges()
    assert (row.ref, row.language) == ("film", "ko")


def test_a_pledge_without_a_reward(site: Site) -> None:
    assert site.pledge(tier="", bonus="25").status_code == 303
    [row] = site.house.pledges()
    assert (row.tier_id, row.total_minor, row.country) == (None, 25_00, "")


def test_sending_the_form_twice_makes_one_pledge(site: Site) -> None:
    first, second = site.pledge(**ONE), site.pledge(**ONE)
    assert first.headers["location"] == second.headers["location"]
    assert len(site.house.pledges()) == 1


def test_who_holds_the_last_unit_may_press_twice_and_go_back(site: Site) -> None:
    with site.house.database.transaction() as session:
        tier = session.exec(select(Tier).where(Tier.slug == "one")).one()
        tier.quantity = tier.claimed + 1
        session.add(tier)
    first, second = site.pledge(**ONE, request_key=KEY), site.pledge(**ONE, request_key=KEY)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert "One board" in site.get(f"{CHOOSE}/review?tier=one&country=DE&request_key={KEY}")
    assert "0 left" in site.get(f"{CHOOSE}/review?tier=one&country=DE&request_key={'x' * 32}", 409)
    assert site.pledge(**ONE, email="other@example.org").status_code == 409


def test_going_back_and_choosing_differently_is_another_pledge(site: Site) -> None:
    site.pledge(**ONE)
    answer = site.pledge(tier="one", country="US")
    assert answer.status_code == 303
    assert {row.country for row in site.house.pledges()} == {"DE", "US"}


def test_sending_the_form_again_after_the_card_was_saved_tells_so_and_gives_no_link_away(site: Site) -> None:
    site.pledge(**ONE)
    [row] = site.house.pledges()
    site.house.fill_in(row.token, "ok")
    site.house.desk.look(row.token)
    again = site.pledge(**ONE)
    assert again.status_code == 409
    assert row.token not in again.text
    assert len(site.house.pledges()) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-1", "“-1” is not an amount."),
        ("1e400", "“1e400” is not an amount."),
        ("NaN", "“NaN” is not an amount."),
        ("1,234.56", "“1,234.56” is not an amount."),
        ("0.001", "“0.001” is finer than USD allows"),
        ("٣", "“٣” is not an amount."),
        ("9" * 15, "is larger than any amount"),
        ("9999999", "A pledge is at least"),
    ],
)
def test_a_bad_amount_gets_one_sentence_at_its_field(site: Site, typed: str, sentence: str) -> None:
    answer = site.pledge(**ONE, bonus=typed)
    assert answer.status_code == 422
    [said] = re.findall(r'<p class="error" id="bonus-error">([^<]*)</p>', answer.text)
    assert sentence in said
    assert f'value="{typed}"' in answer.text
    assert 'value="DE" selected' in answer.text
    assert site.house.pledges() == []


def test_won_have_no_decimals(site: Site) -> None:
    with site.house.database.transaction() as session:
        lamp(session)
    answer = site.pledge("lamp", tier="small", country="KR", bonus="0.5")
    assert answer.status_code == 422
    assert "is finer than KRW allows" in answer.text


def test_nothing_at_all_is_below_the_least(site: Site) -> None:
    answer = site.pledge(tier="", bonus="0.10")
    assert answer.status_code == 422
    assert "A pledge is at least 0.50 USD" in answer.text


def test_an_address_and_the_tick_are_asked_for_together(site: Site) -> None:
    answer = site.pledge(**ONE, email="mina@", accept="")
    assert answer.status_code == 422
    assert "is not an e-mail address" in answer.text
    assert "Please tick that you know this" in answer.text
    assert 'value="mina@"' in answer.text
    assert 'name="country" value="DE"' in answer.text


def test_a_reward_that_sold_out_between_page_and_post_keeps_the_form(site: Site) -> None:
    site.get(f"{CHOOSE}/review?tier=early&country=DE")
    with site.house.database.transaction() as session:
        early = session.exec(select(Tier).where(Tier.slug == "early")).one()
        early.claimed = 50
        session.add(early)
    values = {"tier": "early", "country": "DE", "bonus": "10", "add-bag": "1", "seen_total": "500.00"}
    answer = site.post(CHOOSE, **values, email="mina@example.org", accept="yes", request_key=KEY)
    assert answer.status_code == 409
    assert "“Early bird: one board” has 0 left." in answer.text
    assert 'value="one"' in answer.text
    for kept in ('value="mina@example.org"', 'value="DE" selected', KEY, 'name="bonus"'):
        assert kept in answer.text
    assert site.house.pledges() == []


def test_a_price_that_changed_between_page_and_post_is_shown_before_anything_is_promised(site: Site) -> None:
    values = {**ONE, "email": "mina@example.org", "accept": "yes", "seen_total": "499.00", "request_key": KEY}
    answer = site.post(CHOOSE, **values)
    assert answer.status_code == 409
    assert "The sum has changed" in answer.text
    assert "$524.00" in answer.text
    assert site.house.pledges() == []


@pytest.mark.parametrize(
    "choice",
    [
        {"tier": "nothing", "country": "DE"},
        {"tier": "bag", "country": "DE"},
        {"tier": "one", "country": "XX"},
        {"tier": "one", "country": "JP"},
        {"tier": "one", "country": "DE", "quantity": "2"},
        {"tier": "one", "country": "DE", "quantity": "0"},
        {"tier": "one", "country": "DE", "quantity": "1e9"},
        {"tier": "one", "country": "DE", "add-bag": "11"},
        {"tier": "one", "country": "DE", "add-nothing": "1"},
        {"tier": "", "bonus": "10", "add-bag": "1"},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_written(site: Site, choice: dict[str, str]) -> None:
    assert site.pledge(**choice).status_code == 422
    assert site.house.pledges() == []


def test_a_reward_that_is_not_open_yet_cannot_be_had(site: Site) -> None:
    answer = site.pledge(tier="later")
    assert answer.status_code == 409
    assert "is not open now" in answer.text


def test_a_field_the_page_does_not_have_is_refused(site: Site) -> None:
    assert site.pledge(**ONE, total_minor="1").status_code == 422
    assert site.house.pledges() == []


def test_a_form_without_its_key_is_refused(site: Site) -> None:
    assert site.pledge(**ONE, request_key="").status_code == 422


def test_a_post_from_another_site_is_refused(site: Site) -> None:
    answer = site.browser.post(CHOOSE, data=ONE, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_after_the_deadline_the_form_says_that_it_is_over(site: Site) -> None:
    site.get(f"{CHOOSE}/review?tier=one&country=DE")
    site.house.clock.set(DEADLINE_AT)
    values = {**ONE, "email": "mina@example.org", "accept": "yes", "seen_total": "524.00", "request_key": KEY}
    answer = site.post(CHOOSE, **values)
    assert answer.status_code == 409
    assert "This campaign takes no pledges now." in answer.text
    assert site.house.pledges() == []


def test_a_campaign_that_wants_rewards_chosen_takes_no_plain_pledge(site: Site) -> None:
    with site.house.database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        campaign.takes_plain_pledges = False
        session.add(campaign)
    assert "Pledge without a reward" not in site.get("/campaigns/board")
    assert site.pledge(tier="", bonus="10").status_code == 422


def test_the_provider_out_of_reach_loses_nothing(site: Site) -> None:
    with site.without_provider() as silent:
        answer = silent.pledge(**ONE)
        assert answer.status_code == 303
        [row] = site.house.pledges()
        assert answer.headers["location"].startswith(f"/pledges/{row.token}/resume")
        page = silent.get(answer.headers["location"])
        assert "Stripe does not answer right now" in page
        assert "524.00" in page
        assert "resume" in silent.post(f"/pledges/{row.token}/resume").headers["location"]
    assert site.post(f"/pledges/{row.token}/resume").headers["location"].startswith(f"{PROVIDER}/c/pay/")


def test_until_the_provider_has_spoken_the_page_waits(site: Site) -> None:
    site.pledge(**ONE)
    [row] = site.house.pledges()
    page = site.get(f"/pledges/{row.token}/thanks")
    assert "We are waiting for Stripe." in page
    assert "data-wait" in page
    assert 'http-equiv="refresh"' not in page


def test_a_checkout_that_was_left_can_be_taken_up_again(site: Site) -> None:
    first = site.pledge(**ONE)
    [row] = site.house.pledges()
    page = site.get(f"/pledges/{row.token}/resume")
    assert "One step is missing: your card." in page
    again = site.post(f"/pledges/{row.token}/resume")
    assert again.headers["location"] == first.headers["location"]


def test_a_checkout_that_ran_out_offers_the_same_choice_again(site: Site) -> None:
    site.pledge(**ONE, bonus="10")
    [row] = site.house.pledges()
    site.house.simulator.expire_checkout(site.house.page_of(row.token))
    site.house.clock.advance(timedelta(minutes=40))
    page = site.get(f"/pledges/{row.token}/resume")
    assert "The checkout ran out." in page
    assert "/campaigns/board/pledge?tier=one&quantity=1&country=DE&bonus=10.00" in page


def test_the_pages_of_a_pledge_are_never_kept(site: Site) -> None:
    site.pledge(**ONE)
    [row] = site.house.pledges()
    for address in (f"{CHOOSE}?tier=one", f"/pledges/{row.token}", f"/pledges/{row.token}/thanks"):
        assert site.browser.get(address).headers["cache-control"] == "no-store"

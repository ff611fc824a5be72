"""The editors of what a campaign offers as a creator's browser sees them: sizes, secrets, copies, stretch goals."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns import actions, draft_rows
from fundlaunch.campaigns.draft import CampaignDraft, TierText
from fundlaunch.campaigns.tables import Campaign, StretchGoal
from fundlaunch.database import Database
from fundlaunch.people.roles import Role
from tests.cast import NOA
from tests.stories.test_studio_pages import mistakes
from tests.studio import Browser, Studio, whole_draft

EDIT = "/studio/campaigns/kerb/edit"
REWARD = {"title.en": "Two boards", "price": "899", "limit_per_backer": "1", "shipping": "none", "audience": "everyone"}
GOAL = {"title.en": "A hood", "measure": "money", "threshold": "50000", "opens": "", "unit_cost": ""}


@pytest.fixture
def studio(sqlite_database: Database, tmp_path: Path) -> Studio:
    return Studio(sqlite_database, tmp_path)


@pytest.fixture
def noa(studio: Studio) -> Browser:
    """Noa's browser, with the draft `kerb` that she owns."""
    browser = studio.browser(NOA)
    with studio.database.transaction() as session:
        campaign_id = actions.create(session, whole_draft(), None, studio.clock.now())
    studio.role(NOA, campaign_id, Role.OWNER)
    return browser


def draft_of(studio: Studio) -> CampaignDraft:
    with studio.database.reading() as session:
        return draft_rows.read(session, session.exec(select(Campaign).where(Campaign.slug == "kerb")).one())


def launched(studio: Studio) -> None:
    with studio.database.transaction() as session:
        actions.launch(session, "kerb", NOA.email, studio.clock.now())


def test_a_new_item_gets_its_sizes_without_a_script(studio: Studio, noa: Browser) -> None:
    rows = {"items.0.sku": "JACKET", "items.0.name.en": "Jacket", "then": "options:2"}
    page = noa.get(f"{EDIT}/items").text
    kept = dict(re.findall(r'name="(items\.[01]\.[a-z._]+)"[^>]* value="([^"]*)"', page))
    new = {name.replace(".0.", ".2."): value for name, value in rows.items()}
    made = noa.post(f"{EDIT}/items", kept | new)
    assert made.headers["location"] == f"{EDIT}/items/jacket?saved=1"
    asked = noa.post(f"{EDIT}/items/jacket", {"then": "size"})
    assert re.search(r'name="options\.0\.name\.en"[^>]* value="Size"', asked.text)
    typed = {"options.0.name.en": "Size", "options.0.values.0.name.en": "S, M"}
    table = noa.post(f"{EDIT}/items/jacket", typed | {"then": "table"})
    assert table.status_code == 200
    assert re.findall(r'name="variants\.\d\.sku" value="([^"]+)"', table.text) == ["JACKET-S", "JACKET-M"]
    assert noa.post(f"{EDIT}/items/jacket", typed | {"then": "next"}).headers["location"] == f"{EDIT}/items?saved=1"
    assert [variant.sku for variant in draft_of(studio).items[2].variants] == ["JACKET-S", "JACKET-M"]
    assert "Size: 2 variants" in noa.get(f"{EDIT}/items").text


def test_a_mistake_in_the_table_stands_at_its_row(studio: Studio, noa: Browser) -> None:
    page = noa.get(f"{EDIT}/items/bag").text
    fields = dict(re.findall(r'name="((?:options|variants)[^"]+)"[^>]* value="([^"]*)"', page))
    fields |= {"variants.0.sku": "DECK-01", "variants.1.customs_value": "a lot", "variants.2.quantity": "0"}
    answer = noa.post(f"{EDIT}/items/bag", fields)
    assert answer.status_code == 422
    assert set(mistakes(answer)) == {"variants.0.sku", "variants.1.customs_value", "variants.2.quantity"}
    assert draft_of(studio) == whole_draft()
    assert noa.get(f"{EDIT}/items/nothing").status_code == 404


def test_an_item_that_is_needed_says_where(studio: Studio, noa: Browser) -> None:
    answer = noa.post(f"{EDIT}/items", {"items.0.sku": "DECK-01", "items.0.name.en": "Deck", "items.0.slug": "deck"})
    assert answer.status_code == 422
    assert "“Bag” is still part of “One board”" in answer.text
    assert draft_of(studio) == whole_draft()


def test_a_secret_reward_shows_its_link_to_copy(studio: Studio, noa: Browser) -> None:
    made = noa.post(f"{EDIT}/new-reward", REWARD | {"audience": "secret"})
    assert made.headers["location"] == f"{EDIT}/rewards/two-boards?saved=1#audience-part"
    key = draft_of(studio).tiers[-1].secret_key
    page = noa.get(f"{EDIT}/rewards/two-boards").text
    assert f"/campaigns/kerb?key={key}#rewards" in page
    assert "data-copy=" in page
    kept = noa.post(f"{EDIT}/rewards/two-boards", REWARD | {"audience": "secret", "price": "900"})
    assert kept.headers["location"] == f"{EDIT}/rewards?saved=1#two-boards"
    assert draft_of(studio).tiers[-1].secret_key == key
    assert key in noa.get(f"{EDIT}/rewards").text


def test_a_copy_opens_to_be_edited(studio: Studio, noa: Browser) -> None:
    copied = noa.post(f"{EDIT}/rewards", {"kind": "rewards", "do": "add-on:one"})
    assert copied.headers["location"] == f"{EDIT}/add-ons/one-board?copied=1"
    assert "This is the copy" in noa.get(copied.headers["location"]).text
    doubled = noa.post(f"{EDIT}/rewards", {"kind": "add-ons", "do": "duplicate:card"})
    assert doubled.headers["location"] == f"{EDIT}/add-ons/a-card-copy?copied=1"
    assert [add_on.slug for add_on in draft_of(studio).add_ons] == ["card", "one-board", "a-card-copy"]
    for asked in ({"do": "duplicate:one"}, {"kind": "rewards", "do": "sell:one"}, {"kind": "rewards"}):
        assert noa.post(f"{EDIT}/rewards", asked).status_code == 422


def test_a_reward_that_a_stretch_goal_needs_is_not_removed(studio: Studio, noa: Browser) -> None:
    refused = noa.post(f"{EDIT}/rewards", {"kind": "add-ons", "do": "remove:card"})
    assert refused.status_code == 422
    assert "“A card” is named by “A card for the crowd”" in refused.text
    assert noa.post(f"{EDIT}/rewards", {"kind": "rewards", "do": "sort", "place.early": "1"}).status_code == 303
    assert [tier.slug for tier in draft_of(studio).tiers] == ["early", "one", "friends"]
    assert noa.post(f"{EDIT}/rewards", {"kind": "rewards", "do": "sort", "place.early": "x"}).status_code == 422


def test_a_hundred_rewards_stay_on_one_page(studio: Studio, noa: Browser) -> None:
    early = whole_draft().tiers[1]
    tiers = tuple(replace(early, slug=f"t{n}", texts={"en": TierText(f"Bird {n}")}) for n in range(99))
    with studio.database.transaction() as session:
        crowd = replace(whole_draft(), slug="crowd", tiers=tiers, add_ons=(), stretch_goals=())
        campaign_id = actions.create(session, crowd, None, studio.clock.now())
    studio.role(NOA, campaign_id, Role.OWNER)
    path = "/studio/campaigns/crowd/edit/rewards"
    assert noa.post(path, {"kind": "rewards", "do": "duplicate:t5"}).status_code == 303
    assert "at most 100 fit" in noa.post(path, {"kind": "rewards", "do": "duplicate:t5"}).text
    page = noa.get(path).text
    assert page.count('class="input offer__place"') == 100
    assert len(page) < 200_000


def test_what_sending_costs_is_told_for_every_country(noa: Browser) -> None:
    page = noa.get(f"{EDIT}/shipping?tier=one&quantity=3&add.card=1").text
    assert "Germany" in page
    assert "$1,534.50 in all" in page
    assert "These do not go with that reward" not in page
    assert "These do not go with that reward" in noa.get(f"{EDIT}/shipping?tier=early&add.card=1").text
    for query in ("tier=nothing", "quantity=-1", "quantity=x", "add.card=" + "9" * 40):
        assert noa.get(f"{EDIT}/shipping?{query}").status_code == 422, query
    assert noa.get(f"{EDIT}/shipping?unknown=1").status_code == 200


def test_a_stretch_goal_is_checked_then_saved_then_removed(studio: Studio, noa: Browser) -> None:
    rows = {"grants.0.item": "bag", "grants.0.units": "1", "grants.0.to.one": "yes"}
    checked = noa.post(f"{EDIT}/stretch/new", GOAL | rows | {"unit_cost": "3.33", "then": "check"})
    assert checked.status_code == 200
    assert "$336.33" in checked.text
    assert draft_of(studio) == whole_draft()
    wrong = noa.post(f"{EDIT}/stretch/new", GOAL | {"threshold": "0", "then": "check"})
    assert set(mistakes(wrong)) == {"threshold"}
    assert noa.post(f"{EDIT}/stretch/new", GOAL | rows).headers["location"] == f"{EDIT}/stretch?saved=1"
    assert "1 × Bag added to One board" in noa.get(f"{EDIT}/stretch").text
    assert noa.post(f"{EDIT}/stretch", {"goal": "a-hood"}).status_code == 303
    assert draft_of(studio) == whole_draft()
    assert noa.get(f"{EDIT}/stretch/a-hood").status_code == 404


def test_a_row_that_was_just_added_stays_while_the_cost_is_checked(noa: Browser) -> None:
    added = noa.post(f"{EDIT}/stretch/new", GOAL | {"row": "add:grants"})
    assert 'name="grants.0.item"' in added.text
    checked = noa.post(f"{EDIT}/stretch/new", GOAL | {"grants.0.item": "", "grants.0.units": "", "then": "check"})
    assert checked.status_code == 200
    assert 'name="grants.0.item"' in checked.text


def test_while_the_campaign_runs_the_cost_comes_before_the_promise(studio: Studio, noa: Browser) -> None:
    launched(studio)
    fresh = noa.get(f"{EDIT}/stretch/new").text
    assert "Publish it" not in fresh
    assert "Publish it" in noa.post(f"{EDIT}/stretch/new", GOAL | {"then": "check"}).text
    assert noa.post(f"{EDIT}/stretch/new", GOAL).status_code == 303


def test_a_reached_goal_is_as_it_was_promised(studio: Studio, noa: Browser) -> None:
    launched(studio)
    with studio.database.transaction() as session:
        campaign = session.exec(select(Campaign).where(Campaign.slug == "kerb")).one()
        campaign.pledged_minor, campaign.backers = 160_000_00, 300
        goal = session.exec(select(StretchGoal).where(StretchGoal.slug == "lights")).one()
        goal.reached_at = studio.clock.now()
    page = noa.get(f"{EDIT}/stretch/lights").text
    assert re.search(r'id="threshold"[^>]* disabled', page)
    assert not re.search(r'id="unit_cost"[^>]* disabled', page)
    assert noa.post(f"{EDIT}/stretch/lights", {"unit_cost": "2"}).status_code == 303
    assert draft_of(studio).stretch_goals[0].unit_cost_minor == 2_00
    refused = noa.post(f"{EDIT}/stretch", {"goal": "lights"})
    assert refused.status_code == 422


def test_the_pages_speak_korean_and_know_their_places(noa: Browser) -> None:
    for path in ("items/bag", "stretch", "stretch/new", "stretch/lights", "shipping", "rewards/friends"):
        answer = noa.get(f"{EDIT}/{path}?lang=ko")
        assert answer.status_code == 200, path
        assert '<html lang="ko"' in answer.text
    assert 'value="유럽 연합"' in noa.get(f"{EDIT}/rewards/one?lang=ko").text

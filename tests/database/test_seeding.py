"""`dev seed`: pledges with saved cards from JSON lines, after which the books hold; a bad line loads nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.tables import Campaign, Item, StretchGoal, Tier, TierItem
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Misconfigured
from fundlaunch.pledges.tables import Pledge
from fundlaunch.seeding import Loaded, seed_file
from fundlaunch.settings import Settings
from fundlaunch.verify import verify

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

BOARD = """
slug = "board"
creator = "Noa Lindqvist"
currency = "USD"
goal = "100"
duration_days = 30
title = "A board"

[[tiers]]
slug = "board"
title = "One board"
price = "50"
quantity = 5
limit_per_backer = 3
delivery = "2027-05"
shipping = "worldwide"
rates = { US = "5", "*" = ["20", "5"] }

[[add_ons]]
slug = "bag"
title = "A bag"
price = "10"

[[stretch_goals]]
slug = "lights"
title = "Lights"
threshold = "150"
"""


def pledge(number: int, **more: Any) -> dict[str, Any]:
    """The line of one backer, one hour after the one before."""
    return {
        "kind": "pledge",
        "campaign": "board",
        "at": (FIRST + timedelta(hours=number)).isoformat(),
        "email": f"backer-{number}@example.org",
        "name": f"Backer {number}",
        "country": "US",
        "tier": "board",
        "quantity": 1,
        "add_ons": {},
        "bonus_minor": 0,
        "customer": f"cus_{number}",
        "payment_method": f"pm_{number}",
    } | more


def seed(database: Database, folder: Path, *lines: object) -> Loaded:
    file = folder / "seed.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return seed_file(database, file, Settings(data_dir=folder), NOW)


def board() -> dict[str, Any]:
    return {"kind": "campaign", "toml": BOARD}


def test_seeded_pledges_stand_as_if_each_had_been_made_at_its_time(database: Database, tmp_path: Path) -> None:
    later = pledge(2, tier=None, bonus_minor=90_00, country="")
    sooner = pledge(0, quantity=2, add_ons={"bag": 3}, country="DE", bonus_minor=1)
    assert seed(database, tmp_path, later, board(), sooner) == Loaded(1, 2)
    with database.reading() as session:
        first, second = session.exec(select(Pledge).order_by(col(Pledge.backer_number))).all()
        campaign = session.exec(select(Campaign)).one()
        stretch = session.exec(select(StretchGoal)).one()
        claimed = {tier.slug: tier.claimed for tier in session.exec(select(Tier))}
        found = verify(session, NOW)
    assert (first.email, first.total_minor, first.confirmed_at) == ("backer-0@example.org", 155_01, FIRST)
    assert (second.total_minor, second.tier_id, second.payment_method) == (90_00, None, "pm_2")
    assert (campaign.pledged_minor, campaign.backers, campaign.last_backer_number) == (245_01, 2, 2)
    assert (campaign.launched_at, campaign.deadline_at) == (FIRST, FIRST + timedelta(days=30))
    assert stretch.reached_at == FIRST
    assert claimed == {"board": 2, "bag": 3}
    assert {name: one.first for name, one in found.items() if one.count} == {}


def test_a_second_file_goes_on_counting(database: Database, tmp_path: Path) -> None:
    seed(database, tmp_path, board(), pledge(0))
    assert seed(database, tmp_path, pledge(1)) == Loaded(0, 1)
    with database.reading() as session:
        numbers = session.exec(select(Pledge.backer_number).order_by(col(Pledge.created_at))).all()
        found = verify(session, NOW)
    assert list(numbers) == [1, 2]
    assert not any(one.count for one in found.values())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Line 3: "),
        ('{"kind": "gift"}', "Line 3: Invalid value 'gift'"),
        (pledge(1, quantity="two"), "Line 3: Expected `int`, got `str` - at `$.quantity`"),
        (pledge(1, at="2026-11-02T08:00:00"), "Line 3: Expected `datetime` with a timezone component"),
        (pledge(1, tier="boat"), "Line 3: There is no reward “boat”"),
        (pledge(1, email="nobody"), "Line 3: "),
        (pledge(1, at="2027-11-02T08:00:00Z"), "Line 3: “board” takes no pledges at that time."),
        (pledge(1, campaign="lamp"), "Line 3: There is no campaign “lamp”."),
        (pledge(1, customer=""), "Line 3: A pledge needs the provider's customer"),
        ({"kind": "campaign", "toml": "slug = 1"}, "Line 3: In the campaign's text, line 1, column "),
        (board(), "Line 3: The address “board” is taken"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(database: Database, tmp_path: Path, line: object, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        seed(database, tmp_path, board(), pledge(0), line)
    assert str(caught.value).startswith(says)
    assert str(caught.value).endswith("Nothing was loaded.")
    with database.reading() as session:
        assert session.exec(select(Campaign)).all() == []


def test_stock_is_kept_while_seeding(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Line 4: “One board” has 2 left"):
        seed(database, tmp_path, board(), pledge(0, quantity=3), pledge(2, quantity=2), pledge(1, quantity=3))


def test_a_live_key_is_refused(database: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, stripe_secret_key="sk_live_" + "x" * 20)
    with pytest.raises(Misconfigured):
        seed_file(database, tmp_path / "none.jsonl", settings, NOW)


def goals(database: Database) -> None:
    """A crowd of two opens a green board of two decks; three decks are a goal of their own."""
    with database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        board = session.exec(select(Tier).where(Tier.slug == "board")).one()
        green = Tier(campaign_id=campaign.id, slug="green", texts={"en": {"title": "Green"}}, price_minor=60_00)
        deck = Item(campaign_id=campaign.id, slug="deck", sku="DECK", texts={"en": {"name": "Deck"}})
        session.add_all([green, deck])
        session.flush()
        session.add(TierItem(tier_id=board.id, item_id=deck.id, quantity=1))
        session.add(TierItem(tier_id=green.id, item_id=deck.id, quantity=2))
        crowd = StretchGoal(campaign_id=campaign.id, slug="crowd", measure=Measure.BACKERS, threshold=2)
        crowd.opens_tier_id = green.id
        decks = StretchGoal(campaign_id=campaign.id, slug="decks", measure=Measure.ORDERS, threshold=3)
        decks.item_id = deck.id
        session.add_all([crowd, decks])


def test_goals_of_every_measure_are_reached_at_the_very_pledge_and_open_their_tier(
    database: Database, tmp_path: Path
) -> None:
    seed(database, tmp_path, board(), pledge(0))
    goals(database)
    seed(database, tmp_path, pledge(1), pledge(2, tier="green", country=""), pledge(3))
    with database.reading() as session:
        reached = {goal.slug: goal.reached_at for goal in session.exec(select(StretchGoal))}
        ordered = {tier.slug: tier.ordered for tier in session.exec(select(Tier))}
        found = verify(session, NOW)
    assert reached == {
        "crowd": FIRST + timedelta(hours=1),
        "lights": FIRST + timedelta(hours=2),
        "decks": FIRST + timedelta(hours=2),
    }
    assert ordered == {"board": 3, "green": 1, "bag": 0}
    assert {name: one.first for name, one in found.items() if one.count} == {}


def test_a_tier_that_waits_for_a_goal_cannot_be_seeded_before_it(database: Database, tmp_path: Path) -> None:
    seed(database, tmp_path, board(), pledge(0))
    goals(database)
    with pytest.raises(BadInput, match="Line 1: "):
        seed(database, tmp_path, pledge(1, tier="green", country=""))

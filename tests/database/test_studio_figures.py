"""The creator's figures against real pledges: days that add up to the total, sums that close, backers found."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from fundlaunch.campaigns.actions import cancel as cancel_campaign
from fundlaunch.campaigns.rules import Phase
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.money import Money
from fundlaunch.pledges.actions import cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from fundlaunch.studio import backers
from fundlaunch.studio.backer_pages import read_wish
from fundlaunch.studio.backers import NO_REWARD, PAGE, RECOVERY, HasAddress, Wish
from fundlaunch.studio.overview import Overview, overview
from fundlaunch.studio.progress import Progress, progress
from tests import funded
from tests.funded import Given
from tests.house import House, live_campaign, open_house

EVENING = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""Half an hour before midnight in Seoul."""


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database, start_at=EVENING) as house:
        with database.transaction() as session:
            campaign_id = live_campaign(session, EVENING, goal_minor=100_00, quantity=10)
            campaign = session.get_one(Campaign, campaign_id)
            campaign.timezone = "Asia/Seoul"
            session.add(campaign)
        yield house


def days_of(house: House) -> Progress:
    with house.database.reading() as session:
        found = progress(session, campaign_of(session), house.clock.now())
    assert found is not None
    return found


def overview_of(house: House) -> Overview:
    with house.database.reading() as session:
        return overview(session, "board", "en", house.clock.now())


def campaign_of(session: Session) -> Campaign:
    return session.exec(select(Campaign).where(Campaign.slug == "board")).one()


def raise_bonus(house: House, token: str, bonus_minor: int) -> None:
    pledge = house.pledge_of(token)
    selection = Selection(tier="board", quantity=1, add_ons={}, bonus_minor=bonus_minor, country="US")
    with house.database.transaction() as session:
        change(session, token, selection, pledge.version, house.clock.now())


def take_back(house: House, token: str) -> None:
    with house.database.transaction() as session:
        cancel(session, token, "", house.clock.now())


def three_days(house: House) -> list[str]:
    """Pledges, a change, a cancellation, over three days of Seoul; gives the tokens."""
    tokens = [
        house.pledge("board", "mina@example.org"),
        house.pledge("board", "teo@example.org", None, bonus_minor=7_00),
    ]
    house.clock.advance(timedelta(hours=1))
    tokens.append(house.pledge("board", "rafa@example.org", add_ons={"bag": 2}))
    raise_bonus(house, tokens[0], 9_00)
    house.clock.advance(timedelta(days=1))
    take_back(house, tokens[1])
    raise_bonus(house, tokens[0], 1_00)
    return tokens


def check_adds_up(house: House, found: Progress) -> None:
    campaign = house.campaign()
    assert sum(day.pledged.minor for day in found.days) == campaign.pledged_minor
    assert found.total == Money(campaign.pledged_minor, "USD")
    assert found.backers == campaign.backers


def test_the_days_add_up_to_the_total_with_changes_and_cancellations(house: House) -> None:
    three_days(house)
    found = days_of(house)
    check_adds_up(house, found)
    assert [(day.pledged.minor, day.backers) for day in found.days] == [(62_00, 2), (84_00, 1), (-15_00, -1)]
    assert [day.total.minor for day in found.days] == [62_00, 146_00, 131_00]
    assert [day.percent for day in found.days] == [62, 146, 131]


def test_days_end_at_midnight_where_the_campaign_is(house: House) -> None:
    three_days(house)
    seoul = days_of(house)
    assert seoul.days[0].day == EVENING.astimezone(ZoneInfo("Asia/Seoul")).date()
    with house.database.transaction() as session:
        campaign = campaign_of(session)
        campaign.timezone = "UTC"
        session.add(campaign)
    elsewhere = days_of(house)
    assert [day.pledged.minor for day in elsewhere.days] == [146_00, -15_00]
    check_adds_up(house, elsewhere)


def test_counting_pledges_by_their_first_day_would_miss_changes(house: House) -> None:
    """The control: the present totals of the pledges, put on the day of their confirmation, are another curve."""
    three_days(house)
    counting = [one for one in house.pledges() if one.status is PledgeState.PLEDGED]
    first_day = sum(one.total_minor for one in counting if one.confirmed_at and one.confirmed_at == EVENING)
    assert first_day != days_of(house).days[0].pledged.minor


def test_a_charge_a_decline_and_a_drop_change_no_day(house: House) -> None:
    house.pledge("board", "mina@example.org")
    house.pledge("board", "teo@example.org", card="declines")
    house.pledge("board", "rafa@example.org")
    before = [day.pledged for day in days_of(house).days]
    house.to_deadline()
    for _ in range(4):
        house.tick()
    house.clock.advance(timedelta(days=8))
    for _ in range(4):
        house.tick()
    assert {one.status for one in house.pledges()} == {PledgeState.COLLECTED, PledgeState.DROPPED}
    found = days_of(house)
    check_adds_up(house, found)
    assert [day.pledged for day in found.days][: len(before)] == before


def test_a_failed_campaign_keeps_the_curve_it_ended_with(house: House) -> None:
    house.pledge("board", "mina@example.org")
    house.to_deadline()
    for _ in range(3):
        house.tick()
    assert {one.status for one in house.pledges()} == {PledgeState.CANCELED}
    check_adds_up(house, days_of(house))
    view = overview_of(house)
    assert view.phase is Phase.FAILED
    assert view.is_settled
    assert view.parts.total == view.pledged == Money(55_00, "USD")


def test_a_canceled_campaign_stops_the_curve_on_that_day(house: House) -> None:
    house.pledge("board", "mina@example.org")
    house.clock.advance(timedelta(days=2))
    with house.database.transaction() as session:
        cancel_campaign(session, "board", "The supplier closed.", "noa@example.org", house.clock.now())
    house.tick()
    house.clock.advance(timedelta(days=3))
    found = days_of(house)
    assert len(found.days) == 3
    assert not found.is_running
    check_adds_up(house, found)
    assert overview_of(house).is_settled


def test_the_parts_of_what_was_pledged_close(house: House) -> None:
    three_days(house)
    view = overview_of(house)
    parts = view.parts
    assert parts.rewards + parts.add_ons + parts.shipping + parts.bonus == parts.total == view.pledged
    assert (parts.rewards.minor, parts.add_ons.minor, parts.bonus.minor) == (100_00, 20_00, 1_00)
    assert parts.without_reward == 0
    assert view.tiers_total == parts.rewards + parts.add_ons
    assert [(line.slug, line.backers, line.units) for line in view.tiers] == [("board", 2, 2), ("bag", 1, 2)]
    assert view.backers_today == -1
    assert view.average == Money(65_50, "USD")


def test_what_became_of_the_money_closes_after_the_end(house: House) -> None:
    for name, card in (("mina", "ok"), ("teo", "declines"), ("rafa", "confirms")):
        house.pledge("board", f"{name}@example.org", card=card)
    house.to_deadline()
    for _ in range(4):
        house.tick()
    view = overview_of(house)
    standing = view.standing
    became = standing.collected + standing.waiting + standing.recovering + standing.dropped
    assert became == view.pledged == view.parts.total == Money(165_00, "USD")
    assert standing.recovering_count == 2
    with house.database.reading() as session:
        assert backers.waiting(session, house.campaign().id) == (2, 3)


def test_a_failed_card_is_told_in_words_with_the_link_that_mends_it(house: House) -> None:
    house.pledge("board", "mina@example.org")
    token = house.pledge("board", "teo@example.org", card="lost")
    house.to_deadline()
    for _ in range(4):
        house.tick()
    found = listed(house.database, house.campaign().id, Wish(state=RECOVERY))
    [line] = found.lines
    assert line.fix_token == token
    assert line.reason == "The bank refuses this card; a new one is needed"
    assert line.window_ends_at is not None
    [other] = listed(house.database, house.campaign().id, Wish(state="collected")).lines
    assert (other.fix_token, other.reason) == ("", "")


def listed(database: Database, campaign_id: str, wish: Wish) -> backers.BackerPage:
    with database.reading() as session:
        return backers.backer_page(session, campaign_id, "USD", {"board": "The board"}, wish)


def crowd(database: Database, count: int) -> None:
    funded.funded(database, [Given(name=f"Backer {n}", email=f"b{n}@example.org") for n in range(1, count + 1)])


def test_pages_follow_the_backer_numbers_there_and_back(database: Database) -> None:
    crowd(database, 2 * PAGE + 7)
    first = listed(database, "c1", Wish())
    second = listed(database, "c1", Wish(after=first.older))
    third = listed(database, "c1", Wish(after=second.older))
    numbers = [line.number for page in (first, second, third) for line in page.lines]
    assert numbers == list(range(1, 2 * PAGE + 8))
    assert (first.newer, third.older) == (0, 0)
    back = listed(database, "c1", Wish(before=third.newer))
    assert back == second
    assert listed(database, "c1", Wish(before=back.newer)) == first
    assert first.count == 2 * PAGE + 7


def test_a_page_that_is_just_full_has_no_next_one(database: Database) -> None:
    crowd(database, PAGE)
    assert listed(database, "c1", Wish()).older == 0


@pytest.fixture
def mixed(database: Database) -> Database:
    funded.funded(
        database,
        [
            Given(name="Mina Okafor", email="Mina@example.org", country="US", address={}),
            Given(name="100% Ünal", email="unal@example.org", country="DE"),
            Given(name="Teo_Varga", email="teo@example.org", country="DE", status=PledgeState.ERRORED),
            Given(name="", email="rafa@example.org", tier=None, units={}, bonus_minor=5_00, country=""),
            Given(name="Gone", email="gone@example.org", status=PledgeState.CANCELED),
            Given(name="Never", email="never@example.org", status=PledgeState.EXPIRED, has_number=False),
        ],
    )
    return database


WISHES = [
    (Wish(), [1, 2, 3, 4]),
    (Wish(search="okafor"), [1]),
    (Wish(search="MINA@"), [1]),
    (Wish(search="3"), [3]),
    (Wish(search="%"), [2]),
    (Wish(search="_"), [3]),
    (Wish(search="' OR 1=1 --"), []),
    (Wish(tier="board"), [1, 2, 3]),
    (Wish(tier=NO_REWARD), [4]),
    (Wish(tier="nothing"), []),
    (Wish(state="errored"), [3]),
    (Wish(state=RECOVERY), [3]),
    (Wish(state="canceled"), [5]),
    (Wish(country="DE"), [2, 3]),
    (Wish(address=HasAddress.GIVEN), [1]),
    (Wish(address=HasAddress.MISSING), [2, 3]),
    (Wish(country="DE", search="teo"), [3]),
]


def test_a_search_finds_who_fits_all_of_it(mixed: Database) -> None:
    for wish, numbers in WISHES:
        found = listed(mixed, "c1", wish)
        assert [line.number for line in found.lines] == numbers, wish
        assert found.count == len(numbers), wish
        with mixed.reading() as session:
            totals = session.exec(select(Pledge.total_minor).where(col(Pledge.backer_number).in_(numbers))).all()
        assert found.total.minor == sum(totals), wish


def test_a_hostile_search_finds_nothing_and_breaks_nothing(mixed: Database) -> None:
    for query in ("q=%00", "tier=%00", "country=%00%00", "state=%00", "address=%00", "q=%F0%9F%98%80", "after=%00"):
        wish = read_wish(QueryParams(query))
        assert listed(mixed, "c1", wish).count in {0, 4}, query


def test_backers_of_another_campaign_are_never_found(mixed: Database) -> None:
    assert listed(mixed, "c2", Wish()).lines == ()
    assert listed(mixed, "c2", Wish(state="canceled", search="gone")).lines == ()

"""What happens to units where a guard of choosing is missing: `python -m tests.unguarded_choices FOLDER` prints JSON.

It is a program of its own so that it can also run against a copy of the source with its guards taken out.
"""

import contextlib
import json
import sys
from pathlib import Path

from sqlmodel import SQLModel, select

from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, SoldOut
from fundlaunch.pledges import offline
from fundlaunch.pledges.left_pages import end_pages
from fundlaunch.pledges.offline import OfflineEntry
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from tests.house import House, fund, live_campaign, open_house
from tests.schema import load_tables

ADA, BELA = "ada@example.org", "bela@example.org"
PAGE, CHOICE = "a" * 32, "0" * 31


def units_of_one_backer(house: House) -> int:
    """How many units one address holds of a tier that one backer may have five times, after two checkouts at once."""
    pages = [house.start("board", ADA, quantity=3) for _ in range(2)]
    for started in pages:
        house.desk.send_to_checkout(started)
        house.fill_in(started.token, "ok")
        house.desk.look(started.token)
    return house.tier().claimed


def lost_to_another_browser(house: House) -> int:
    """How many unpaid pledges of the last unit ended because somebody else chose it on a page of their own."""
    only_one(house)
    first = house.start("board", ADA, key=f"{PAGE}{CHOICE}1")
    with contextlib.suppress(SoldOut):
        house.start("board", BELA, key=f"{'b' * 32}{CHOICE}1")
    return int(house.pledge_of(first.token).status is PledgeState.EXPIRED)


def cards_saved_for_the_last_unit(house: House) -> int:
    """How many pledges stand for the last unit after its backer saved a card on the page that was left as well."""
    only_one(house)
    first = house.start("board", ADA, key=f"{PAGE}{CHOICE}1")
    house.desk.send_to_checkout(first)
    second = house.start("board", ADA, key=f"{PAGE}{CHOICE}2", bonus_minor=5_00)
    house.desk.send_to_checkout(second)
    for token in (first.token, second.token):
        house.fill_in(token, "ok")
    end_pages(house.database, house.gateway, second.left_behind, house.clock.now())
    house.desk.look(second.token)
    return sum(pledge.status is PledgeState.PLEDGED for pledge in house.pledges())


def sold_without_the_link(house: House) -> int:
    """How many units of a secret tier are held by somebody who does not have its link."""
    with house.database.transaction() as session:
        session.exec(select(Tier).where(Tier.slug == "board")).one().secret_key = "friends"
    with contextlib.suppress(BadInput):
        house.start("board", ADA)
    return house.tier().claimed


def decided_by_hand(house: House) -> int:
    """Whether what the creator typed in made the campaign succeed."""
    entry = OfflineEntry("Bela", "", Selection("board", 4, {}, 0, "US"), house.clock.now())
    with house.database.transaction() as session:
        offline.record(session, "board", entry, "form", "noa@example.org", house.clock.now())
    fund(house)
    return int(house.campaign().status.value == "successful")


def only_one(house: House) -> None:
    with house.database.transaction() as session:
        session.exec(select(Tier).where(Tier.slug == "board")).one().quantity = 1


STORIES = (
    units_of_one_backer,
    lost_to_another_browser,
    cards_saved_for_the_last_unit,
    sold_without_the_link,
    decided_by_hand,
)


def tell(folder: Path) -> dict[str, int]:
    """Every story on a database of its own, made from the tables as this source says them."""
    load_tables()
    told = {}
    for story in STORIES:
        database = Database(f"sqlite:///{folder / story.__name__}.sqlite3")
        SQLModel.metadata.create_all(database.engine)
        with open_house(database) as house:
            with database.transaction() as session:
                live_campaign(session, house.clock.now(), goal_minor=100_00)
            told[story.__name__] = story(house)
        database.dispose()
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tell(Path(sys.argv[1]))))

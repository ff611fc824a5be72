"""What happens to money where a guard is missing: `python -m tests.unguarded FOLDER` prints it as JSON.

It is a program of its own so that it can also run against a copy of the source with its guards taken out.
"""

import json
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlmodel import SQLModel, select

from fundlaunch.campaigns.actions import cancel as cancel_campaign
from fundlaunch.campaigns.states import Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import Conflict
from fundlaunch.payments.facts import CardSaved, PaidInCheckout
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.tables import Refund
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house
from tests.schema import load_tables


def pledges_of_one_form(house: House) -> int:
    """How many pledges the same form makes when it is sent twice."""
    tokens = {house.start("board", "ada@example.org", key="one form").token for _ in range(2)}
    return len(tokens)


def canceled_in_the_last_day(house: House) -> int:
    """What is pledged after a backer without whom the goal is missed wanted to cancel in the last hour."""
    token = house.pledge("board", "ada@example.org", None, bonus_minor=100_00)
    deadline_at = house.campaign().deadline_at
    assert deadline_at is not None
    house.clock.set(deadline_at - timedelta(hours=1))
    try:
        with house.database.transaction() as session:
            cancel(session, token, "", house.clock.now())
    except Conflict:
        pass
    return house.campaign().pledged_minor


def pledged_after_the_freeze(house: House) -> int:
    """By how much a card that is saved after the freeze raises the frozen total."""
    house.pledge("board", "ada@example.org", quantity=2)
    started = house.start("board", "late@example.org")
    house.desk.send_to_checkout(started)
    house.to_deadline()
    house.tick()
    frozen_minor = house.campaign().pledged_minor
    customer = house.pledge_of(started.token).customer
    card = house.simulator.save_card(customer, "ok")
    house.apply(CardSaved(house.page_of(started.token), started.checkout_id, customer, card, "visa", "4242"))
    return house.campaign().pledged_minor - frozen_minor


def charges_after_an_unclear_answer(house: House) -> int:
    """How often a card is charged whose first confirmation was carried out without an answer."""
    house.pledge("board", "ada@example.org", quantity=2)
    house.simulator.faults.strike("/confirm", Fault.DROP_AFTER)
    house.to_deadline()
    for _ in range(3):
        house.tick()
        house.clock.advance(timedelta(minutes=2))
    return sum(charge.status == "succeeded" for charge in house.simulator.charges())


def booked_of_another_sum(house: House) -> int:
    """What is booked when a payment page took a cent less than the pledge."""
    token, page = _to_pay(house)
    with suppress(Conflict):
        house.apply(PaidInCheckout(page, "", "pi_1", "pm_1", 54_99, "USD"))
    return house.pledge_of(token).collected_minor


def kept_after_the_end(house: House) -> int:
    """How many pledges stand that were paid after their campaign had been canceled."""
    token, page = _to_pay(house)
    with house.database.transaction() as session:
        cancel_campaign(session, "board", "It cannot be made.", "tests", house.clock.now())
    house.apply(PaidInCheckout(page, "", "pi_1", "pm_1", 55_00, "USD"))
    return int(house.pledge_of(token).status is PledgeState.COLLECTED)


def refunds_of_one_payment(house: House) -> int:
    """How many refunds are wanted when a backer cancels a paid pledge twice."""
    token, _ = _to_pay(house)
    house.fill_in(token, "ok")
    house.desk.look(token)
    for _ in range(2):
        with house.database.transaction() as session:
            cancel(session, token, "", house.clock.now())
    with house.database.reading() as session:
        return len(session.exec(select(Refund)).all())


def _to_pay(house: House) -> tuple[str, str]:
    """A flexible pledge of 55.00 on its way to be paid: its token, and the provider's page."""
    with house.database.transaction() as session:
        session.exec(select(Campaign)).one().funding = Funding.FLEXIBLE
    started = house.start("board", "ada@example.org")
    house.desk.send_to_checkout(started)
    return started.token, house.page_of(started.token)


STORIES = (
    pledges_of_one_form,
    canceled_in_the_last_day,
    pledged_after_the_freeze,
    charges_after_an_unclear_answer,
    booked_of_another_sum,
    kept_after_the_end,
    refunds_of_one_payment,
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

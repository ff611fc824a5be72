"""Each webhook twice, shuffled, and one in ten never: the same end as in order (TRUST decision 4, G6)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.payments.simulator.courier import Manners
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.states import PledgeState
from tests.databases import copy_sqlite
from tests.house import WEBHOOK_SECRET, House, live_campaign, open_house

# A long run: what it walks through is walked branch by branch in tests of its own, so it need not be traced.
pytestmark = pytest.mark.no_cover

CARDS = ("ok", "ok", "declines", "confirms", "ok", "insufficient", "lost", "ok")
PLEDGES = 18
LEFT_OPEN = 3
UNITS = 40

ROWS = {
    "pledges": """SELECT email, status, total_minor, collected_minor, tries, decline_code, card_last4, reminders,
        payment_method <> '' AS has_card, due_at IS NULL AS is_over FROM pledge""",
    "payments": """SELECT pledge.email, payment.kind, payment.status, payment.amount_minor, payment.currency,
        payment.attempt, payment.decline_code FROM payment JOIN pledge ON pledge.id = payment.pledge_id""",
    "checkouts": """SELECT pledge.email, checkout.purpose, checkout.status FROM checkout
        JOIN pledge ON pledge.id = checkout.pledge_id""",
    "time lines": """SELECT pledge.email, event, before, after, pledge_move.total_minor FROM pledge_move
        JOIN pledge ON pledge.id = pledge_move.pledge_id""",
    "campaigns": "SELECT status, pledged_minor, backers, last_backer_number, settling FROM campaign",
    "stock": "SELECT slug, claimed FROM tier",
    "stretch goals": "SELECT slug, reached_at IS NOT NULL FROM stretch_goal",
    "letters": "SELECT topic, recipient, tries, kept_at IS NOT NULL FROM promise WHERE kind = 'mail'",
    "cards released": "SELECT kept_at IS NOT NULL, COUNT(*) FROM promise WHERE kind = 'release_card' GROUP BY 1",
}
"""Everything but ids, times and who came first."""

Rows = dict[str, Counter[tuple[Any, ...]]]


def in_order(house: House) -> None:
    house.simulator.deliver_due()


def chaotic(house: House) -> None:
    house.simulator.courier.manners = Manners(is_twice=True, is_shuffled=True, lose_per_mille=100)
    house.simulator.deliver_due()


def settle(house: House, bring: Callable[[House], None]) -> None:
    """Deliveries come and are worked on; what got lost is swept up a little later."""
    bring(house)
    house.tick()
    house.clock.advance(timedelta(minutes=11))
    house.sweep()
    house.tick()


def play(house: House, bring: Callable[[House], None]) -> Rows:
    """A whole campaign, from its first pledge until the last recovery window has closed."""
    house.simulator.listen("http://fund.example.org/webhooks/stripe", WEBHOOK_SECRET)
    with house.database.transaction() as session:
        live_campaign(session, house.clock.now(), goal_minor=500_00, quantity=UNITS, stretch_goals={"more": 900_00})
    tokens = []
    for number in range(PLEDGES):
        started = house.start("board", f"backer-{number}@example.org", bonus_minor=number)
        house.desk.send_to_checkout(started)
        tokens.append(started.token)
        if number < PLEDGES - LEFT_OPEN:
            house.fill_in(started.token, CARDS[number % len(CARDS)])
    settle(house, bring)
    with house.database.transaction() as session:
        cancel(session, tokens[0], "", house.clock.now())
    house.to_deadline()
    settle(house, bring)
    assert house.campaign().status is CampaignState.SUCCESSFUL
    in_recovery = [token for token in tokens if house.pledge_of(token).status is PledgeState.AUTHENTICATION_REQUIRED]
    for token in (*in_recovery, tokens[6]):
        house.desk.fix(token)
        house.fill_in(token, "ok")
    settle(house, bring)
    for _ in range(4):
        house.clock.advance(timedelta(days=2))
        settle(house, bring)
    with house.database.reading() as session:
        return {name: Counter(map(tuple, session.connection().execute(text(sql)))) for name, sql in ROWS.items()}


@pytest.fixture(scope="module")
def expected(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """How it ends in order; both databases are compared with this."""
    database = Database(copy_sqlite(prepared_sqlite, tmp_path_factory.mktemp("in-order") / "fundlaunch.sqlite3"))
    with open_house(database) as house:
        ended = play(house, in_order)
    database.dispose()
    return ended


def test_lost_doubled_and_shuffled_webhooks_end_as_those_in_order(database: Database, expected: Rows) -> None:
    with open_house(database) as house:
        found = play(house, chaotic)
        assert house.violations() == {}
        numbers = sorted(pledge.backer_number for pledge in house.pledges() if pledge.backer_number)
        charges = house.simulator.charges()
        assert len(house.received) < 2 * len(house.simulator.shapes("event")), "none was lost"
        assert max(Counter(house.received).values()) == 2
    assert found == expected
    assert numbers == list(range(1, PLEDGES - LEFT_OPEN + 1))
    assert set(Counter(one.metadata["pledge"] for one in charges if one.status == "succeeded").values()) == {1}

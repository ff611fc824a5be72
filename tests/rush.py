"""More buyers than units at the same moment, by the actions themselves: `python -m tests.rush DATABASE_URL`.

Prints how many got a unit. It is a program of its own so that it can also run against a copy of the source.
"""

import sys
import threading

from fundlaunch.database import Database
from fundlaunch.errors import SoldOut
from fundlaunch.pledges.actions import Backer, start
from fundlaunch.pledges.rules import Selection
from tests.house import NOON, live_campaign

UNITS = 5
BUYERS = 16
PATIENCE_SECONDS = 60


def rush(database: Database) -> int:
    """How many of BUYERS, all waiting at one gate, got one of UNITS."""
    with database.transaction() as session:
        live_campaign(session, NOON, quantity=UNITS)
    gate = threading.Barrier(BUYERS, timeout=PATIENCE_SECONDS)
    bought: list[bool] = []

    def buy(number: int) -> bool:
        gate.wait()
        buyer = Backer(f"buyer-{number}@example.org", "", "en")
        try:
            with database.transaction() as session:
                start(session, "board", Selection("board", 1, {}, 0, "US"), buyer, f"key-{number}", NOON)
        except SoldOut:
            return False
        return True

    # Threads of our own: a pool may think one of its waiting threads idle, and then the gate would never open.
    buyers = [threading.Thread(target=lambda number=number: bought.append(buy(number))) for number in range(BUYERS)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    return sum(bought)


if __name__ == "__main__":
    sys.stdout.write(f"{rush(Database(sys.argv[1]))}\n")

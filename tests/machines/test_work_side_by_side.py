"""A long collection keeps nobody else waiting."""

import threading
from dataclasses import replace
from typing import Any

from fundlaunch import outbox
from fundlaunch.clock import OffsetClock, RealClock
from fundlaunch.database import Database
from fundlaunch.payments.gateway import Charge
from fundlaunch.pledges.states import PledgeState
from fundlaunch.worker import work
from tests.house import live_campaign, open_house

PATIENCE_SECONDS = 30


class Busy:
    """A provider that takes no charge until a letter of the same worker has gone out."""

    def __init__(self, gateway: Any, letter_out: threading.Event) -> None:
        self.gateway = gateway
        self.letter_out = letter_out

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)

    def create_intent(self, charge: Charge) -> str:
        assert self.letter_out.wait(PATIENCE_SECONDS), "the letters waited for the charges"
        return str(self.gateway.create_intent(charge))


def test_letters_go_out_while_cards_are_charged(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    letter_out, charged = threading.Event(), threading.Event()

    def send(owed: outbox.Owed) -> outbox.Kept:
        if owed.topic == "campaign_funded":
            letter_out.set()
        if owed.topic == "charge_receipt":
            charged.set()
        return outbox.Kept()

    with open_house(database) as house:
        with database.transaction() as session:
            live_campaign(session, house.clock.now())
        token = house.pledge("board", "ada@example.org", quantity=3)
        house.to_deadline()
        clock = OffsetClock(house.clock.now() - RealClock().now())
        gateway: Any = Busy(house.gateway, letter_out)
        works = replace(house.works, gateway=gateway, clock=clock, keepers={outbox.MAIL: send})
        stop = threading.Event()
        worker = threading.Thread(target=work, args=(works, stop))
        worker.start()
        try:
            assert charged.wait(PATIENCE_SECONDS)
        finally:
            stop.set()
            worker.join()
        assert house.pledge_of(token).status is PledgeState.COLLECTED
    database.dispose()

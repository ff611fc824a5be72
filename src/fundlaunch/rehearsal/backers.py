"""What the backers of a pledge file do: pledge, change, cancel, answer their bank, give their address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, BadInput, Refused
from fundlaunch.fulfilment import actions as fulfilment
from fundlaunch.fulfilment import addresses, postal
from fundlaunch.fulfilment.forms import read_typed_address
from fundlaunch.fulfilment.rules import check_takes_address
from fundlaunch.pledges import actions, rows
from fundlaunch.pledges.choices import with_link
from fundlaunch.pledges.pledge_file import Entry, Event
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from fundlaunch.rehearsal.house import House

ANSWERS_AFTER = timedelta(days=1)
"""How long after the bank's question those who answer it follow the link of their letter."""

LANGUAGES = {"KR": "ko"}
"""Backers from these countries read the campaign in this language, if it has it; all others in its main language."""


@dataclass(frozen=True, slots=True)
class Declined:
    """A row that could not be carried out, with the sentence its backer would have read."""

    line: int
    reason: str


@dataclass
class Backers:
    """Everybody in a pledge file. `tokens` holds their pledges by address, `refused` what they could not do."""

    house: House
    campaign: Campaign
    tokens: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Entry] = field(default_factory=dict)
    refused: list[Declined] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def act(self, entry: Entry) -> None:
        """Carry out one row at its time; what is refused is noted, as a page would have said it."""
        self.house.clock.set(entry.at)
        try:
            match entry.event:
                case Event.PLEDGE:
                    self._pledge(entry)
                case Event.CHANGE:
                    self._change(entry)
                case Event.CANCEL:
                    self._cancel(entry)
        except Refused as error:
            self.refused.append(Declined(entry.line, str(error)))
            return
        if entry.has_address and entry.event is not Event.CANCEL:
            self.addresses[self.tokens[entry.email_key]] = entry

    def answer_banks(self) -> None:
        """Half of those whose bank asks (even backer numbers) open the link of their letter after a day and agree."""
        now = self.house.clock.now()
        for token, at in self._asked().items():
            if at <= now:
                self.answered.add(token)
                self._answer_bank(token)

    def next_answer(self) -> datetime | None:
        """When the next of them does."""
        return min(self._asked().values(), default=None)

    def give_addresses(self) -> None:
        """Answer the letter that says the campaign is funded: addresses by the rules of their countries."""
        with self.house.database.transaction() as session:
            for token, entry in self.addresses.items():
                try:
                    self._give_address(session, token, entry)
                except BadInput as error:
                    self.refused.append(Declined(entry.line, str(error)))

    def _pledge(self, entry: Entry) -> None:
        house = self.house
        backer = actions.Backer(entry.email, entry.name, self._language(entry))
        with house.database.transaction() as session:
            chosen = with_link(session, self.campaign.id, entry.selection)
            started = actions.start(session, self.campaign.slug, chosen, backer, f"row-{entry.line}", house.clock.now())
        page = house.desk.send_to_checkout(started)
        house.simulator.complete_checkout(page.rpartition("/")[2], entry.card.value)
        self.tokens[entry.email_key] = started.token
        house.deliver()

    def _change(self, entry: Entry) -> None:
        token = self._token(entry)
        with self.house.database.transaction() as session:
            seen = rows.glance(session, token).version
            chosen = with_link(session, self.campaign.id, entry.selection)
            actions.change(session, token, chosen, seen, self.house.clock.now())

    def _cancel(self, entry: Entry) -> None:
        token = self._token(entry)
        with self.house.database.transaction() as session:
            actions.cancel(session, token, "", self.house.clock.now())
        del self.tokens[entry.email_key]
        self.addresses.pop(token, None)

    def _token(self, entry: Entry) -> str:
        if entry.email_key not in self.tokens:
            raise BadInput(N_("{email} has no pledge, since an earlier row was refused."), email=entry.email)
        return self.tokens[entry.email_key]

    def _language(self, entry: Entry) -> str:
        spoken = LANGUAGES.get(entry.selection.country, "")
        return spoken if spoken in self.campaign.texts else self.campaign.language

    def _asked(self) -> Mapping[str, datetime]:
        """When each backer who will answer the bank, and has not yet, does so, by token."""
        statement = select(Pledge.token, Pledge.window_ends_at).where(
            Pledge.campaign_id == self.campaign.id,
            Pledge.status == PledgeState.AUTHENTICATION_REQUIRED,
            col(Pledge.backer_number) % 2 == 0,
        )
        with self.house.database.reading() as session:
            waiting = session.exec(statement).all()
        wait = POLICY.recovery.window - ANSWERS_AFTER
        return {token: ends - wait for token, ends in waiting if ends is not None and token not in self.answered}

    def _answer_bank(self, token: str) -> None:
        house = self.house
        page = house.desk.fix(token)
        house.simulator.complete_checkout(page.rpartition("/")[2], "confirms")
        with house.database.reading() as session:
            pledge = rows.glance(session, token)
        asking = house.simulator.intents_of(pledge.id)[-1]
        house.simulator.confirm_bank(asking["id"])
        house.deliver()

    def _give_address(self, session: Session, token: str, entry: Entry) -> None:
        page = addresses.address_page(session, token, "en")
        if not (page.is_sent and page.country):
            return
        check_takes_address(page.campaign_status, page.status, page.country, is_sent=page.is_sent)
        typed = {"name": entry.name, **{name: text for name, text in entry.address.items() if text}}
        values = read_typed_address(typed, postal.rules(page.country, "en"))
        fulfilment.give_address(session, page.pledge_id, values, self.house.clock.now())

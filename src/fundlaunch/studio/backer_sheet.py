"""One backer as the creators see them: what was pledged, how it came and what happened; their own note beside it.

The backer's private note is not read here at all.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, NotFound
from fundlaunch.money import Money
from fundlaunch.pledges import queries, rows
from fundlaunch.pledges.baskets import BasketView
from fundlaunch.pledges.states import PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove

E = PledgeEvent

TOLD = {
    E.CARD_SAVED: N_("Card saved, pledge confirmed"),
    E.CARD_SAVED_TOO_LATE: N_("The card came too late and was released"),
    E.CHECKOUT_EXPIRED: N_("The checkout ran out"),
    E.BACKER_CANCELED: N_("Canceled by the backer"),
    E.CAMPAIGN_RELEASED: N_("Released; the card was never charged"),
    E.CHARGE_SUCCEEDED: N_("Card charged"),
    E.CHARGE_DECLINED: N_("Card declined"),
    E.AUTHENTICATION_ASKED: N_("The bank asked the backer to confirm"),
    E.WINDOW_CLOSED: N_("Not mended in time, dropped"),
    E.PAID_NOW: N_("Paid at once, pledge confirmed"),
    E.PAID_TOO_LATE: N_("Paid too late, paid back"),
    E.REFUNDED_WHOLE: N_("Paid back whole, pledge ended"),
    E.RECORDED: N_("Entered by hand"),
    E.RECORD_REMOVED: N_("Entry removed"),
    rows.CHANGED: N_("Changed by the backer"),
}
"""What an event is called in the studio."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a pledge's time line; `words` is an English message, `actor` who did it by hand, or ''."""

    at: datetime
    words: str
    total: Money
    actor: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A backer's pledge. `note` is the creators' own; `can_be_removed` if it was entered by hand and stands.

    `token` opens the backer's own page; it is told only for what was entered by hand, to be handed over.
    """

    number: int
    name: str
    email: str
    status: PledgeState
    origin: PledgeOrigin
    basket: BasketView
    refunded: Money
    confirmed_at: datetime | None
    ref: str
    note: str
    token: str
    steps: tuple[Step, ...]

    @property
    def can_be_removed(self) -> bool:
        return self.origin is PledgeOrigin.OFFLINE and self.status is PledgeState.COLLECTED


def sheet(session: Session, campaign: Campaign, number: int, language: str, now: datetime) -> Sheet:
    """The backer of a number; raises NotFound."""
    asked = select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.backer_number == number)
    pledge = session.exec(asked).one_or_none()
    if pledge is None or pledge.backer_number is None:
        raise NotFound(N_("There is no backer with this number."))
    basket, _, _ = queries.chosen(session, pledge, campaign, language, now)
    return Sheet(
        number=pledge.backer_number,
        name=pledge.name,
        email=pledge.email,
        status=pledge.status,
        origin=pledge.origin,
        basket=basket,
        refunded=Money(pledge.refunded_minor, pledge.currency),
        confirmed_at=pledge.confirmed_at,
        ref=pledge.ref,
        note=pledge.note_of_creator,
        token=pledge.token if pledge.origin is PledgeOrigin.OFFLINE and pledge.status is PledgeState.COLLECTED else "",
        steps=_steps(session, pledge),
    )


def _steps(session: Session, pledge: Pledge) -> tuple[Step, ...]:
    by_hand = {E.RECORDED, E.RECORD_REMOVED}
    statement = select(PledgeMove).where(PledgeMove.pledge_id == pledge.id).order_by(col(PledgeMove.seq).desc())
    return tuple(
        Step(
            move.at,
            TOLD[move.event],
            Money(move.total_minor, pledge.currency),
            move.note if move.event in by_hand else "",
        )
        for move in session.exec(statement)
        if move.event in TOLD
    )

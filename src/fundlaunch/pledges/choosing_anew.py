"""Going back from the checkout and choosing differently: the new pledge takes the place of the unpaid one.

Without that the last unit would be kept from its own backer until the first hold ends. Only pledges that were begun
from the same page by the same address give way, and only while no card was saved for them.
"""

from collections import Counter
from datetime import datetime

from sqlmodel import Session

from fundlaunch.pledges import rows
from fundlaunch.pledges.states import PledgeEvent
from fundlaunch.pledges.tables import Pledge


def left_behind(
    session: Session, campaign_id: str, email_key: str, request_key: str
) -> tuple[list[Pledge], dict[str, int]]:
    """The unpaid pledges of one backer and page, locked, and the units they hold together."""
    left = rows.left_behind(session, campaign_id, email_key, request_key)
    held: Counter[str] = Counter()
    for pledge in left:
        held.update(rows.units(session, pledge.id))
    return left, dict(held)


def give_up(session: Session, pledge: Pledge, now: datetime) -> None:
    """End an unpaid pledge whose units go over to another one of the same backer; the caller exchanges the units.

    Its request key becomes free, so that the first choice can be made once more.
    """
    pledge.hold_expires_at = None
    pledge.ended_at = now
    pledge.request_key = f"{pledge.request_key[: rows.PAGE_MARK]}:{pledge.id}"
    rows.move(session, pledge, PledgeEvent.CHECKOUT_EXPIRED, now, note="chosen anew")

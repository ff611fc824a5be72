"""Finding, locking and moving pledge rows; every move writes its line in the time line (invariant P2)."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.errors import N_, NotFound
from fundlaunch.pledges import stock
from fundlaunch.pledges.states import HOLDS_STOCK, PLEDGE, PledgeEvent, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove

PAGE_MARK = 32
"""So many characters begin the request keys of all pledges begun from one page (`forms.page_mark`)."""

CONFIRMED = HOLDS_STOCK - {PledgeState.PREAUTH}
"""States in which a pledge stands: what one backer holds is counted over them."""

CHANGED = "changed"
"""The event of a changed selection: in the time line, without a step of the life."""


def by_token(session: Session, token: str) -> Pledge:
    """The pledge of a manage link, locked until the transaction ends; raises NotFound."""
    return _only(session.exec(select(Pledge).where(Pledge.token == token).with_for_update()).one_or_none())


def glance(session: Session, token: str) -> Pledge:
    """The pledge of a manage link for looking only; raises NotFound."""
    return _only(session.exec(select(Pledge).where(Pledge.token == token)).one_or_none())


def by_id(session: Session, pledge_id: str) -> Pledge:
    """The pledge of that id, locked and read afresh; raises NotFound."""
    statement = select(Pledge).where(Pledge.id == pledge_id).with_for_update()
    return _only(session.exec(statement.execution_options(populate_existing=True)).one_or_none())


def of_number(session: Session, slug: str, number: int) -> Pledge:
    """The pledge of a backer number in a campaign, locked; raises NotFound."""
    statement = select(Pledge).join(Campaign).where(Campaign.slug == slug, Pledge.backer_number == number)
    pledge = session.exec(statement.with_for_update(of=Pledge)).one_or_none()
    if pledge is None:
        raise NotFound(N_("There is no backer with this number."))
    return pledge


def lines(session: Session, pledge_id: str) -> list[PledgeLine]:
    return list(session.exec(select(PledgeLine).where(PledgeLine.pledge_id == pledge_id)))


def units(session: Session, pledge_id: str) -> dict[str, int]:
    """Units by tier id that the pledge's lines ask for."""
    return {line.tier_id: line.quantity for line in lines(session, pledge_id)}


def units_of_page(session: Session, campaign_id: str, page_mark: str) -> dict[str, int]:
    """Units by tier id that pledges hold which were begun from one page (`forms.page_mark`).

    Somebody who goes back from the checkout, or presses twice, must not find the last unit taken by themselves.
    """
    if not page_mark:
        return {}
    held = (
        select(PledgeLine.tier_id, func.sum(PledgeLine.quantity))
        .join(Pledge, col(Pledge.id) == col(PledgeLine.pledge_id))
        .where(Pledge.campaign_id == campaign_id, col(Pledge.status).in_(HOLDS_STOCK))
        .where(col(Pledge.request_key).startswith(page_mark))
        .group_by(col(PledgeLine.tier_id))
    )
    return {tier_id: int(count) for tier_id, count in session.exec(held)}


def left_behind(session: Session, campaign_id: str, email_key: str, request_key: str) -> list[Pledge]:
    """Unpaid pledges of one backer begun from the same page as `request_key`, locked: who goes back chooses anew."""
    if len(request_key) <= PAGE_MARK:
        return []
    statement = (
        select(Pledge)
        .where(Pledge.campaign_id == campaign_id, Pledge.status == PledgeState.PREAUTH)
        .where(Pledge.email_key == email_key, col(Pledge.request_key).startswith(request_key[:PAGE_MARK]))
        .order_by(Pledge.id)
    )
    return list(session.exec(statement.with_for_update().execution_options(populate_existing=True)))


def page_mark_of(session: Session, token: str) -> str:
    """The page mark of the pledge with that manage token, '' if there is none: its own page may choose anew."""
    statement = select(Pledge.request_key).where(Pledge.token == token)
    return (session.exec(statement).one_or_none() or "")[:PAGE_MARK]


def units_elsewhere(session: Session, pledge: Pledge) -> dict[str, int]:
    """Units by tier id that other confirmed pledges of the same address hold in the campaign."""
    return units_of_address(session, pledge.campaign_id, pledge.email_key, but=pledge.id)


def units_of_address(session: Session, campaign_id: str, email_key: str, but: str = "") -> dict[str, int]:
    """Units by tier id in the confirmed pledges of an address, leaving one pledge out; '' is nobody's address."""
    if not email_key:
        return {}
    held = (
        select(PledgeLine.tier_id, func.sum(PledgeLine.quantity))
        .join(Pledge, col(Pledge.id) == col(PledgeLine.pledge_id))
        .where(Pledge.campaign_id == campaign_id, Pledge.email_key == email_key, Pledge.id != but)
        .where(col(Pledge.status).in_(CONFIRMED))
        .group_by(col(PledgeLine.tier_id))
    )
    return {tier_id: int(count) for tier_id, count in session.exec(held)}


def is_beyond_limit(session: Session, pledge: Pledge) -> bool:
    """True if, with the other confirmed pledges of its address, it takes more of a tier than one backer may have.

    By itself it can do so where its hold was lost: the limit of a reward that nobody holds may be lowered.
    """
    elsewhere = units_elsewhere(session, pledge)
    asked = select(PledgeLine.tier_id, PledgeLine.quantity, Tier.limit_per_backer).join(Tier)
    lines = session.exec(asked.where(PledgeLine.pledge_id == pledge.id)).all()
    return any(quantity + elsewhere.get(tier_id, 0) > limit for tier_id, quantity, limit in lines)


def move(session: Session, pledge: Pledge, event: PledgeEvent, now: datetime, note: str = "") -> None:
    """Take one step of the life; raises IllegalMove. A harmless repeat changes and writes nothing."""
    if PLEDGE.is_repeat(pledge.status, event):
        return
    before = pledge.status
    pledge.status = PLEDGE.move(before, event)
    write(session, pledge, event.value, before, now, note)


def expire(session: Session, pledge: Pledge, now: datetime) -> None:
    """The hold is over and nothing was confirmed: its units are free again."""
    pledge.hold_expires_at = None
    pledge.ended_at = now
    move(session, pledge, PledgeEvent.CHECKOUT_EXPIRED, now)
    stock.free(session, units(session, pledge.id))


def write(session: Session, pledge: Pledge, event: str, before: PledgeState, now: datetime, note: str = "") -> None:
    """Add a line to the time line and raise the version that open forms are checked against."""
    last = session.exec(select(func.max(PledgeMove.seq)).where(col(PledgeMove.pledge_id) == pledge.id)).one()
    pledge.version += 1
    session.add(pledge)
    session.add(
        PledgeMove(
            pledge_id=pledge.id,
            seq=(last or 0) + 1,
            at=now,
            event=event,
            before=before.value,
            after=pledge.status.value,
            total_minor=pledge.total_minor,
            note=note[:500],
        )
    )
    session.flush()


def _only(pledge: Pledge | None) -> Pledge:
    if pledge is None:
        raise NotFound(N_("There is no such pledge. Open the newest link from your mail."))
    return pledge

"""Stock: units of scarce tiers and add-ons, claimed and freed by one conditional UPDATE each (TRUST decision 3)."""

from collections.abc import Mapping

from sqlalchemy import or_, update
from sqlmodel import Session

from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import table
from fundlaunch.errors import N_, SoldOut

TIER = table(Tier)


def claim(session: Session, units: Mapping[str, int]) -> None:
    """Take units by tier id, all or none (the transaction is rolled back); raises SoldOut.

    Tiers are taken in the order of their ids, so that two baskets never wait for each other.
    """
    for tier_id, wanted in sorted(units.items()):
        if wanted and not _take(session, tier_id, wanted):
            raise SoldOut(N_("Somebody was faster: too few are left of what you chose. Choose again; nothing is lost."))


def free(session: Session, units: Mapping[str, int]) -> None:
    """Give units back."""
    for tier_id, given in sorted(units.items()):
        if given:
            session.connection().execute(
                update(TIER).where(TIER.c.id == tier_id).values(claimed=TIER.c.claimed - given)
            )


def exchange(session: Session, old: Mapping[str, int], new: Mapping[str, int]) -> None:
    """Change held units from `old` to `new` in one go; raises SoldOut if a rise finds too few left.

    Rises and falls go in one order of tiers: taking all rises first could wait for a basket that waits for us.
    """
    for tier_id in sorted({*old, *new}):
        claim(session, {tier_id: max(new.get(tier_id, 0) - old.get(tier_id, 0), 0)})
        free(session, {tier_id: max(old.get(tier_id, 0) - new.get(tier_id, 0), 0)})


def _take(session: Session, tier_id: str, units: int) -> bool:
    t = TIER.c
    statement = (
        update(TIER)
        .where(t.id == tier_id, or_(t.quantity.is_(None), t.claimed + units <= t.quantity))
        .values(claimed=t.claimed + units)
    )
    return bool(session.connection().execute(statement).rowcount)


def try_claim(session: Session, units: Mapping[str, int]) -> bool:
    """Like `claim`, but says False instead of raising, and then has taken nothing."""
    try:
        with session.begin_nested():
            claim(session, units)
    except SoldOut:
        return False
    return True

"""Writing into a campaign's time line what was changed; its moves are written by `actions.move`."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from fundlaunch.campaigns.changes import Difference
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, CampaignChange

UNSEEN = frozenset({CampaignState.DRAFT, CampaignState.SUBMITTED})


def record(session: Session, campaign: Campaign, found: Iterable[Difference], actor: str, now: datetime) -> None:
    """Keep what `actor` changed. The campaign's row must be locked; what happens before its launch stays private."""
    mine = CampaignChange.campaign_id == campaign.id
    last = session.exec(select(func.max(CampaignChange.seq)).where(mine)).one() or 0
    for seq, one in enumerate(found, start=last + 1):
        session.add(
            CampaignChange(
                campaign_id=campaign.id,
                seq=seq,
                at=now,
                actor=actor[:120],
                field=one.field,
                before=one.before,
                after=one.after,
                is_live=one.is_public and campaign.status not in UNSEEN,
            )
        )
    session.flush()

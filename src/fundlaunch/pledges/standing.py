"""What became of a campaign's pledges: the sums that its public page shows side by side."""

from sqlalchemy import func, select
from sqlmodel import Session

from fundlaunch.campaigns.standing import Standing
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import table
from fundlaunch.money import Money
from fundlaunch.pledges.states import COUNTS, IN_RECOVERY, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge

PLEDGE = table(Pledge)


def ask_standing(session: Session, campaign: Campaign) -> Standing:
    """Sums and counts of the campaign's own pledges that count, by what became of them and by tier."""
    p = PLEDGE.c
    statement = (
        select(p.status, p.tier_id, func.count(), func.sum(p.total_minor))
        .where(p.campaign_id == campaign.id, p.origin == PledgeOrigin.CAMPAIGN, p.status.in_(COUNTS))
        .group_by(p.status, p.tier_id)
    )
    minor = dict.fromkeys(PledgeState, 0)
    count = dict.fromkeys(PledgeState, 0)
    backers: dict[str | None, int] = {}
    for status, tier_id, pledges, total in session.connection().execute(statement):
        minor[status] += int(total)
        count[status] += pledges
        backers[tier_id] = backers.get(tier_id, 0) + pledges
    recovering = sum(count[status] for status in IN_RECOVERY)
    return Standing(
        collected=Money(minor[PledgeState.COLLECTED], campaign.currency),
        waiting=Money(minor[PledgeState.PLEDGED], campaign.currency),
        recovering=Money(sum(minor[status] for status in IN_RECOVERY), campaign.currency),
        dropped=Money(minor[PledgeState.DROPPED], campaign.currency),
        outstanding=recovering + count[PledgeState.PLEDGED],
        recovering_count=recovering,
        dropped_count=count[PledgeState.DROPPED],
        backers_by_tier=backers,
    )

"""What the panel's buttons do to the demo: end one campaign now, travel in time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from fundlaunch.campaigns import actions
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import TravellingClock
from fundlaunch.database import Database
from fundlaunch.errors import N_, CampaignClosed
from fundlaunch.i18n import FALL_BACK, texts_in


@dataclass(frozen=True)
class Acts:
    """The demo's database and the clock it travels by; the chores do the rest within a second."""

    database: Database
    clock: TravellingClock

    def campaigns(self) -> list[tuple[str, str]]:
        """(slug, title) of those that take pledges."""
        live = select(Campaign).where(Campaign.status == CampaignState.LIVE)
        with self.database.reading() as session:
            found = session.exec(live.order_by(col(Campaign.deadline_at))).all()
        return [(one.slug, str(texts_in(one.texts, FALL_BACK, one.language).get("title", one.slug))) for one in found]

    def end_campaign(self, slug: str) -> None:
        """Bring one campaign's deadline forward to this moment. Raises NotFound, CampaignClosed.

        Travelling to the deadline instead would end the others as well and let every payment window pass.
        """
        with self.database.transaction() as session:
            campaign = actions.find(session, slug)
            if campaign.status is not CampaignState.LIVE:
                raise CampaignClosed(N_("This campaign has ended already. Its page says how it stands."))
            campaign.deadline_at = self.clock.now()
            session.add(campaign)

    def travel(self, seconds: int) -> None:
        """Go forward in time; what falls due on the way is done in the next round of chores."""
        self.clock.travel(timedelta(seconds=seconds))

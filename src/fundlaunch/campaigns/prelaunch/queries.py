"""Reads of the time before a launch: the page people follow, one follower's link, what the studio sees."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns import pitch, queries
from fundlaunch.campaigns.discovery.search import BEFORE_THE_LAUNCH
from fundlaunch.campaigns.pitch import Film
from fundlaunch.campaigns.prelaunch.tables import Follower, PreviewRemark
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rules import Phase
from fundlaunch.campaigns.tables import Campaign

MOST_SHOWN = 100
"""Remarks on the studio's page, the newest first."""


@dataclass(frozen=True, slots=True)
class UpcomingView:
    """The public page of a campaign that was announced."""

    summary: Summary
    film: Film | None


@dataclass(frozen=True, slots=True)
class FollowerView:
    """One follower's link: the campaign it is about and how far they have come."""

    summary: Summary
    is_confirmed: bool
    is_launched: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody with the preview's link said; `name` may be ''."""

    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BeforeView:
    """What the studio shows. `remarks` are the newest ones; `more_remarks` says that there are others."""

    is_announced: bool
    followers: int
    preview_key: str
    launch_at: datetime | None
    remarks: tuple[Remark, ...]
    more_remarks: bool


def is_upcoming(campaign: Campaign) -> bool:
    """True for a draft whose page before the launch is open."""
    return campaign.is_announced and campaign.status in BEFORE_THE_LAUNCH


def opens_preview(campaign: Campaign, key: str) -> bool:
    """True if `key` is the one of the preview's link; takes the same time whatever was typed."""
    made = campaign.preview_key.encode()
    return hmac.compare_digest(made, key.encode()) and bool(made) and campaign.status in BEFORE_THE_LAUNCH


def upcoming(campaign: Campaign, language: str) -> UpcomingView:
    """The page before the launch."""
    head = queries.summary(campaign, language, Phase.DRAFT)
    return UpcomingView(head, pitch.film(campaign, head.title, head.poster_alt))


def follower(session: Session, token: str, language: str) -> FollowerView | None:
    """What a link of a follower's letter is about; None once they have left. Looking changes nothing."""
    found = session.exec(select(Follower, Campaign).join(Campaign).where(Follower.token == token)).one_or_none()
    if found is None:
        return None
    row, campaign = found
    is_launched = campaign.status not in BEFORE_THE_LAUNCH
    head = queries.summary(campaign, language, Phase.DRAFT)
    return FollowerView(head, row.confirmed_at is not None, is_launched)


def before(session: Session, campaign_id: str) -> BeforeView:
    """The studio's page; raises NotFound."""
    campaign = queries.by_id(session, campaign_id)
    newest = (
        select(PreviewRemark)
        .where(PreviewRemark.campaign_id == campaign_id)
        .order_by(col(PreviewRemark.created_at).desc(), col(PreviewRemark.id))
        .limit(MOST_SHOWN + 1)
    )
    rows = session.exec(newest).all()
    return BeforeView(
        is_announced=campaign.is_announced,
        followers=campaign.followers,
        preview_key=campaign.preview_key,
        launch_at=campaign.launch_at,
        remarks=tuple(Remark(row.name, row.text, row.created_at) for row in rows[:MOST_SHOWN]),
        more_remarks=len(rows) > MOST_SHOWN,
    )

"""Further steps of a campaign's life: the schedule, the operator's review, ends that nobody planned, late pledges.

Launch and cancellation themselves are in `actions`. Like those, every verb takes a session inside a transaction and
none of them commits. `actor` is who did it, for the time line.
"""

from datetime import datetime

from sqlmodel import Session

from fundlaunch.campaigns import draft_rows, launch_check, offer_reading, timeline
from fundlaunch.campaigns.actions import find, move, reason_given
from fundlaunch.campaigns.changes import YES, Difference, wall
from fundlaunch.campaigns.notices import tell_creator, tell_operators
from fundlaunch.campaigns.rules import local_instant
from fundlaunch.campaigns.states import CAMPAIGN, CampaignEvent, CampaignState, Review
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, BadInput, Conflict

BEFORE_LAUNCH = frozenset({CampaignState.DRAFT, CampaignState.SUBMITTED})

TAKEN_BACK = N_("Its creator took it back.")
"""The reason of a return that the operator had no part in."""

APPROVED = "approved"


def schedule(session: Session, slug: str, launch_at: datetime, actor: str, now: datetime) -> None:
    """Let the clock launch a campaign: `launch_at` is a wall-clock time (naive) in its zone.

    It may still lack something; whether it is ready is asked again at that time. Raises NotFound, Conflict once it is
    launched, BadInput for a time that has passed or a deadline that does not go with it.
    """
    campaign = _before_launch(session, slug)
    instant = local_instant(launch_at, campaign.timezone, field="launch_at")
    if instant <= now:
        raise BadInput(N_("This time has passed. Choose one that is still to come."), field="launch_at")
    launch_check.deadline_of(draft_rows.read(session, campaign), instant)
    set_schedule(session, campaign, instant, actor, now)


def unschedule(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Take the schedule back, if there is one; raises NotFound, and Conflict once the campaign is launched."""
    set_schedule(session, _before_launch(session, slug), None, actor, now)


def set_schedule(session: Session, campaign: Campaign, launch_at: datetime | None, actor: str, now: datetime) -> None:
    """Write down when the clock launches a campaign (an instant in UTC, or None for never)."""
    before, after = (wall(offer_reading.wall(at, campaign.timezone)) for at in (campaign.launch_at, launch_at))
    if before == after:
        return
    campaign.launch_at = launch_at
    _changed(session, campaign, Difference("launch_at", before, after, is_public=False), actor, now)


def submit(session: Session, slug: str, actor: str, now: datetime, *, review: Review = Review.ON) -> None:
    """Hand a draft to the operator. From now on it stays as it is.

    Raises NotFound, IllegalMove, NotReady, and Conflict where the operator looks at none.
    """
    if review is Review.OFF:
        raise Conflict(N_("The review is off: creators launch without it."))
    campaign = find(session, slug)
    CAMPAIGN.move(campaign.status, CampaignEvent.SUBMITTED)
    missing = launch_check.missing(draft_rows.read(session, campaign), max(now, campaign.launch_at or now))
    if missing:
        raise launch_check.NotReady(missing)
    move(session, campaign, CampaignEvent.SUBMITTED, actor, "", now)
    tell_creator(session, campaign, "creator_submitted", now, once=_once(campaign))
    tell_operators(session, campaign, "operator_submitted", now, once=_once(campaign))


def take_back(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Make a submitted campaign a draft again by its creator's own wish; an approval is lost with it."""
    campaign = find(session, slug)
    _to_draft(session, campaign, actor, TAKEN_BACK, now)


def send_back(session: Session, slug: str, reason: str, actor: str, now: datetime) -> None:
    """Return a submitted campaign to its creator, who is told why; raises NotFound, BadInput, IllegalMove."""
    campaign = find(session, slug)
    CAMPAIGN.move(campaign.status, CampaignEvent.RETURNED)
    text = reason_given(reason)
    _to_draft(session, campaign, actor, text, now)
    tell_creator(session, campaign, "creator_returned", now, once=_once(campaign), more={"reason": text})


def approve(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Let a submitted campaign be launched, by its creator or the clock; raises NotFound, Conflict."""
    campaign = find(session, slug)
    if campaign.status is not CampaignState.SUBMITTED or campaign.approved_at is not None:
        raise Conflict(N_("This campaign does not wait for an approval now. Reload the page to see where it stands."))
    campaign.approved_at = now
    _changed(session, campaign, Difference("review", "", APPROVED, is_public=False), actor, now)
    more = {"launch_at": campaign.launch_at.isoformat()} if campaign.launch_at else {}
    tell_creator(session, campaign, "creator_approved", now, once=_once(campaign), more=more)


def suspend(session: Session, slug: str, reason: str, actor: str, now: datetime) -> None:
    """End a live campaign as the operator, with a reason for everybody to read; its pledges are released afterwards.

    Possible during the final count, too. Raises NotFound, BadInput, IllegalMove.
    """
    campaign = _ended(session, slug, CampaignEvent.OPERATOR_SUSPENDED, reason, actor, now)
    tell_creator(session, campaign, "creator_suspended", now, more={"reason": campaign.closed_reason})


def stop(session: Session, slug: str, reason: str, actor: str, now: datetime) -> None:
    """End a successful campaign, with a reason for everybody to read.

    No further charge is begun from here on, and late pledges are closed. What was charged already is paid back by the
    settling. Raises NotFound, BadInput, IllegalMove.
    """
    campaign = _ended(session, slug, CampaignEvent.STOPPED, reason, actor, now)
    if campaign.takes_late_pledges:
        campaign.takes_late_pledges = False
        _changed(session, campaign, Difference("late_pledges", YES, "", is_public=True), actor, now)
    tell_creator(session, campaign, "creator_stopped", now, more={"reason": campaign.closed_reason})


def open_late_pledges(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Take pledges again after a success, charged at once; raises NotFound, Conflict unless it was successful."""
    campaign = _successful(session, slug)
    if not campaign.takes_late_pledges:
        campaign.takes_late_pledges = True
        _changed(session, campaign, Difference("late_pledges", "", YES, is_public=True), actor, now)


def close_late_pledges(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Take no more late pledges; what was paid stays as it is. Raises NotFound, Conflict."""
    campaign = _successful(session, slug)
    if campaign.takes_late_pledges:
        campaign.takes_late_pledges = False
        _changed(session, campaign, Difference("late_pledges", YES, "", is_public=True), actor, now)


def _before_launch(session: Session, slug: str) -> Campaign:
    campaign = find(session, slug)
    if campaign.status not in BEFORE_LAUNCH:
        raise Conflict(N_("This campaign is launched already. Reload the page to see where it stands."))
    return campaign


def _successful(session: Session, slug: str) -> Campaign:
    campaign = find(session, slug)
    if campaign.status is not CampaignState.SUCCESSFUL:
        raise Conflict(N_("Late pledges belong to a campaign that reached its goal and has ended."))
    return campaign


def _to_draft(session: Session, campaign: Campaign, actor: str, reason: str, now: datetime) -> None:
    CAMPAIGN.move(campaign.status, CampaignEvent.RETURNED)
    campaign.approved_at = None
    move(session, campaign, CampaignEvent.RETURNED, actor, reason, now)


def _ended(session: Session, slug: str, event: CampaignEvent, reason: str, actor: str, now: datetime) -> Campaign:
    campaign = find(session, slug)
    CAMPAIGN.move(campaign.status, event)
    campaign.closed_reason = reason_given(reason)
    campaign.settling = True
    move(session, campaign, event, actor, campaign.closed_reason, now)
    return campaign


def _changed(session: Session, campaign: Campaign, what: Difference, actor: str, now: datetime) -> None:
    campaign.version += 1
    session.add(campaign)
    timeline.record(session, campaign, [what], actor, now)


def _once(campaign: Campaign) -> str:
    """What tells one round of review from the next: the version rises with every step."""
    return str(campaign.version)

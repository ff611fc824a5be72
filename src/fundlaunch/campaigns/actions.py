"""What is done to a campaign. Every verb takes a session inside a transaction; none of them commits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from fundlaunch.campaigns import changes, draft_rows, edits, launch_check, timeline
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.edits import EditPhase, Standing
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.rules import local_instant, takes_pledges
from fundlaunch.campaigns.states import CAMPAIGN, CampaignEvent, CampaignState, Review
from fundlaunch.campaigns.tables import Campaign, CampaignMove, CampaignRevision, StretchGoal, Tier
from fundlaunch.errors import N_, BadInput, CampaignClosed, Conflict, NotFound

REASON_LIMIT = 2000

TIMES = frozenset({"deadline", "launch_at"})
"""Fields whose faults depend on the time of the day: a launch decides on them itself, afterwards they stand."""


class NotApproved(Conflict):
    """A launch that waits for the operator's word."""


def create(session: Session, values: CampaignDraft, owner_id: str | None, now: datetime) -> str:
    """Keep a new draft and give its id; raises BadInput with the first of its faults, or if its slug is taken."""
    _refuse_first(faults(values, now))
    campaign = Campaign(
        slug=values.slug,
        owner_id=owner_id,
        status=CampaignState.DRAFT,
        currency=values.currency,
        goal_minor=values.goal_minor,
        created_at=now,
    )
    draft_rows.write_head(campaign, values)
    campaign.deadline_at = _chosen_deadline(values)
    _claim_slug(session, campaign)
    draft_rows.write(session, campaign, values)
    return campaign.id


def revise(session: Session, slug: str, values: CampaignDraft, now: datetime, *, actor: str) -> None:
    """Make a campaign what `values` say, as far as its phase allows; while live the texts before are kept.

    Every field that changes is written into the time line as `actor`'s. Raises NotFound, Conflict while the operator
    looks at it, or BadInput for the first change that is not allowed now or value that does not fit.
    """
    campaign = find(session, slug)
    if campaign.status is CampaignState.SUBMITTED:
        raise Conflict(
            N_("The campaign was submitted, and what is looked at must stay as it is. Take it back to change it.")
        )
    standing = standing_of(session, campaign, now)
    before = draft_rows.read(session, campaign)
    _refuse_first(edits.refusals(before, values, standing))
    is_draft = standing.phase is EditPhase.DRAFT
    _refuse_first(fault for fault in faults(values, now) if is_draft or fault.field not in TIMES)
    if is_draft:
        campaign.deadline_at = _chosen_deadline(values)
    else:
        # A file that states no deadline leaves the one that the launch worked out of the days.
        values = replace(values, deadline=before.deadline)
        _keep_revision(session, campaign, before, values, now)
    timeline.record(session, campaign, changes.between(before, values), actor, now)
    campaign.version += 1
    _write(session, campaign, values)


def launch(session: Session, slug: str, actor: str, now: datetime, *, review: Review = Review.OFF) -> None:
    """Make a campaign live and fix its deadline; with `review` on only one that the operator approved.

    Raises NotFound, IllegalMove, NotApproved, or NotReady with what is missing.
    """
    campaign = find(session, slug)
    CAMPAIGN.move(campaign.status, CampaignEvent.LAUNCHED)
    if review is Review.ON and campaign.approved_at is None:
        raise NotApproved(N_("The operator of this site has to approve a campaign before its launch. Submit it first."))
    values = draft_rows.read(session, campaign)
    _refuse_first(fault for fault in faults(values, now) if fault.field not in TIMES)
    missing = launch_check.missing(values, now)
    if missing:
        raise launch_check.NotReady(missing)
    campaign.deadline_at = launch_check.deadline_of(values, now)
    campaign.launched_at = now
    # Whoever follows is told, also where the page before the launch was closed again (prelaunch/telling.py).
    campaign.is_announced = campaign.is_announced or campaign.followers > 0
    move(session, campaign, CampaignEvent.LAUNCHED, actor, "", now)


def cancel(session: Session, slug: str, reason: str, actor: str, now: datetime) -> None:
    """End a live campaign before its deadline, with a reason for everybody to read.

    Its pledges are released afterwards (`settling`). Raises NotFound, BadInput, IllegalMove, CampaignClosed.
    """
    campaign = find(session, slug)
    CAMPAIGN.move(campaign.status, CampaignEvent.CREATOR_CANCELED)
    if not takes_pledges(campaign.status, campaign.deadline_at, now):
        raise CampaignClosed(N_("The deadline has passed and the final count is on. Wait for its outcome."))
    text = reason_given(reason)
    campaign.settling = True
    campaign.closed_reason = text
    move(session, campaign, CampaignEvent.CREATOR_CANCELED, actor, text, now)


def reason_given(reason: str) -> str:
    """A reason as it is kept; raises BadInput for none, or one that is too long."""
    text = reason.strip()
    if not text or len(text) > REASON_LIMIT:
        raise BadInput(
            N_("Give a reason of at most {limit} characters: the people it concerns will read it."),
            field="reason",
            limit=REASON_LIMIT,
        )
    return text


def move(session: Session, campaign: Campaign, event: CampaignEvent, actor: str, reason: str, now: datetime) -> None:
    """Take one step of a campaign's life and write it into its time line; raises IllegalMove."""
    before = campaign.status
    campaign.status = CAMPAIGN.move(before, event)
    campaign.version += 1
    steps = session.exec(
        select(func.count()).select_from(CampaignMove).where(CampaignMove.campaign_id == campaign.id)
    ).one()
    session.add(campaign)
    session.add(
        CampaignMove(
            campaign_id=campaign.id,
            seq=steps + 1,
            at=now,
            event=event.value,
            before=before.value,
            after=campaign.status.value,
            actor=actor[:120],
            reason=reason[:REASON_LIMIT],
        )
    )
    session.flush()


def find(session: Session, slug: str) -> Campaign:
    """The campaign of that slug, locked until the transaction ends; raises NotFound."""
    statement = select(Campaign).where(Campaign.slug == slug).with_for_update()
    campaign = session.exec(statement.execution_options(populate_existing=True)).one_or_none()
    if campaign is None:
        raise NotFound(N_("There is no campaign “{slug}”. Look at the list for its address."), slug=slug[:60])
    return campaign


def standing_of(session: Session, campaign: Campaign, now: datetime) -> Standing:
    """How far a campaign has come. Its tiers are locked, so that nobody chooses one while it is changed."""
    tiers = session.exec(
        select(Tier).where(Tier.campaign_id == campaign.id).order_by(col(Tier.id)).with_for_update()
    ).all()
    reached = session.exec(
        select(StretchGoal.slug).where(StretchGoal.campaign_id == campaign.id, col(StretchGoal.reached_at).is_not(None))
    ).all()
    return Standing(
        phase=edits.phase(campaign.status, campaign.deadline_at, now),
        chosen={tier.slug: tier.claimed for tier in tiers},
        reached=frozenset(reached),
        pledged_minor=campaign.pledged_minor,
        backers=campaign.backers,
        ordered={tier.slug: tier.ordered for tier in tiers},
    )


def _refuse_first(found: Iterable[BadInput]) -> None:
    for fault in found:
        raise fault


def _chosen_deadline(values: CampaignDraft) -> datetime | None:
    return None if values.deadline is None else local_instant(values.deadline, values.timezone)


def _claim_slug(session: Session, campaign: Campaign) -> None:
    try:
        with session.begin_nested():
            session.add(campaign)
    except IntegrityError as error:
        raise BadInput(
            N_("The address “{slug}” is taken by another campaign. Choose another one."),
            field="slug",
            slug=campaign.slug,
        ) from error


def _write(session: Session, campaign: Campaign, values: CampaignDraft) -> None:
    """Write the draft; what somebody once chose cannot be taken away, even if nobody holds it now."""
    try:
        with session.begin_nested():
            draft_rows.write(session, campaign, values)
    except IntegrityError as error:
        raise Conflict(
            N_("Something here is still used by a pledge or has a name that is taken. Close a reward, don't remove it.")
        ) from error


def _keep_revision(
    session: Session, campaign: Campaign, before: CampaignDraft, values: CampaignDraft, now: datetime
) -> None:
    if not edits.REVISED & set(edits.changed(before, values)):
        return
    kept = session.exec(
        select(func.count()).select_from(CampaignRevision).where(CampaignRevision.campaign_id == campaign.id)
    ).one()
    session.add(
        CampaignRevision(
            campaign_id=campaign.id,
            seq=kept + 1,
            until_at=now,
            texts=campaign.texts,
            video=campaign.video,
            poster=campaign.poster,
            poster_alt=campaign.poster_alt,
        )
    )

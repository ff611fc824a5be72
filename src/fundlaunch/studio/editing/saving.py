"""Saving a section: the draft as it stands now, with this part of it as typed, through the one door for revisions."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns import actions, draft_rows, edits, queries
from fundlaunch.campaigns.actions import TIMES
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.tables import Campaign, StretchGoal, Tier
from fundlaunch.errors import N_, BadInput
from fundlaunch.people.accounts import give_role
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import Role
from fundlaunch.studio.editing.section import Section, note, note_all
from fundlaunch.web.forms import Form


@dataclass(frozen=True, slots=True)
class Stand:
    """A campaign as its editor sees it.

    `chosen` counts units held or pledged, `ordered` those that count in the total, both by slug of reward and add-on.
    `reached` are the slugs of reached stretch goals; `pledged_minor` and `backers` are the totals as they stand.
    """

    draft: CampaignDraft
    phase: EditPhase
    chosen: dict[str, int]
    ordered: dict[str, int]
    reached: frozenset[str]
    pledged_minor: int
    backers: int


def stand(session: Session, slug: str, now: datetime) -> Stand:
    """How a campaign stands, for a page; raises NotFound."""
    campaign = queries.by_slug(session, slug)
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id)).all()
    reached = session.exec(
        select(StretchGoal.slug).where(StretchGoal.campaign_id == campaign.id, col(StretchGoal.reached_at).is_not(None))
    )
    return Stand(
        draft=draft_rows.read(session, campaign),
        phase=edits.phase(campaign.status, campaign.deadline_at, now),
        chosen={tier.slug: tier.claimed for tier in tiers},
        ordered={tier.slug: tier.ordered for tier in tiers},
        reached=frozenset(reached),
        pledged_minor=campaign.pledged_minor,
        backers=campaign.backers,
    )


def save(session: Session, slug: str, section: Section, form: Form, now: datetime, *, actor: str) -> None:
    """Save a section as it was typed. Mistakes are noted in the form, and then nothing is written.

    Raises NotFound, and Conflict where pledges stand in the way.
    """
    before, after = look(session, slug, section, form, now)
    if not form.errors and after != before:
        actions.revise(session, slug, after, now, actor=actor)


def look(
    session: Session, slug: str, section: Section, form: Form, now: datetime
) -> tuple[CampaignDraft, CampaignDraft]:
    """The draft before and after a section as it was typed. Every mistake is noted in the form; nothing is written."""
    campaign = actions.find(session, slug)
    before = draft_rows.read(session, campaign)
    after = section.read(form, before)
    standing = actions.standing_of(session, campaign, now)
    found = edits.refusals(before, after, standing)
    found += [fault for fault in faults(after, now) if standing.phase is EditPhase.DRAFT or fault.field not in TIMES]
    note_all(form, section, found, after.language)
    return before, after


def create(session: Session, section: Section, form: Form, draft: CampaignDraft, owner: Person, now: datetime) -> str:
    """Keep a new campaign and make the person its owner; gives its slug, or '' with mistakes noted in the form."""
    values = section.read(form, draft)
    found = faults(values, now)
    if session.exec(select(Campaign.id).where(Campaign.slug == values.slug)).first() is not None:
        found.append(_taken(values.slug))
    note_all(form, section, found, values.language)
    if not form.is_valid:
        return ""
    try:
        campaign_id = actions.create(session, values, owner.account_id, now)
    except BadInput as fault:
        note(form, section, fault, values.language)
        return ""
    give_role(session, owner.account_id, campaign_id, Role.OWNER, now)
    return values.slug


def _taken(slug: str) -> BadInput:
    return BadInput(
        N_("The address “{slug}” is taken by another campaign. Choose another one."), field="slug", slug=slug
    )

"""Saving a section: the draft as it stands now, with this part of it as typed, through the one door for revisions."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from fundlaunch.campaigns import actions, draft_rows, edits, queries
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.tables import Tier
from fundlaunch.errors import BadInput
from fundlaunch.people.accounts import give_role
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import Role
from fundlaunch.studio.editing.section import Section, note
from fundlaunch.web.forms import Form


@dataclass(frozen=True, slots=True)
class Stand:
    """A campaign as its editor sees it. `chosen` counts units by slug of reward and add-on."""

    draft: CampaignDraft
    phase: EditPhase
    chosen: dict[str, int]


def stand(session: Session, slug: str, now: datetime) -> Stand:
    """How a campaign stands, for a page; raises NotFound."""
    campaign = queries.by_slug(session, slug)
    chosen = session.exec(select(Tier.slug, Tier.claimed).where(Tier.campaign_id == campaign.id)).all()
    phase = edits.phase(campaign.status, campaign.deadline_at, now)
    return Stand(draft_rows.read(session, campaign), phase, dict(chosen))


def save(session: Session, slug: str, section: Section, form: Form, now: datetime) -> None:
    """Save a section as it was typed. Mistakes are noted in the form, and then nothing is written.

    Raises NotFound, and Conflict where pledges stand in the way.
    """
    campaign = actions.find(session, slug)
    before = draft_rows.read(session, campaign)
    after = section.read(form, before)
    if not form.is_valid:
        return
    standing = actions.standing_of(session, campaign, now)
    found = edits.refusals(before, after, standing)
    found += [fault for fault in faults(after, now) if standing.phase is EditPhase.DRAFT or fault.field != "deadline"]
    for fault in found:
        note(form, section, fault, after.language)
    if not form.errors and after != before:
        actions.revise(session, slug, after, now)


def create(session: Session, section: Section, form: Form, draft: CampaignDraft, owner: Person, now: datetime) -> str:
    """Keep a new campaign and make the person its owner; gives its slug, or '' with mistakes noted in the form."""
    values = section.read(form, draft)
    for fault in faults(values, now) if form.is_valid else ():
        note(form, section, fault, values.language)
    if not form.is_valid:
        return ""
    try:
        campaign_id = actions.create(session, values, owner.account_id, now)
    except BadInput as fault:
        note(form, section, fault, values.language)
        return ""
    give_role(session, owner.account_id, campaign_id, Role.OWNER, now)
    return values.slug

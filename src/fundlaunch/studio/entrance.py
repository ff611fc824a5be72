"""Who may enter which page of the studio, and what stands around every page of one campaign."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from fundlaunch import i18n
from fundlaunch.campaigns import edits, queries
from fundlaunch.campaigns.bounds import SLUG
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rules import phase
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, NotAllowed
from fundlaunch.people import access
from fundlaunch.people import queries as people
from fundlaunch.people.present import require_person
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import GRANTS, Permission
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

ENTRIES = (
    ("", N_("Overview"), Permission.SEE),
    ("/edit", N_("Edit"), Permission.EDIT),
    ("/before", N_("Before the launch"), Permission.SEE),
    ("/launch", N_("Launch"), Permission.SEE),
    ("/backers", N_("Backers"), Permission.BACKERS),
    ("/lists", N_("Lists"), Permission.BACKERS),
    ("/history", N_("History"), Permission.SEE),
)
"""The menu of a campaign: the end of the address, the word, what one has to be allowed."""

UNTIL_THE_LAUNCH = frozenset({"/before", "/launch"})
"""Entries that go with the launch."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu, as layouts/desk.html takes it; `count` is a text, '' for none."""

    address: str
    label: str
    count: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page of a campaign's studio. `phase` says what may be edited."""

    person: Person
    may: frozenset[Permission]
    campaign: Summary
    status: CampaignState
    phase: EditPhase
    menu: tuple[Entry, ...]

    @property
    def may_edit(self) -> bool:
        return Permission.EDIT in self.may

    @property
    def may_run(self) -> bool:
        return Permission.RUN in self.may

    @property
    def may_see_backers(self) -> bool:
        return Permission.BACKERS in self.may

    @property
    def is_draft(self) -> bool:
        return self.phase is EditPhase.DRAFT


@contextmanager
def looking(shell: Shell, request: Request, permission: Permission, here: str) -> Iterator[tuple[Session, Frame]]:
    """A reading session and the frame of the campaign in the address; raises SignInNeeded, NotFound, NotAllowed."""
    person = require_person(shell, request)
    with shell.database.reading() as session:
        yield session, _frame(session, request, person, permission, here, shell.clock.now())


@contextmanager
def changing(shell: Shell, request: Request, permission: Permission, here: str) -> Iterator[tuple[Session, Frame]]:
    """The same with a writing session, which is committed at the end unless something is raised."""
    person = require_person(shell, request)
    with shell.database.transaction() as session:
        yield session, _frame(session, request, person, permission, here, shell.clock.now())


def page(shell: Shell, request: Request, name: str, frame: Frame, status: int = 200, **views: object) -> Response:
    """A page of a campaign's studio."""
    return shell.templates.render(
        request, f"studio/{name}.html", status, Policy.MANAGE, frame=frame, menu=frame.menu, **views
    )


def operators_only(person: Person) -> None:
    """Return for the operator of this site; raises NotAllowed for anybody else."""
    if not person.is_operator:
        raise NotAllowed(N_("Only the operator of this site can do this."))


def address(slug: str, end: str = "") -> str:
    """The address of a page of a campaign's studio."""
    return f"/studio/campaigns/{slug}{end}"


def _frame(
    session: Session, request: Request, person: Person, permission: Permission, here: str, now: datetime
) -> Frame:
    slug = request.path_params["slug"]
    # A campaign of others and one that does not exist are refused by the same sentence.
    statement = select(Campaign.id).where(col(Campaign.slug) == slug)
    found = session.exec(statement).one_or_none() if SLUG.fullmatch(slug) else None
    access.allow(session, person, found or "", permission)
    campaign = queries.by_id(session, found or "")
    language = language_of(request)
    summary = queries.summary(campaign, language, phase(campaign.status, campaign.deadline_at, now, outstanding=0))
    may = _permissions(session, person, campaign.id)
    editing = edits.phase(campaign.status, campaign.deadline_at, now)
    return Frame(person, may, summary, campaign.status, editing, tuple(_menu(request, summary, may, editing, here)))


def _permissions(session: Session, person: Person, campaign_id: str) -> frozenset[Permission]:
    if person.is_operator:
        return frozenset(Permission)
    role = people.role_in(session, person.account_id, campaign_id)
    return GRANTS[role] if role else frozenset()


def _menu(
    request: Request, summary: Summary, may: frozenset[Permission], editing: EditPhase, here: str
) -> Iterator[Entry]:
    language = language_of(request)
    for end, label, permission in ENTRIES:
        if permission not in may or (end in UNTIL_THE_LAUNCH and editing is not EditPhase.DRAFT):
            continue
        count = i18n.number(summary.backers, language) if end == "/backers" and summary.backers else ""
        words = i18n.translate(language, label)
        yield Entry(link(request, address(summary.slug, end)), words, count, end == here)
    public = i18n.translate(language, N_("Campaign page"))
    yield Entry(link(request, f"/campaigns/{summary.slug}"), public, "", is_here=False)

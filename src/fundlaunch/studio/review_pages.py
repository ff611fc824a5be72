"""The operator's review: campaigns that were submitted, and the word on each."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import actions, life, queries
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rules import phase
from fundlaunch.campaigns.states import CampaignEvent, CampaignState, Review
from fundlaunch.campaigns.tables import Campaign, CampaignMove
from fundlaunch.errors import N_, BadInput, Conflict
from fundlaunch.people.present import require_person
from fundlaunch.people.roles import Permission
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import changing, looking, operators_only, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Submitted:
    """A campaign that waits for the operator's word, or has it and waits for its launch."""

    campaign: Summary
    status: CampaignState
    submitted_at: datetime | None
    approved_at: datetime | None


def routes(shell: Shell) -> list[Route]:
    """/studio/review and /studio/campaigns/{slug}/review, for the operator alone."""
    return [_list(shell), *_one(shell)]


def submitted(session: Session, language: str, now: datetime) -> tuple[Submitted, ...]:
    """The campaigns that were submitted, the one that waits longest first; those with the word last."""
    at = select(CampaignMove.campaign_id, CampaignMove.at).where(CampaignMove.event == CampaignEvent.SUBMITTED.value)
    since: dict[str, datetime] = dict(session.exec(at.order_by(col(CampaignMove.seq))).all())
    rows = session.exec(
        select(Campaign).where(Campaign.status == CampaignState.SUBMITTED).order_by(col(Campaign.id)).limit(MOST_LISTED)
    ).all()
    found = [
        Submitted(
            queries.summary(row, language, phase(row.status, row.deadline_at, now, outstanding=0)),
            row.status,
            since.get(row.id),
            row.approved_at,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.approved_at is not None, one.submitted_at or now)))


def waiting(session: Session) -> int:
    """How many campaigns wait for the operator's word."""
    statement = select(func.count()).select_from(Campaign).where(Campaign.status == CampaignState.SUBMITTED)
    return session.exec(statement.where(col(Campaign.approved_at).is_(None))).one()


def _list(shell: Shell) -> Route:
    def show(request: Request) -> Response:
        person = require_person(shell, request)
        operators_only(person)
        now = shell.clock.now()
        with shell.database.reading() as session:
            found = submitted(session, language_of(request), now)
        is_on = Review(shell.settings.review) is Review.ON
        return shell.templates.render(
            request, "studio/reviews.html", policy=Policy.MANAGE, menu=(), person=person, found=found, is_on=is_on
        )

    return Route("/studio/review", show)


def _one(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _page(shell, request, None)

    def decide(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        try:
            with changing(shell, request, Permission.RUN, "/review") as (session, frame):
                operators_only(frame.person)
                form.only({"do", "reason"})
                _decide(session, slug, form, frame.person.email, shell.clock.now())
        except (BadInput, Conflict) as refusal:
            refuse(form, refusal, getattr(refusal, "field", ""))
            return _page(shell, request, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, "/studio/review"), 303)

    path = "/studio/campaigns/{slug}/review"
    return [Route(path, show), Route(path, posted(shell.signed(decide)), methods=["POST"])]


def _decide(session: Session, slug: str, form: Form, actor: str, now: datetime) -> None:
    match form.typed("do"):
        case "approve":
            life.approve(session, slug, actor, now)
        case "return":
            life.send_back(session, slug, form.long_text("reason", actions.REASON_LIMIT), actor, now)
        case _:
            raise BadInput(N_("This page knows no such step. Reload it."))


def _page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.RUN, "/review") as (session, frame):
        operators_only(frame.person)
        campaign = queries.by_id(session, frame.campaign.id)
    return page(
        shell,
        request,
        "review",
        frame,
        status,
        form=form,
        limit=actions.REASON_LIMIT,
        is_waiting=campaign.status is CampaignState.SUBMITTED and campaign.approved_at is None,
        approved_at=campaign.approved_at,
        launch_at=campaign.launch_at,
    )

"""The launch of a campaign: its check-list, now or by the clock, and the operator's word where one is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import actions, draft_rows, history, life, queries
from fundlaunch.campaigns.launch_check import NotReady, Point, check_list, deadline_of, missing
from fundlaunch.campaigns.states import CampaignState, Review
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, BadInput, Conflict
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio.editing.section import read_wall, refuse, wall_written
from fundlaunch.studio.entrance import Frame, address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

SECTION_OF = {
    "title": "basics", "blurb": "basics", "creator": "basics", "deadline": "basics", "languages": "basics",
    "story": "story", "risks": "story", "tiers": "rewards", "delivery": "rewards",
    "video": "pitch", "poster": "pitch", "poster.alt": "pitch", "faq": "faq", "stretch_goals": "stretch",
}  # fmt: skip
"""Where a point of the check-list is mended."""

DO = "do"
"""The field of a button's form: what it does."""

LAUNCH, SCHEDULE = "launch", "schedule"

Step = Callable[[Session, str, str, datetime], None]

STEPS: Mapping[str, Step] = {
    "unschedule": life.unschedule,
    "take_back": life.take_back,
}
"""Buttons that need nothing but to be pressed; afterwards the same page is shown."""


@dataclass(frozen=True, slots=True)
class PointView:
    """A point of the check-list, in the page's language; `address` is '' for who may not edit."""

    what: str
    why: str
    address: str
    is_done: bool
    blocks: bool


@dataclass(frozen=True, slots=True)
class LaunchView:
    """How near a campaign is to its launch. Times in UTC.

    `ends_at` is the deadline if it were launched now, None while something is missing; `scheduled_at` is when the clock
    launches it, `missed` the wall-clock time at which it was not ready. `returned` is the operator's reason, or ''.
    """

    points: tuple[PointView, ...]
    missing: int
    goal: Money
    is_flexible: bool
    ends_at: datetime | None
    scheduled_at: datetime | None
    scheduled: str
    missed: str
    returned: str
    is_submitted: bool
    is_approved: bool
    needs_approval: bool

    @property
    def may_launch(self) -> bool:
        """Nothing is missing, and the operator's word is there or not needed."""
        return not self.missing and (self.is_approved or not self.needs_approval)


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/launch."""

    def show(request: Request) -> Response:
        return _page(shell, request, None)

    def press(request: Request, form: Form) -> Response:
        slug, what = request.path_params["slug"], form.typed(DO) or LAUNCH
        try:
            with changing(shell, request, Permission.RUN, "/launch") as (session, frame):
                form.only({DO, "launch_at"})
                _do(shell, session, slug, what, form, frame.person.email)
        except (BadInput, NotReady, Conflict) as refusal:
            refuse(form, refusal, "launch_at" if what == SCHEDULE else "")
            return _page(shell, request, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, address(slug, "" if what == LAUNCH else "/launch")), 303)

    path = "/studio/campaigns/{slug}/launch"
    return [Route(path, show), Route(path, posted(shell.signed(press)), methods=["POST"])]


def points_of(session: Session, slug: str, now: datetime) -> tuple[Point, ...]:
    """The check-list of a draft; raises NotFound."""
    return check_list(draft_rows.read(session, queries.by_slug(session, slug)), now)


def _do(shell: Shell, session: Session, slug: str, what: str, form: Form, actor: str) -> None:
    now = shell.clock.now()
    if what == LAUNCH:
        actions.launch(session, slug, actor, now, review=Review(shell.settings.review))
    elif what == SCHEDULE:
        chosen = read_wall(form, "launch_at")
        if chosen is None:
            raise form.errors.get("launch_at") or BadInput(N_("Please fill this in."), field="launch_at")
        life.schedule(session, slug, chosen, actor, now)
    elif what == "submit":
        life.submit(session, slug, actor, now, review=Review(shell.settings.review))
    elif what in STEPS:
        STEPS[what](session, slug, actor, now)
    else:
        raise BadInput(N_("This page knows no such step. Reload it."))


def _page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    now = shell.clock.now()
    with looking(shell, request, Permission.SEE, "/launch") as (session, frame):
        campaign = queries.by_id(session, frame.campaign.id)
        view = _view(session, campaign, request, frame, Review(shell.settings.review), now)
    if campaign.status not in life.BEFORE_LAUNCH and form is None:
        return RedirectResponse(link(request, address(frame.campaign.slug)), 303)
    return page(shell, request, "launch", frame, status, form=form, view=view)


def _view(
    session: Session, campaign: Campaign, request: Request, frame: Frame, review: Review, now: datetime
) -> LaunchView:
    draft = draft_rows.read(session, campaign)
    lacking = len(missing(draft, now))
    return LaunchView(
        points=tuple(_point_view(request, point, frame) for point in check_list(draft, now)),
        missing=lacking,
        goal=frame.campaign.goal,
        is_flexible=frame.campaign.is_flexible,
        ends_at=None if lacking else deadline_of(draft, now),
        scheduled_at=campaign.launch_at,
        scheduled=wall_written(draft.launch_at),
        missed="" if campaign.launch_at else history.missed_launch(session, campaign.id, language_of(request)),
        returned=history.returned_because(session, campaign.id),
        is_submitted=campaign.status is CampaignState.SUBMITTED,
        is_approved=campaign.approved_at is not None,
        needs_approval=review is Review.ON,
    )


def _point_view(request: Request, point: Point, frame: Frame) -> PointView:
    language = language_of(request)
    where = address(frame.campaign.slug, f"/edit/{SECTION_OF[point.key]}")
    return PointView(
        what=i18n.translate(language, point.what, **point.values),
        why=i18n.translate(language, point.why),
        address=link(request, where) if frame.may_edit else "",
        is_done=point.is_done,
        blocks=point.blocks,
    )

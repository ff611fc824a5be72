"""The overview of a campaign, its launch, and taking it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import actions, draft_rows, queries
from fundlaunch.campaigns.launch_check import NotReady, Point, check_list, deadline_of
from fundlaunch.errors import BadInput, Conflict
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio import backers, chart
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import Frame, address, changing, looking, page
from fundlaunch.studio.next_steps import Step, next_steps
from fundlaunch.studio.overview import Overview, overview
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

SECTION_OF = {
    "title": "basics", "blurb": "basics", "creator": "basics", "deadline": "basics", "languages": "basics",
    "story": "story", "risks": "story", "tiers": "rewards", "delivery": "rewards",
    "video": "pitch", "poster": "pitch", "poster.alt": "pitch", "faq": "faq",
}  # fmt: skip
"""Where a point of the check-list is mended."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A thing to do, in the page's language; `address` is '' where there is nothing to open."""

    what: str
    why: str
    address: str
    link: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class PointView:
    """A point of the check-list, in the page's language; `address` is '' for who may not edit."""

    what: str
    why: str
    address: str
    is_done: bool
    blocks: bool


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}, .../launch, .../cancel."""
    return [*_overview(shell), *_launch(shell), *_cancel(shell)]


def _overview(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        now, language = shell.clock.now(), language_of(request)
        with looking(shell, request, Permission.SEE, "") as (session, frame):
            view = overview(session, frame.campaign.slug, language, now)
            points = _points(session, frame.campaign.slug, now) if frame.is_draft else ()
            waiting = backers.waiting(session, frame.campaign.id) if view.is_successful else (0, 0)
        steps = next_steps(view, points, *waiting)
        return page(
            shell,
            request,
            "overview",
            frame,
            view=view,
            now=now,
            steps=[_step_view(request, step, frame) for step in steps],
            charts=_charts(view),
        )

    return [Route("/studio/campaigns/{slug}", show)]


def _charts(view: Overview) -> tuple[chart.Chart, ...]:
    """The wide drawing and the narrow one; none before the launch."""
    if view.progress is None:
        return ()
    return tuple(chart.chart(view.progress, view.goal, view.next_stretch, size) for size in (chart.WIDE, chart.NARROW))


def _step_view(request: Request, step: Step, frame: Frame) -> StepView:
    language = language_of(request)
    values = {name: _value(value, language) for name, value in step.values.items()}
    ends = {"preview": f"/campaigns/{frame.campaign.slug}", "new": "/studio/new"}
    where = ends.get(step.end) or address(frame.campaign.slug, step.end)
    return StepView(
        what=i18n.translate(language, step.what, **values),
        why=i18n.translate(language, step.why, **values),
        address=link(request, where) if _may_follow(step, frame) else "",
        link=i18n.translate(language, step.link),
        is_done=step.is_done,
    )


def _value(value: object, language: str) -> object:
    if isinstance(value, Money):
        return i18n.money(value, language)
    return i18n.number(value, language) if isinstance(value, int) else value


def _may_follow(step: Step, frame: Frame) -> bool:
    """A link leads only to where the person may go."""
    if step.end.startswith("/edit"):
        return frame.may_edit
    if step.end.startswith(("/backers", "/lists")):
        return frame.may_see_backers
    return bool(step.end)


def _points(session: Session, slug: str, now: datetime) -> tuple[Point, ...]:
    return check_list(draft_rows.read(session, queries.by_slug(session, slug)), now)


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


def _launch(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _launch_page(shell, request, None)

    def launch(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        try:
            with changing(shell, request, Permission.RUN, "/launch") as (session, frame):
                form.only(())
                actions.launch(session, slug, frame.person.email, shell.clock.now())
        except (BadInput, NotReady, Conflict) as refusal:
            refuse(form, refusal)
            return _launch_page(shell, request, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, address(slug)), 303)

    path = "/studio/campaigns/{slug}/launch"
    return [Route(path, show), Route(path, posted(shell.signed(launch)), methods=["POST"])]


def _launch_page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    now = shell.clock.now()
    with looking(shell, request, Permission.SEE, "/launch") as (session, frame):
        draft = draft_rows.read(session, queries.by_slug(session, frame.campaign.slug))
    if not frame.is_draft and form is None:
        return RedirectResponse(link(request, address(frame.campaign.slug)), 303)
    points = check_list(draft, now)
    missing = [point for point in points if point.blocks and not point.is_done]
    views = {
        "points": [_point_view(request, point, frame) for point in points],
        "missing": len(missing),
        "goal": Money(draft.goal_minor, draft.currency),
        "ends_at": deadline_of(draft, now) if not missing else None,
    }
    return page(shell, request, "launch", frame, status, form=form, **views)


def _cancel(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _cancel_page(shell, request, None)

    def cancel(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        try:
            with changing(shell, request, Permission.RUN, "") as (session, frame):
                form.only({"reason"})
                reason = form.long_text("reason", actions.REASON_LIMIT)
                actions.cancel(session, slug, reason, frame.person.email, shell.clock.now())
        except (BadInput, Conflict) as refusal:
            refuse(form, refusal, getattr(refusal, "field", ""))
            return _cancel_page(shell, request, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, address(slug)), 303)

    path = "/studio/campaigns/{slug}/cancel"
    return [Route(path, show), Route(path, posted(shell.signed(cancel)), methods=["POST"])]


def _cancel_page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.RUN, "") as (_, frame):
        pass
    return page(shell, request, "cancel", frame, status, form=form, limit=actions.REASON_LIMIT)

"""The overview of a campaign."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import queries
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.i18n import Plural
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio import backers, chart
from fundlaunch.studio.entrance import Frame, address, looking, page
from fundlaunch.studio.launch_pages import points_of
from fundlaunch.studio.next_steps import Step, next_steps, while_submitted
from fundlaunch.studio.overview import Overview, overview
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


@dataclass(frozen=True, slots=True)
class StepView:
    """A thing to do, in the page's language; `address` is '' where there is nothing to open."""

    what: str
    why: str
    address: str
    link: str
    is_done: bool


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}."""

    def show(request: Request) -> Response:
        now, language = shell.clock.now(), language_of(request)
        with looking(shell, request, Permission.SEE, "") as (session, frame):
            view = overview(session, frame.campaign.slug, language, now)
            points = points_of(session, frame.campaign.slug, now) if frame.is_draft else ()
            campaign = queries.by_id(session, frame.campaign.id)
            waiting = backers.waiting(session, frame.campaign.id) if view.is_successful else (0, 0)
        is_submitted = campaign.status is CampaignState.SUBMITTED
        submitted = while_submitted(is_approved=campaign.approved_at is not None) if is_submitted else ()
        steps = submitted or next_steps(view, points, *waiting)
        return page(
            shell,
            request,
            "overview",
            frame,
            view=view,
            now=now,
            steps=[_step_view(request, step, frame) for step in steps],
            charts=_charts(view),
            takes_late_pledges=campaign.takes_late_pledges,
        )

    return [Route("/studio/campaigns/{slug}", show)]


def _charts(view: Overview) -> tuple[chart.Chart, ...]:
    """The wide drawing and the narrow one; none before the launch."""
    if view.progress is None:
        return ()
    return tuple(chart.chart(view.progress, view.goal, view.next_stretch, size) for size in (chart.WIDE, chart.NARROW))


def _step_view(request: Request, step: Step, frame: Frame) -> StepView:
    language = language_of(request)
    ends = {"preview": f"/campaigns/{frame.campaign.slug}?preview=own", "new": "/studio/new"}
    where = ends.get(step.end) or address(frame.campaign.slug, step.end)
    return StepView(
        what=_said(language, step.what, step),
        why=_said(language, step.why, step),
        address=link(request, where) if _may_follow(step, frame) else "",
        link=i18n.translate(language, step.link),
        is_done=step.is_done,
    )


def _said(language: str, message: str | Plural, step: Step) -> str:
    values = {name: _value(value, language) for name, value in step.values.items()}
    if isinstance(message, str):
        return i18n.translate(language, message, **values)
    del values["count"]
    return i18n.translate_plural(language, message, step.values["count"], **values)


def _value(value: object, language: str) -> object:
    if isinstance(value, Money):
        return i18n.money(value, language)
    if isinstance(value, datetime):
        return i18n.moment_named(value, language, str(value.tzinfo))
    return i18n.number(value, language) if isinstance(value, int) else value


def _may_follow(step: Step, frame: Frame) -> bool:
    """A link leads only to where the person may go."""
    if step.end.startswith("/edit"):
        return frame.may_edit
    if step.end.startswith(("/backers", "/lists")):
        return frame.may_see_backers
    return bool(step.end)

"""Ends that nobody planned, and the switch of late pledges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import actions, life, queries
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.errors import N_, BadInput, Conflict
from fundlaunch.people.roles import Permission
from fundlaunch.pledges.standing import ask_standing
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import Frame, address, changing, looking, operators_only, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import link
from fundlaunch.web.shell import Shell


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end a campaign: from which state, by which action (session, slug, reason, actor, now)."""

    name: str
    state: CampaignState
    act: Callable[[Session, str, str, str, datetime], None]
    is_operators: bool = False


ENDINGS = (
    Ending("cancel", CampaignState.LIVE, actions.cancel),
    Ending("suspend", CampaignState.LIVE, life.suspend, is_operators=True),
    Ending("stop", CampaignState.SUCCESSFUL, life.stop),
)

SWITCHES: Mapping[str, Callable[[Session, str, str, datetime], None]] = {
    "open": life.open_late_pledges,
    "close": life.close_late_pledges,
}


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/cancel, .../suspend, .../stop and .../late-pledges."""
    return [*(route for ending in ENDINGS for route in _ending(shell, ending)), _late_pledges(shell)]


def _ending(shell: Shell, ending: Ending) -> list[Route]:
    def show(request: Request) -> Response:
        return _page(shell, request, ending, None)

    def end(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        try:
            with changing(shell, request, Permission.RUN, "") as (session, frame):
                _let_in(ending, frame)
                form.only({"reason"})
                reason = form.long_text("reason", actions.REASON_LIMIT)
                ending.act(session, slug, reason, frame.person.email, shell.clock.now())
        except (BadInput, Conflict) as refusal:
            refuse(form, refusal, getattr(refusal, "field", ""))
            return _page(shell, request, ending, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, address(slug)), 303)

    path = f"/studio/campaigns/{{slug}}/{ending.name}"
    return [Route(path, show), Route(path, posted(shell.signed(end)), methods=["POST"])]


def _page(shell: Shell, request: Request, ending: Ending, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.RUN, "") as (session, frame):
        _let_in(ending, frame)
        standing = ask_standing(session, queries.by_id(session, frame.campaign.id))
    # While the final count is on, only the operator can still end it.
    is_open = frame.status is ending.state and (ending.name != "cancel" or frame.campaign.takes_pledges)
    return page(
        shell,
        request,
        "end",
        frame,
        status,
        form=form,
        limit=actions.REASON_LIMIT,
        kind=ending.name,
        is_open=is_open,
        standing=standing,
    )


def _let_in(ending: Ending, frame: Frame) -> None:
    if ending.is_operators:
        operators_only(frame.person)


def _late_pledges(shell: Shell) -> Route:
    def switch(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        with changing(shell, request, Permission.RUN, "") as (session, frame):
            form.only({"do"})
            act = SWITCHES.get(form.typed("do"))
            if act is None:
                raise BadInput(N_("This page knows no such step. Reload it."))
            act(session, slug, frame.person.email, shell.clock.now())
        return RedirectResponse(link(request, address(slug)), 303)

    return Route("/studio/campaigns/{slug}/late-pledges", posted(shell.signed(switch)), methods=["POST"])

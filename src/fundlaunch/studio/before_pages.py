"""Before the launch: the page people follow, the preview's link, and what was said about it."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.prelaunch import actions, queries
from fundlaunch.errors import BadInput, Conflict
from fundlaunch.people.roles import Permission
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import link
from fundlaunch.web.shell import Shell

BEFORE = "/before"

VERBS: dict[str, tuple[Permission, Callable[[Session, str, str, datetime], None]]] = {
    "announce": (Permission.RUN, actions.announce),
    "withdraw": (Permission.RUN, actions.withdraw),
    "share": (Permission.EDIT, actions.share_preview),
    "end": (Permission.EDIT, actions.end_preview),
}
"""What the buttons do, and what one has to be allowed."""


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/before."""

    def show(request: Request) -> Response:
        return before_page(request, None)

    def do(request: Request, form: Form) -> Response:
        form.only({"do"})
        slug, chosen = request.path_params["slug"], form.choice("do", VERBS)
        if not chosen:
            return before_page(request, form, 422)
        permission, verb = VERBS[chosen]
        try:
            with changing(shell, request, permission, BEFORE) as (session, frame):
                verb(session, slug, frame.person.email, shell.clock.now())
        except (BadInput, Conflict) as refusal:
            refuse(form, refusal)
            return before_page(request, form, 409 if isinstance(refusal, Conflict) else 422)
        return RedirectResponse(link(request, address(slug, BEFORE)), 303)

    def before_page(request: Request, form: Form | None, status: int = 200) -> Response:
        with looking(shell, request, Permission.SEE, BEFORE) as (session, frame):
            view = queries.before(session, frame.campaign.id)
        views = {"view": view, "now": shell.clock.now(), "shown_from": POLICY.followers_shown_from}
        return page(shell, request, "before", frame, status, form=form, **views)

    path = "/studio/campaigns/{slug}/before"
    return [Route(path, show), Route(path, posted(shell.signed(do)), methods=["POST"])]

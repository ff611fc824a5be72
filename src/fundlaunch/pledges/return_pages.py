"""The way back from the checkout: paid, still waiting for the provider's word, or left half-way."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.errors import OutOfReach
from fundlaunch.pledges import forms, queries
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.queries import PledgeView
from fundlaunch.pledges.states import PledgeState
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


def routes(shell: Shell, desk: Desk) -> list[Route]:
    """/pledges/{token}/thanks and /pledges/{token}/resume."""

    def read(request: Request) -> PledgeView:
        with shell.database.reading() as session:
            return queries.pledge_view(session, request.path_params["token"], language_of(request), shell.clock.now())

    def thanks(request: Request) -> Response:
        desk.look(request.path_params["token"])
        view = read(request)
        if view.status is PledgeState.PREAUTH:
            return shell.templates.render(request, "pledges/waiting.html", policy=Policy.MANAGE, view=view)
        paid = view.status is PledgeState.COLLECTED and view.campaign.charges_at_once and not view.is_paid_back
        if view.status is PledgeState.PLEDGED or paid:
            return shell.templates.render(
                request, "pledges/thanks.html", policy=Policy.MANAGE, view=view, now=shell.clock.now()
            )
        return RedirectResponse(link(request, f"/pledges/{view.token}"), 303)

    def resume(request: Request) -> Response:
        desk.look(request.path_params["token"])
        view = read(request)
        if view.status not in {PledgeState.PREAUTH, PledgeState.EXPIRED}:
            return RedirectResponse(link(request, f"/pledges/{view.token}"), 303)
        return _resume(shell, request, view)

    def go_on(request: Request, form: Form) -> Response:
        form.only(())
        return _go_on(desk, request)

    path = "/pledges/{token}"
    return [
        Route(f"{path}/thanks", thanks),
        Route(f"{path}/resume", resume),
        Route(f"{path}/resume", posted(go_on), methods=["POST"]),
    ]


def _resume(shell: Shell, request: Request, view: PledgeView) -> Response:
    held = view.hold_expires_at if view.hold_expires_at and view.hold_expires_at > shell.clock.now() else None
    return shell.templates.render(
        request,
        "pledges/resume.html",
        policy=Policy.FLOW,
        view=view,
        held_until=held,
        kept=forms.fields(view.selection, view.basket.total.currency),
        provider_is_silent=request.query_params.get("waiting") == "provider",
    )


def _go_on(desk: Desk, request: Request) -> Response:
    token = request.path_params["token"]
    try:
        return RedirectResponse(desk.send_again(token), 303)
    except OutOfReach:
        return RedirectResponse(link(request, f"/pledges/{token}/resume?waiting=provider"), 303)

"""Pages of the time before a launch: follow, confirm, leave, and what people say about a preview."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns.prelaunch import actions, queries
from fundlaunch.campaigns.prelaunch.actions import Asked
from fundlaunch.campaigns.prelaunch.rules import NAME_LIMIT, REMARK_LIMIT
from fundlaunch.campaigns.queries import by_slug
from fundlaunch.errors import N_, NotFound
from fundlaunch.people import rules as people
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

ONE_CLICK = "List-Unsubscribe"
"""The field that a mail program posts (RFC 8058)."""

NOWHERE = N_("There is no such campaign. Check the address.")


@dataclass(frozen=True)
class PreviewDesk:
    """What stands around a draft that is shown to somebody with its link. `form` as it was typed, None if fresh."""

    key: str
    form: Form | None
    is_thanked: bool
    name_limit: int = NAME_LIMIT
    text_limit: int = REMARK_LIMIT


def routes(shell: Shell) -> list[Route]:
    """/campaigns/{slug}/follow and /followers/{token}; the post of a remark stands with the campaign's page."""
    return [*_following(shell), *_confirming(shell), *_leaving(shell)]


def limits(shell: Shell) -> people.MailLimits:
    """How much a visitor may send in an hour: as many posts as sign-in letters."""
    return people.LIMITS if shell.settings.limits == "on" else people.NO_LIMITS


def ip_of(request: Request) -> str:
    """Where a request comes from; '' if that is not known."""
    return request.client.host if request.client else ""


def upcoming_page(shell: Shell, request: Request, view: queries.UpcomingView, form: Form | None = None) -> Response:
    """The page before the launch, fresh or with a mistake."""
    status, policy = (200, Policy.PUBLIC) if form is None else (422, Policy.FLOW)
    return shell.templates.render(
        request, "campaigns/upcoming.html", status, policy, view=view, form=form, now=shell.clock.now()
    )


def _following(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return shell.templates.render(request, "campaigns/follow_asked.html", policy=Policy.FLOW, view=found(request))

    def ask(request: Request, form: Form) -> Response:
        form.only({"email"})
        email = form.email("email")
        if email and not people.is_address(email):
            form.refuse("email", people.NO_ADDRESS, typed=email[:80])
        if not form.is_valid:
            return upcoming_page(shell, request, found(request), form)
        slug = request.path_params["slug"]
        with shell.database.transaction() as session:
            asked = actions.follow(
                session,
                slug,
                email,
                language=language_of(request),
                ip=ip_of(request),
                limits=limits(shell),
                now=shell.clock.now(),
            )
        end = "/follow" if asked is Asked.LETTER_COMES else ""
        return RedirectResponse(link(request, f"/campaigns/{slug}{end}"), 303)

    def found(request: Request) -> queries.UpcomingView:
        with shell.database.reading() as session:
            campaign = by_slug(session, request.path_params["slug"])
            if not queries.is_upcoming(campaign):
                raise NotFound(NOWHERE)
            return queries.upcoming(campaign, language_of(request))

    path = "/campaigns/{slug}/follow"
    return [Route(path, show), Route(path, posted(ask), methods=["POST"])]


def _confirming(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        # Mail programs open links to look at them: looking counts nobody, pressing the button does.
        with shell.database.reading() as session:
            view = queries.follower(session, request.path_params["token"], language_of(request))
        if view is None:
            return _page(shell, request, "follow_over", 410)
        return _page(shell, request, "follow_confirm", view=view)

    def confirm(request: Request, form: Form) -> Response:
        form.only(())
        token = request.path_params["token"]
        try:
            with shell.database.transaction() as session:
                confirmed = actions.confirm(session, token, shell.clock.now())
        except NotFound:
            return _page(shell, request, "follow_over", 410)
        where = f"/campaigns/{confirmed.slug}" if confirmed.is_launched else f"/followers/{token}"
        return RedirectResponse(link(request, where), 303)

    path = "/followers/{token}"
    return [Route(path, show), Route(path, posted(confirm), methods=["POST"])]


def _leaving(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        with shell.database.reading() as session:
            view = queries.follower(session, request.path_params["token"], language_of(request))
        return _page(shell, request, "follow_leave", view=view)

    def leave(request: Request, form: Form) -> Response:
        form.only({ONE_CLICK})
        with shell.database.transaction() as session:
            actions.leave(session, request.path_params["token"])
        if ONE_CLICK in form:
            # A mail program that pressed the button wants no page and follows no redirect.
            return PlainTextResponse("ok")
        return RedirectResponse(link(request, f"/followers/{request.path_params['token']}/leave"), 303)

    path = "/followers/{token}/leave"
    return [Route(path, show), Route(path, posted(leave), methods=["POST"])]


def keep_remark(shell: Shell, request: Request, form: Form) -> Response | None:
    """Keep a remark on the preview; None if it has mistakes. Raises NotFound for a key that opens nothing, TooMany."""
    form.only({"preview", "name", "text"})
    slug, key = request.path_params["slug"], form.typed("preview")
    with shell.database.reading() as session:
        if not queries.opens_preview(by_slug(session, slug), key):
            raise NotFound(NOWHERE)
    name, text = form.optional_text("name", NAME_LIMIT), form.long_text("text", REMARK_LIMIT)
    if not text:
        form.refuse("text", N_("Please fill this in."))
    if not form.is_valid:
        return None
    with shell.database.transaction() as session:
        actions.remark(
            session, slug, name=name, text=text, ip=ip_of(request), limits=limits(shell), now=shell.clock.now()
        )
    query = urlencode({"preview": key, "thanks": 1})
    return RedirectResponse(link(request, f"/campaigns/{slug}?{query}#remark"), 303)


def _page(shell: Shell, request: Request, name: str, status: int = 200, **views: object) -> Response:
    return shell.templates.render(request, f"campaigns/{name}.html", status, Policy.MANAGE, **views)

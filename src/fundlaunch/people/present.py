"""Who is looking at a page: the person behind a request's cookie, asked once for each request."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse

from fundlaunch.errors import N_, SignInNeeded
from fundlaunch.people import queries, rules, sessions
from fundlaunch.people.queries import Person
from fundlaunch.web.languages import link
from fundlaunch.web.shell import Shell

UNASKED = object()


def person_of(shell: Shell, request: Request) -> Person | None:
    """Who is signed in; None for a visitor. From then on the request is answered in the person's own language."""
    known = getattr(request.state, "person", UNASKED)
    if isinstance(known, Person) or known is None:
        return known
    value, now = shell.cookie.value(request), shell.clock.now()
    person = None
    if value:
        with shell.database.reading() as session:
            person = queries.current(session, value, now)
    request.state.person = person
    if person is None:
        return None
    request.state.language = person.language
    if now - person.seen_at >= rules.SEEN_STEP:
        with shell.database.transaction() as session:
            sessions.touch(session, person, now)
    return person


def require_person(shell: Shell, request: Request) -> Person:
    """Who is signed in; raises SignInNeeded for a visitor, which the application answers with `sign_in_first`."""
    person = person_of(shell, request)
    if person is None:
        raise SignInNeeded(N_("Please sign in to see this page."))
    return person


def sign_in_first(request: Request) -> RedirectResponse:
    """To the sign-in page, and from there back to the page that was asked for."""
    wanted = rules.path_after_sign_in(request.url.path)
    return RedirectResponse(link(request, f"/sign-in?{urlencode({'next': wanted})}"), 303)

"""The demo's own page, and its way into the studio."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns.discovery import listing
from fundlaunch.demo.people import CREATOR
from fundlaunch.people.actions import make_link
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


def demo_routes(shell: Shell, panel: str) -> list[Route]:
    """/demo and /demo/sign-in. `panel` is the address of the provider's panel."""

    def show(request: Request) -> Response:
        now = shell.clock.now()
        with shell.database.reading() as session:
            front = listing.front(session, language_of(request), now)
        return shell.templates.render(
            request,
            "demo/page.html",
            policy=Policy.MANAGE,
            listing=front,
            now=now,
            panel=panel,
            creator=CREATOR.email,
        )

    def sign_in(request: Request, form: Form) -> Response:
        form.only(())
        with shell.database.transaction() as session:
            token = make_link(session, CREATOR.email, shell.clock.now(), next_path="/studio")
        return RedirectResponse(link(request, f"/sign-in/link/{token}"), 303)

    return [Route("/demo", show), Route("/demo/sign-in", posted(sign_in), methods=["POST"])]

"""The outbox: every letter that went out, to be read on a page. Mounted in the demo only, where no mail leaves."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from fundlaunch.errors import N_, NotFound
from fundlaunch.mail import queries
from fundlaunch.mail.queries import KeptLetter
from fundlaunch.web.headers import Policy, marked
from fundlaunch.web.shell import Shell


def outbox_routes(shell: Shell) -> list[Route]:
    """/outbox, /outbox/{id} with the text of a letter, /outbox/{id}/html with the letter as a mail program shows it."""

    def show_list(request: Request) -> Response:
        with shell.database.reading() as session:
            page = queries.letters(session, request.query_params.get("before", "")[:26])
        return shell.templates.render(request, "outbox/list.html", policy=Policy.MANAGE, page=page)

    def show_letter(request: Request) -> Response:
        return shell.templates.render(request, "outbox/letter.html", policy=Policy.MANAGE, letter=asked_for(request))

    def show_html(request: Request) -> Response:
        return marked(HTMLResponse(asked_for(request).html), Policy.LETTER)

    def asked_for(request: Request) -> KeptLetter:
        with shell.database.reading() as session:
            letter = queries.letter(session, request.path_params["id"])
        if letter is None:
            raise NotFound(N_("There is no such letter."))
        return letter

    return [
        Route("/outbox", show_list),
        Route("/outbox/{id}", show_letter),
        Route("/outbox/{id}/html", show_html),
    ]

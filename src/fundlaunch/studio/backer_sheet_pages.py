"""One backer of a campaign: their pledge, and the creators' private note on it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import queries
from fundlaunch.people.roles import Permission
from fundlaunch.pledges import notes
from fundlaunch.studio.backer_sheet import sheet
from fundlaunch.studio.entrance import address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/backers/{number} and its note."""

    def show(request: Request) -> Response:
        return _page(shell, request, None)

    def keep_note(request: Request, form: Form) -> Response:
        slug, number = request.path_params["slug"], request.path_params["number"]
        with changing(shell, request, Permission.BACKERS, "/backers") as (session, _):
            form.only({"note"})
            text = form.long_text("note", notes.LIMIT)
            if form.is_valid:
                notes.keep_creators(session, slug, number, text)
        if not form.is_valid:
            return _page(shell, request, form, 422)
        return RedirectResponse(link(request, address(slug, f"/backers/{number}?done=noted")), 303)

    path = "/studio/campaigns/{slug}/backers/{number:int}"
    return [Route(path, show), Route(f"{path}/note", posted(shell.signed(keep_note)), methods=["POST"])]


def _page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.BACKERS, "/backers") as (session, frame):
        campaign = queries.by_slug(session, frame.campaign.slug)
        view = sheet(session, campaign, request.path_params["number"], language_of(request), shell.clock.now())
    done = request.query_params.get("done", "")
    return page(shell, request, "backer", frame, status, view=view, form=form, done=done, note_limit=notes.LIMIT)

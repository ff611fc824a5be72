"""/studio/campaigns/{slug}/history: who did what to a campaign, and when."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch.campaigns import history, queries
from fundlaunch.people.roles import Permission
from fundlaunch.studio.entrance import address, looking, page
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.numbered import neighbours, number_of
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """The time line of a campaign, for its own people and the operator."""

    def show(request: Request) -> Response:
        wanted = number_of(request)
        with looking(shell, request, Permission.SEE, "/history") as (session, frame):
            campaign = queries.by_id(session, frame.campaign.id)
            found = history.time_line(session, campaign, language_of(request), wanted)
        here = link(request, address(frame.campaign.slug, "/history"))
        newer, older = neighbours(here, found.page, has_more=found.last < found.total)
        return page(shell, request, "history", frame, view=found, newer=newer, older=older)

    return [Route("/studio/campaigns/{slug}/history", show)]

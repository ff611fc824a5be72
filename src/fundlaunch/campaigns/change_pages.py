"""What changed since the launch, for everybody: the whole list, and longer texts as they were before."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch.campaigns import history, queries
from fundlaunch.campaigns.life import BEFORE_LAUNCH
from fundlaunch.campaigns.rules import phase
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, NotFound
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.numbered import neighbours, number_of
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """/campaigns/{slug}/changes and /campaigns/{slug}/earlier/{seq}."""

    def show_changes(request: Request) -> Response:
        wanted, language = number_of(request), language_of(request)
        with shell.database.reading() as session:
            campaign = _launched(session, request.path_params["slug"])
            found = history.since_launch(session, campaign, language, wanted)
        here = link(request, f"/campaigns/{campaign.slug}/changes")
        newer, older = neighbours(here, found.page, has_more=found.last < found.total)
        return page(request, "changes", campaign, view=found, newer=newer, older=older)

    def show_earlier(request: Request) -> Response:
        with shell.database.reading() as session:
            campaign = _launched(session, request.path_params["slug"])
            found = history.earlier(session, campaign, request.path_params["seq"], language_of(request))
        return page(request, "earlier", campaign, view=found)

    def page(request: Request, name: str, campaign: Campaign, **views: object) -> Response:
        stage = phase(campaign.status, campaign.deadline_at, shell.clock.now(), outstanding=0)
        head = queries.summary(campaign, language_of(request), stage)
        return shell.templates.render(request, f"campaigns/{name}.html", 200, Policy.PUBLIC, c=head, **views)

    return [
        Route("/campaigns/{slug}/changes", show_changes),
        Route("/campaigns/{slug}/earlier/{seq:int}", show_earlier),
    ]


def _launched(session: Session, slug: str) -> Campaign:
    """What is before its launch has nothing public to compare with."""
    campaign = queries.by_slug(session, slug)
    if campaign.status in BEFORE_LAUNCH:
        raise NotFound(N_("There is no such campaign. Check the address."))
    return campaign

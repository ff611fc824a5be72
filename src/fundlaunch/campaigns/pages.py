"""The public pages of campaigns: the list, one campaign, and the files that belong to them."""

import re

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import queries
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rules import Phase
from fundlaunch.campaigns.standing import AskStanding
from fundlaunch.errors import N_, NotFound
from fundlaunch.people import access
from fundlaunch.people import queries as people
from fundlaunch.people.roles import Permission
from fundlaunch.web.headers import Policy, marked
from fundlaunch.web.languages import carried, language_of
from fundlaunch.web.shell import Shell

MEDIA_NAME = re.compile(r"[0-9a-z][0-9a-z_-]{0,79}\.(?:jpg|png|webp|avif|webm|mp4|vtt)", re.ASCII)
INLINE = frozenset({"jpg", "png", "webp", "avif"})
"""Pictures that were re-encoded when they came; everything else is only ever a part of a page or a download."""

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


def routes(shell: Shell, ask: AskStanding) -> list[Route]:
    """/, /campaigns/{slug} and /media/{name}. `ask` tells what became of a campaign's pledges."""

    def show_list(request: Request) -> Response:
        now = shell.clock.now()
        with shell.database.reading() as session:
            view = queries.listing(session, language_of(request), now)
        return shell.templates.render(request, "campaigns/list.html", policy=Policy.PUBLIC, view=view, now=now)

    def show_campaign(request: Request) -> Response:
        now = shell.clock.now()
        with shell.database.reading() as session:
            view = queries.campaign_view(session, request.path_params["slug"], language_of(request), ask, now)
            draft = view.summary.phase is Phase.DRAFT
            if draft:
                _let_in(session, shell, request, view.summary)
        policy = Policy.FLOW if draft else Policy.PUBLIC
        return shell.templates.render(
            request, "campaigns/page.html", policy=policy, view=view, now=now, carried=carried(request)
        )

    def send_file(request: Request) -> Response:
        name = request.path_params["name"]
        path = shell.settings.media_dir / name
        if not MEDIA_NAME.fullmatch(name) or not path.is_file():
            raise NotFound(N_("There is no file of this name."))
        shown = "inline" if name.rpartition(".")[2] in INLINE else "attachment"
        response = FileResponse(path, filename=name, content_disposition_type=shown)
        response.headers["Cache-Control"] = KEPT_FOR_GOOD
        return marked(response, Policy.MEDIA)

    return [
        Route("/", show_list),
        Route("/campaigns/{slug}", show_campaign),
        Route("/media/{name}", send_file),
    ]


def _let_in(session: Session, shell: Shell, request: Request, draft: Summary) -> None:
    """A draft exists for its own people only; raises NotFound for anybody else."""
    person = people.current(session, shell.cookie.value(request), shell.clock.now())
    if person is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    if person.account_id != draft.owner_id:
        access.allow(session, person, draft.id, Permission.SEE)

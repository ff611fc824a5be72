"""The public pages of campaigns: the list, one campaign, and the files that belong to them."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import queries
from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.discovery import listing, search
from fundlaunch.campaigns.discovery.search import BEFORE_THE_LAUNCH
from fundlaunch.campaigns.prelaunch import pages as prelaunch
from fundlaunch.campaigns.prelaunch.pages import PreviewDesk
from fundlaunch.campaigns.prelaunch.queries import is_upcoming, opens_preview, upcoming
from fundlaunch.campaigns.standing import AskStanding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, NotFound
from fundlaunch.money import EXPONENTS
from fundlaunch.people import access
from fundlaunch.people import queries as people
from fundlaunch.people.roles import Permission
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy, marked
from fundlaunch.web.languages import carried, language_of, link
from fundlaunch.web.shell import Shell

MEDIA_NAME = re.compile(r"[0-9a-z][0-9a-z_-]{0,79}\.(?:jpg|png|webp|avif|webm|mp4|vtt)", re.ASCII)
INLINE = frozenset({"jpg", "png", "webp", "avif"})
"""Pictures that were re-encoded when they came; everything else is only ever a part of a page or a download."""

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"

LINK_KEY = "key"
"""What carries the key of a secret reward's link."""

PREVIEW = "preview"
"""What carries the key of a preview's link; the campaign's own people see their draft with any."""


def routes(shell: Shell, ask: AskStanding) -> list[Route]:
    """/, /campaigns/{slug} with what belongs to it before its launch, and /media/{name}.

    `ask` tells what became of a campaign's pledges.
    """
    return [
        *_list(shell),
        *prelaunch.routes(shell),
        *_campaign(shell, ask),
        *_files(shell),
    ]


def _list(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        now, language = shell.clock.now(), language_of(request)
        if search.NAMES.isdisjoint(request.query_params):
            with shell.database.reading() as session:
                front = listing.front(session, language, now)
            return page(request, "list", view=front, now=now)
        wanted = search.read(request.query_params)
        with shell.database.reading() as session:
            found = listing.found(session, wanted, language, now)
        return page(request, "found", view=found, now=now)

    def page(request: Request, name: str, **views: object) -> Response:
        def address(query: Mapping[str, str]) -> str:
            return link(request, f"/?{urlencode(query)}")

        return shell.templates.render(
            request,
            f"campaigns/{name}.html",
            200,
            Policy.PUBLIC,
            categories=CATEGORIES,
            currencies=sorted(EXPONENTS),
            states=tuple(search.State),
            sorts=search.SORTS,
            address=address,
            carried=carried(request),
            **views,
        )

    return [Route("/", show)]


def _campaign(shell: Shell, ask: AskStanding) -> list[Route]:
    def show(request: Request) -> Response:
        now, language, key = shell.clock.now(), language_of(request), request.query_params.get(PREVIEW)
        with shell.database.reading() as session:
            campaign = queries.by_slug(session, request.path_params["slug"])
            if is_upcoming(campaign) and key is None:
                return prelaunch.upcoming_page(shell, request, upcoming(campaign, language))
            preview = _let_in(session, shell, request, campaign, key or "")
            secret = request.query_params.get(LINK_KEY, "")
            view = queries.campaign_view(session, campaign.slug, language, ask, now, secret)
        policy = Policy.FLOW if campaign.status in BEFORE_THE_LAUNCH else Policy.PUBLIC
        return page(request, 200, policy, view=view, now=now, preview=preview)

    def remark(request: Request, form: Form) -> Response:
        if (answer := prelaunch.keep_remark(shell, request, form)) is not None:
            return answer
        now = shell.clock.now()
        with shell.database.reading() as session:
            view = queries.campaign_view(session, request.path_params["slug"], language_of(request), ask, now)
        preview = PreviewDesk(form.typed(PREVIEW), form, is_thanked=False)
        return page(request, 422, Policy.FLOW, view=view, now=now, preview=preview)

    def page(request: Request, status: int, policy: Policy, **views: object) -> Response:
        response = shell.templates.render(
            request, "campaigns/page.html", status, policy, carried=carried(request), **views
        )
        if policy is Policy.FLOW:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return [
        Route("/campaigns/{slug}", show),
        Route("/campaigns/{slug}/preview", posted(remark), methods=["POST"]),
    ]


def _files(shell: Shell) -> list[Route]:
    def send(request: Request) -> Response:
        name = request.path_params["name"]
        path = shell.settings.media_dir / name
        if not MEDIA_NAME.fullmatch(name) or not path.is_file():
            raise NotFound(N_("There is no file of this name."))
        shown = "inline" if name.rpartition(".")[2] in INLINE else "attachment"
        response = FileResponse(path, filename=name, content_disposition_type=shown)
        response.headers["Cache-Control"] = KEPT_FOR_GOOD
        return marked(response, Policy.MEDIA)

    return [Route("/media/{name}", send)]


def _let_in(session: Session, shell: Shell, request: Request, campaign: Campaign, key: str) -> PreviewDesk | None:
    """What stands around the page. A draft exists for its own people and for who has its link: else NotFound."""
    if campaign.status not in BEFORE_THE_LAUNCH:
        return None
    if opens_preview(campaign, key):
        return PreviewDesk(key, None, is_thanked="thanks" in request.query_params)
    person = people.current(session, shell.cookie.value(request), shell.clock.now())
    if person is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    if person.account_id != campaign.owner_id:
        access.allow(session, person, campaign.id, Permission.SEE)
    return None

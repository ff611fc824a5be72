"""Posts that bring a file, or take one away: the poster, an own film, pictures of the story and of rewards."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.errors import BadInput
from fundlaunch.people.roles import Permission
from fundlaunch.studio.edit_pages import EDIT, SECTIONS, section_page, write
from fundlaunch.studio.editing import saving, uploads
from fundlaunch.studio.editing.section import Section
from fundlaunch.studio.editing.uploads import Change
from fundlaunch.studio.entrance import address, looking
from fundlaunch.studio.offer_pages import kind_and_slug, offer_of, offer_page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import link
from fundlaunch.web.shell import Shell

Bring = Callable[[Request, Form], Change]


@dataclass(frozen=True)
class Post:
    """One kind of post: where it comes in, which fields it has, what it does to the draft."""

    path: str
    fields: Collection[str]
    bring: Bring
    limit_bytes: int = uploads.PICTURE_BODY_BYTES


def routes(shell: Shell) -> list[Route]:
    """Below /studio/campaigns/{slug}/edit: pitch/poster, pitch/film, story/picture, {kind}/{offer}/picture."""
    return [
        Route(
            f"/studio/campaigns/{{slug}}{EDIT}/{post.path}",
            posted(shell.signed(_endpoint(shell, post)), post.limit_bytes),
            methods=["POST"],
        )
        for post in _posts(shell)
    ]


def _posts(shell: Shell) -> list[Post]:
    folder = shell.settings.media_dir
    return [
        Post("pitch/poster", {"poster"}, lambda _, form: uploads.poster(form, folder)),
        Post("pitch/film", {"film"}, lambda _, form: uploads.film(form, folder), uploads.FILM_BODY_BYTES),
        Post("story/picture", {"name", "picture"}, lambda _, form: uploads.story_picture(form, folder)),
        Post(
            "{kind}/{offer}/picture",
            {"picture"},
            lambda request, form: uploads.offer_picture(form, folder, *kind_and_slug(request)),
        ),
        Post("pitch/poster/remove", (), lambda *_: lambda draft: replace(draft, poster="")),
        Post("pitch/film/remove", (), lambda *_: lambda draft: replace(draft, video="")),
        Post("story/picture/remove", {"name"}, _without_story_picture),
        Post(
            "{kind}/{offer}/picture/remove",
            (),
            lambda request, _: lambda draft: uploads.with_picture(draft, *kind_and_slug(request), ""),
        ),
    ]


def _without_story_picture(request: Request, form: Form) -> Change:
    del request
    return lambda draft: uploads.without_story_picture(draft, form.typed("name"))


def _endpoint(shell: Shell, post: Post) -> Callable[[Request, Form], Response]:
    def keep(request: Request, form: Form) -> Response:
        # Asked before the file is looked at, and again in the transaction that writes.
        with looking(shell, request, Permission.EDIT, EDIT):
            form.only(post.fields)
        status = 0
        try:
            change = post.bring(request, form)
        except BadInput as fault:
            form.errors[fault.field] = fault
            status = 422
        else:
            status = write(shell, request, _section(change), form)
        return again(request, form, status) if status else _back(request)

    def again(request: Request, form: Form, status: int) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
        section = SECTIONS[_name(request)] if "kind" not in request.path_params else offer_of(request, stand)
        shown = section.form(stand.draft)
        shown.errors.update(form.errors)
        if "kind" in request.path_params:
            return offer_page(shell, request, frame, stand, shown, status)
        return section_page(shell, request, frame, stand, section, shown, status)

    return keep


def _section(change: Change) -> Section:
    return Section("", "", "", frozenset(), lambda _: [], lambda _, draft: change(draft))


def _name(request: Request) -> str:
    """The section whose page a file was sent from."""
    return request.url.path.partition(f"{EDIT}/")[2].partition("/")[0]


def _back(request: Request) -> Response:
    slug = request.path_params["slug"]
    if "kind" in request.path_params:
        kind, offer = kind_and_slug(request)
        return RedirectResponse(link(request, address(slug, f"{EDIT}/{kind.value}/{offer}?saved=1")), 303)
    return RedirectResponse(link(request, address(slug, f"{EDIT}/{_name(request)}?saved=1")), 303)

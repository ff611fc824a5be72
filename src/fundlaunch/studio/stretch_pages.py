"""Pages of the stretch goals: their list, a page for each, and what one costs before it is published."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.errors import N_, NotFound
from fundlaunch.i18n import LANGUAGES
from fundlaunch.people.roles import Permission
from fundlaunch.studio.edit_pages import EDIT, may, way, write
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.goals import MEASURES, NEW, goal_section, grants_of, named, offers, without
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import THEN, Section, name_in
from fundlaunch.studio.entrance import Frame, address, changing, looking, page
from fundlaunch.studio.goal_check import check, lines
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

LIST = "/studio/campaigns/{slug}/edit/stretch"
ONE = f"{LIST}/{{goal}}"
CHECK = "check"
"""The button that shows the cost and saves nothing."""


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/edit/stretch, .../stretch/new and .../stretch/{goal}."""
    return [*_list(shell), *_one(shell)]


def _list(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _list_page(shell, request, None)

    def remove(request: Request, form: Form) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT):
            form.only({"goal"})
        taken_away = Section(
            "stretch", "", "", frozenset(), lambda _: [], lambda _, found: without(found, form.typed("goal"))
        )
        if status := write(shell, request, taken_away, form):
            return _list_page(shell, request, form, status)
        return RedirectResponse(link(request, address(request.path_params["slug"], f"{EDIT}/stretch?saved=1")), 303)

    return [Route(LIST, show), Route(LIST, posted(shell.signed(remove)), methods=["POST"])]


def _list_page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
        stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
    return page(
        shell,
        request,
        "edit/goals",
        frame,
        status,
        form=form,
        way=way(request, frame, "stretch"),
        goals=lines(stand, language_of(request)),
        may=may(stand.phase, "stretch_goal"),
        is_over=stand.phase is EditPhase.ENDED,
        is_saved=status == 200 and "saved" in request.query_params,
    )


def _one(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
        return _goal_page(shell, request, frame, stand, section_of(request, stand).form(stand.draft))

    def save(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, slug, shell.clock.now())
        section = section_of(request, stand)
        form.only(section.names)
        if (other := rearranged(form, section.tables)) is not None:
            return _goal_page(shell, request, frame, stand, other)
        rows, typed = grants_of(stand.draft), form
        form = section.whole(form, stand.draft, stand.phase)
        if form.typed(THEN) == CHECK:
            with changing(shell, request, Permission.EDIT, EDIT) as (session, _):
                saving.look(session, slug, section, form, shell.clock.now())
            if rows.count(typed) > rows.count(form):
                form = rows.with_one_more(form)
            return _goal_page(shell, request, frame, stand, form, 200 if form.is_valid else 422)
        if status := write(shell, request, section, form):
            return _goal_page(shell, request, frame, stand, form, status)
        return RedirectResponse(link(request, address(slug, f"{EDIT}/stretch?saved=1")), 303)

    return [Route(ONE, show), Route(ONE, posted(shell.signed(save)), methods=["POST"])]


def section_of(request: Request, stand: Stand) -> Section:
    """The section of the goal that an address names; raises NotFound."""
    slug = _slug(request)
    if slug and all(goal.slug != slug for goal in stand.draft.stretch_goals):
        raise NotFound(N_("There is no such stretch goal in this campaign. Go back to its stretch goals."))
    return goal_section(stand.draft, slug, is_reached=slug in stand.reached)


def _slug(request: Request) -> str:
    """The short name in an address; '' for a new one."""
    slug: str = request.path_params["goal"]
    return "" if slug == NEW else slug


def _goal_page(shell: Shell, request: Request, frame: Frame, stand: Stand, form: Form, status: int = 200) -> Response:
    section = section_of(request, stand)
    slug, draft, lock = _slug(request), stand.draft, section.lock(stand.phase)
    is_checked = status == 200 and (form.typed(THEN) == CHECK or (slug != "" and THEN not in form))
    return page(
        shell,
        request,
        "edit/goal",
        frame,
        status,
        form=form,
        section=section,
        way=way(request, frame, "stretch"),
        draft=draft,
        slug=slug,
        goal=named(draft, slug),
        is_reached=slug in stand.reached,
        is_over=lock.is_all,
        is_live=stand.phase is EditPhase.LIVE,
        is_checked=is_checked,
        check=check(section.read(Form(_pairs(form)), draft), slug, stand) if is_checked else None,
        grants=grants_of(draft).count(form),
        lock=lock,
        main_language=draft.language,
        languages_of_texts=LANGUAGES,
        is_saved=False,
        **_choices(draft, language_of(request)),
    )


def _pairs(form: Form) -> list[tuple[str, str]]:
    return [(name, value) for name in form for value in form.chosen(name)]


def _choices(draft: CampaignDraft, language: str) -> dict[str, object]:
    """What can be chosen on the page, by value and name."""
    titles = [(offer.slug, _title(offer, draft, language)) for offer in offers(draft)]
    return {
        "measures": MEASURES,
        "items": [(item.slug, name_in(item.names, language, draft.language)) for item in draft.items],
        "offers": titles,
    }


def _title(offer: TierDraft, draft: CampaignDraft, language: str) -> str:
    """An offer by its title; an add-on, which may have the title of a reward, says so."""
    title = name_in({code: text.title for code, text in offer.texts.items()}, language, draft.language)
    return title if offer in draft.tiers else i18n.translate(language, N_("{title} (add-on)"), title=title)

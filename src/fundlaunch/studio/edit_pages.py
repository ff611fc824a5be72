"""Pages of the editor: a new campaign, and each section of one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.errors import N_, BadInput, Conflict, NotFound
from fundlaunch.i18n import LANGUAGES
from fundlaunch.people.present import require_person
from fundlaunch.people.roles import Permission
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.basics import BASICS, CURRENCIES, blank, zones
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import THEN, Section, refuse
from fundlaunch.studio.editing.telling import FAQ, PITCH, STORY
from fundlaunch.studio.editing.things import PACKED, STRETCH
from fundlaunch.studio.editing.uploads import FILM_BODY_BYTES
from fundlaunch.studio.entrance import Frame, address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

SECTIONS = {section.name: section for section in (BASICS, PITCH, STORY, FAQ, PACKED, STRETCH)}
WAY = (
    ("basics", BASICS.title),
    ("pitch", PITCH.title),
    ("story", STORY.title),
    ("faq", FAQ.title),
    ("items", PACKED.title),
    ("rewards", N_("Rewards")),
    ("stretch", STRETCH.title),
)
"""The sections in the order in which a creator fills them in; rewards have pages of their own."""

EDIT = "/edit"


def routes(shell: Shell) -> list[Route]:
    """/studio/new and /studio/campaigns/{slug}/edit with its sections."""
    return [*_new(shell), *_sections(shell)]


def _new(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        person = require_person(shell, request)
        return new_page(shell, request, BASICS.form(blank(language_of(request), person.name)))

    def create(request: Request, form: Form) -> Response:
        form.only(BASICS.names)
        person = require_person(shell, request)
        draft = blank(language_of(request), person.name)
        with shell.database.transaction() as session:
            slug = saving.create(session, BASICS, form, draft, person, shell.clock.now())
        if not slug:
            return new_page(shell, request, form, 422)
        return RedirectResponse(link(request, address(slug, f"{EDIT}/pitch?saved=1")), 303)

    return [
        Route("/studio/new", show),
        Route("/studio/new", posted(shell.signed(create)), methods=["POST"]),
    ]


def new_page(shell: Shell, request: Request, form: Form, status: int = 200) -> Response:
    """The page of a new campaign: the basics, and nothing around them yet."""
    return shell.templates.render(
        request,
        "studio/edit/new.html",
        status,
        Policy.MANAGE,
        menu=(),
        form=form,
        section=BASICS,
        locked=frozenset(),
        main_language=_main_language(form, language_of(request)),
        currencies=CURRENCIES,
        zones=zones(),
        languages_of_texts=LANGUAGES,
    )


def _main_language(form: Form, language: str) -> str:
    typed = form.typed("language")
    return typed if typed in LANGUAGES else language


def _sections(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        section = section_of(request)
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
        return section_page(shell, request, frame, stand, section, section.form(stand.draft))

    def save(request: Request, form: Form) -> Response:
        section, slug = section_of(request), request.path_params["slug"]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, slug, shell.clock.now())
        form.only(section.names)
        if (other := rearranged(form, section.tables)) is not None:
            return section_page(shell, request, frame, stand, section, other)
        form = section.whole(form, stand.draft, stand.phase)
        status = write(shell, request, section, form)
        if status:
            return section_page(shell, request, frame, stand, section, form, status)
        onward = _next(section.name) if form.typed(THEN) == "next" else section.name
        return RedirectResponse(link(request, address(slug, f"{EDIT}/{onward}?saved=1")), 303)

    return [
        Route("/studio/campaigns/{slug}/edit", show),
        Route("/studio/campaigns/{slug}/edit/{section}", show),
        Route("/studio/campaigns/{slug}/edit/{section}", posted(shell.signed(save)), methods=["POST"]),
    ]


def section_of(request: Request) -> Section:
    """The section that an address names; raises NotFound."""
    section = SECTIONS.get(request.path_params.get("section", BASICS.name))
    if section is None:
        raise NotFound(N_("There is no such part of a campaign. Go back to the studio."))
    return section


def write(shell: Shell, request: Request, section: Section, form: Form) -> int:
    """Save a section; gives 0, or the status of the page that shows what is wrong."""
    slug = request.path_params["slug"]
    try:
        with changing(shell, request, Permission.EDIT, EDIT) as (session, frame):
            saving.save(session, slug, section, form, shell.clock.now(), actor=frame.person.email)
    except BadInput as fault:
        form.errors.setdefault("", fault)
    except Conflict as conflict:
        refuse(form, conflict)
        return 409
    return 0 if form.is_valid else 422


def section_page(
    shell: Shell, request: Request, frame: Frame, stand: Stand, section: Section, form: Form, status: int = 200
) -> Response:
    """The page of a section with a form, fresh or typed."""
    locked = section.locked(stand.phase)
    return page(
        shell,
        request,
        f"edit/{section.name}",
        frame,
        status,
        form=form,
        section=section,
        way=way(request, frame, section.name),
        draft=stand.draft,
        locked=locked,
        is_over=stand.phase is EditPhase.ENDED and bool(locked),
        rows={table.prefix: table.count(form) for table in section.tables},
        main_language=_main_language(form, stand.draft.language),
        currencies=CURRENCIES,
        zones=zones(),
        languages_of_texts=LANGUAGES,
        is_saved=status == 200 and "saved" in request.query_params,
        film_megabytes=FILM_BODY_BYTES // 1_000_000,
    )


def way(request: Request, frame: Frame, here: str) -> list[tuple[str, str, bool]]:
    """The sections as links: word, address, whether it is this one."""
    slug = frame.campaign.slug
    return [(title, link(request, address(slug, f"{EDIT}/{name}")), name == here) for name, title in WAY]


def _next(name: str) -> str:
    names = [section for section, _ in WAY]
    return names[min(names.index(name) + 1, len(names) - 1)]

"""Pages of the editor: a new campaign, and each section of one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.edits import EDITABLE, EditPhase
from fundlaunch.errors import N_, BadInput, Conflict, NotFound
from fundlaunch.i18n import LANGUAGES, NN_
from fundlaunch.people.present import require_person
from fundlaunch.people.roles import Permission
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.basics import BASICS, CURRENCIES, FUNDING, blank, categories, countries, zones
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import THEN, Section, main_first, name_in, refuse
from fundlaunch.studio.editing.telling import FAQ, PITCH, STORY
from fundlaunch.studio.editing.things import ITEMS, PACKED
from fundlaunch.studio.editing.uploads import FILM_BODY_BYTES
from fundlaunch.studio.entrance import Frame, address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

SECTIONS = {section.name: section for section in (BASICS, PITCH, STORY, FAQ, PACKED)}
WAY = (
    ("basics", BASICS.title),
    ("pitch", PITCH.title),
    ("story", STORY.title),
    ("faq", FAQ.title),
    ("items", PACKED.title),
    ("rewards", N_("Rewards")),
    ("shipping", N_("Shipping")),
    ("stretch", N_("Stretch goals")),
)
"""The sections in the order in which a creator fills them in; the last three have pages of their own."""

OPTIONS_OF = "options:"
"""The button of an item that saves and opens its sizes and colours; the number of its row follows."""

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
        lock=BASICS.lock(EditPhase.DRAFT),
        main_language=_main_language(form, language_of(request)),
        languages_of_texts=LANGUAGES,
        **_choices(language_of(request)),
    )


def _choices(language: str) -> dict[str, object]:
    """What can be chosen among the basics."""
    return {
        "currencies": CURRENCIES,
        "zones": zones(),
        "funding": [
            (value, i18n.translate(language, name), i18n.translate(language, said)) for value, name, said in FUNDING
        ],
        "categories": categories(language),
        "countries": countries(language),
    }


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
        whole = section.whole(form, stand.draft, stand.phase)
        if status := write(shell, request, section, whole):
            return section_page(shell, request, frame, stand, section, whole, status)
        onward = _onward(shell, request, section, form)
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
    lock = section.lock(stand.phase)
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
        lock=lock,
        may=may(stand.phase, "item"),
        is_over=lock.is_all,
        rows={table.prefix: table.count(form) for table in section.tables},
        options=options_told(stand.draft, language_of(request)) if section is PACKED else {},
        main_language=_main_language(form, stand.draft.language),
        languages_of_texts=main_first(_main_language(form, stand.draft.language)),
        is_saved=status == 200 and "saved" in request.query_params,
        film_megabytes=FILM_BODY_BYTES // 1_000_000,
        **(_choices(language_of(request)) if section is BASICS else {}),
    )


def may(phase: EditPhase, kind: str) -> dict[str, bool]:
    """Whether things of a kind ('tier', 'item', 'stretch_goal') can be added, removed and put in another order now."""
    return {verb: phase in EDITABLE[f"{kind}.{verb}"] for verb in ("added", "removed", "order")}


def options_told(draft: CampaignDraft, language: str) -> dict[str, str]:
    """For each item that comes in several ways: which, in a line."""
    told = {}
    for item in draft.items:
        names = [name_in(option.names, language, draft.language) for option in item.options]
        if names:
            count = i18n.translate_plural(language, NN_("{count} variant", "{count} variants"), len(item.variants))
            told[item.slug] = f"{' × '.join(names)}: {count}"
    return told


def way(request: Request, frame: Frame, here: str) -> list[tuple[str, str, bool]]:
    """The sections as links: word, address, whether it is this one."""
    slug = frame.campaign.slug
    return [(title, link(request, address(slug, f"{EDIT}/{name}")), name == here) for name, title in WAY]


def _onward(shell: Shell, request: Request, section: Section, form: Form) -> str:
    """Where a saved section leads: on, nowhere, or to the page of the item whose button was pressed."""
    then = form.typed(THEN)
    if section is PACKED and then.startswith(OPTIONS_OF):
        rows = [n for n in range(ITEMS.count(form)) if not ITEMS.is_blank(form, n)]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            items = saving.stand(session, frame.campaign.slug, shell.clock.now()).draft.items
        slugs = {str(row): item.slug for row, item in zip(rows, items, strict=False)}
        row = then.removeprefix(OPTIONS_OF)
        return f"items/{slugs[row]}" if row in slugs else section.name
    return _next(section.name) if then == "next" else section.name


def _next(name: str) -> str:
    names = [section for section, _ in WAY]
    return names[min(names.index(name) + 1, len(names) - 1)]

"""The page of an item's sizes, colours and the like: its options and the variants they make."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.draft import ItemDraft
from fundlaunch.errors import N_, NotFound
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio.edit_pages import EDIT, way, write
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import THEN, Section, main_first, name_in
from fundlaunch.studio.editing.variant_table import OPTIONS, VALUES, VARIANTS, arranged, choice_read, options_of
from fundlaunch.studio.editing.variants import taken_skus, variants_section
from fundlaunch.studio.entrance import Frame, address, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

PATH = "/studio/campaigns/{slug}/edit/items/{item}"
USUAL = {"size": N_("Size"), "colour": N_("Colour")}
"""Options that a button adds with their name."""


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/edit/items/{item}."""

    def show(request: Request) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
        item = item_of(request, stand)
        form = section_of(stand, item).form(stand.draft)
        return _item_page(shell, request, frame, stand, form)

    def save(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, slug, shell.clock.now())
        item = item_of(request, stand)
        section = section_of(stand, item)
        form.only(section.names)
        if (other := _rearranged(form)) is not None:
            return _item_page(shell, request, frame, stand, _arranged(other, stand, item))
        form = _arranged(section.whole(form, stand.draft, stand.phase), stand, item)
        if status := write(shell, request, section, form):
            return _item_page(shell, request, frame, stand, form, status)
        end = "items" if form.typed(THEN) == "next" else f"items/{item.slug}"
        return RedirectResponse(link(request, address(slug, f"{EDIT}/{end}?saved=1")), 303)

    return [Route(PATH, show), Route(PATH, posted(shell.signed(save)), methods=["POST"])]


def item_of(request: Request, stand: Stand) -> ItemDraft:
    """The item that an address names; raises NotFound."""
    slug = request.path_params["item"]
    found = next((item for item in stand.draft.items if item.slug == slug), None)
    if found is None:
        raise NotFound(N_("There is no such item in this campaign. Go back to its items."))
    return found


def section_of(stand: Stand, item: ItemDraft) -> Section:
    """The section of an item; it is promised once somebody holds a reward that brings it."""
    offers = (*stand.draft.tiers, *stand.draft.add_ons)
    is_promised = any(stand.chosen.get(offer.slug) and item.slug in offer.items for offer in offers)
    return variants_section(stand.draft, item.slug, is_promised=is_promised)


def _rearranged(form: Form) -> Form | None:
    """The form after a button that does not save; None if it was one that does."""
    asked = form.typed(THEN)
    if asked in USUAL and OPTIONS.count(form) < OPTIONS.most:
        n = OPTIONS.count(form)
        names = [
            (OPTIONS.name(n, f"name.{language}"), i18n.translate(language, USUAL[asked])) for language in LANGUAGES
        ]
        return Form([*((name, value) for name in form for value in form.chosen(name)), *names])
    return form if asked == "table" else rearranged(form, (OPTIONS, *VALUES))


def _arranged(form: Form, stand: Stand, item: ItemDraft) -> Form:
    return arranged(form, item.sku, taken_skus(stand.draft, item.slug))


def _item_page(shell: Shell, request: Request, frame: Frame, stand: Stand, form: Form, status: int = 200) -> Response:
    item = item_of(request, stand)
    language, main = language_of(request), stand.draft.language
    lock = section_of(stand, item).lock(stand.phase)
    options = options_of(form)
    words = {
        (option.slug, value.slug): name_in(value.names, language, main) for option in options for value in option.values
    }
    return page(
        shell,
        request,
        "edit/item",
        frame,
        status,
        form=form,
        section=section_of(stand, item),
        way=way(request, frame, "items"),
        draft=stand.draft,
        item=item,
        customs=Money(item.customs_value_minor, stand.draft.currency).plain() if item.customs_value_minor else "",
        item_name=name_in(item.names, language, main) or item.sku,
        values=[VALUES[n].count(form) for n in range(OPTIONS.count(form))],
        has_room=OPTIONS.count(form) < OPTIONS.most and "options.0.slug" not in lock.names,
        usual=[(key, word) for key, word in USUAL.items() if key not in {option.slug for option in options}],
        variants=[
            [words.get(pair, pair[1]) for pair in choice_read(form.typed(VARIANTS.name(n, "choice")))]
            for n in range(VARIANTS.count(form))
        ],
        main_language=main,
        lock=lock,
        is_over=lock.is_all,
        languages_of_texts=main_first(main),
        is_saved=status == 200 and "saved" in request.query_params,
    )

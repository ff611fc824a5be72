"""Pages of the editor for rewards and add-ons: their list, and a page for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.rewards import media_url
from fundlaunch.campaigns.states import Shipping
from fundlaunch.errors import N_, BadInput, NotFound
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio.edit_pages import EDIT, way, write
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.offer import RATES, Kind, of_kind, offer_section, with_offers
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import Section
from fundlaunch.studio.entrance import Frame, address, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

SHIPPING = {
    Shipping.NONE: N_("Nothing is sent"),
    Shipping.DIGITAL: N_("By e-mail or download"),
    Shipping.PICK_UP: N_("Picked up at your place"),
    Shipping.SOME: N_("By post, to the countries below"),
    Shipping.WORLDWIDE: N_("By post, worldwide"),
}


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A reward or add-on in the list of the editor; `taken` counts units held or pledged."""

    slug: str
    title: str
    price: Money
    quantity: int | None
    taken: int
    is_closed: bool
    picture: str


NEW = {"new-reward": Kind.REWARD, "new-add-on": Kind.ADD_ON}


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/edit/rewards, .../new-reward, .../new-add-on, .../{kind}/{offer}."""
    return [*_list(shell), *_offers(shell)]


def _list(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _list_page(shell, request, None)

    def rearrange(request: Request, form: Form) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT):
            form.only({"kind", "do", "offer"})
        if status := write(shell, request, _arrangement(form), form):
            return _list_page(shell, request, form, status)
        return RedirectResponse(link(request, address(request.path_params["slug"], f"{EDIT}/rewards?saved=1")), 303)

    path = "/studio/campaigns/{slug}/edit/rewards"
    return [Route(path, show), Route(path, posted(shell.signed(rearrange)), methods=["POST"])]


def _list_page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
        stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
    views = {
        "way": way(request, frame, "rewards"),
        "tables": [(kind, offer_lines(stand, kind, language_of(request))) for kind in Kind],
        "is_over": stand.phase is EditPhase.ENDED,
        "is_saved": status == 200 and "saved" in request.query_params,
    }
    return page(shell, request, "edit/offers", frame, status, form=form, **views)


def _arrangement(form: Form) -> Section:
    """What a button of the list does, as a section without fields; raises BadInput for an unknown one."""
    kinds = {kind.value: kind for kind in Kind}
    verb, kind, slug = form.typed("do"), kinds.get(form.typed("kind")), form.typed("offer")
    if kind is None or verb not in {"up", "down", "remove"}:
        raise BadInput(N_("This form has a button FundLaunch does not know. Reload the page and send it again."))

    def read(_: Form, draft: CampaignDraft) -> CampaignDraft:
        return with_offers(draft, kind, _moved(of_kind(draft, kind), verb, slug))

    return Section("rewards", "", "", frozenset(), lambda _: [], read)


def _moved(offers: tuple[TierDraft, ...], verb: str, slug: str) -> tuple[TierDraft, ...]:
    if verb == "remove":
        return tuple(offer for offer in offers if offer.slug != slug)
    order = list(offers)
    at = next((n for n, offer in enumerate(order) if offer.slug == slug), -1)
    other = at - 1 if verb == "up" else at + 1
    if at >= 0 and 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
    return tuple(order)


def _offers(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
        section = offer_of(request, stand)
        return offer_page(shell, request, frame, stand, section.form(stand.draft))

    def save(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, slug, shell.clock.now())
        section = offer_of(request, stand)
        form.only(section.names)
        if (other := rearranged(form, section.tables)) is not None:
            return offer_page(shell, request, frame, stand, other)
        form = section.whole(form, stand.draft, stand.phase)
        if status := write(shell, request, section, form):
            return offer_page(shell, request, frame, stand, form, status)
        return RedirectResponse(link(request, address(slug, f"{EDIT}/rewards?saved=1")), 303)

    edit = "/studio/campaigns/{slug}/edit"
    return [
        route
        for path in (*(f"{edit}/{name}" for name in NEW), f"{edit}/{{kind}}/{{offer}}")
        for route in (Route(path, show), Route(path, posted(shell.signed(save)), methods=["POST"]))
    ]


def offer_of(request: Request, stand: Stand) -> Section:
    """The section of the reward or add-on that an address names; raises NotFound."""
    kind, slug = kind_and_slug(request)
    if slug and all(offer.slug != slug for offer in of_kind(stand.draft, kind)):
        raise NotFound(N_("There is no such reward in this campaign. Go back to its rewards."))
    return offer_section(stand.draft, kind, slug, is_chosen=bool(stand.chosen.get(slug)))


def kind_and_slug(request: Request) -> tuple[Kind, str]:
    """What an address names; the slug is '' for a new one. Raises NotFound."""
    last = request.url.path.rstrip("/").rpartition("/")[2]
    if "kind" not in request.path_params and last in NEW:
        return NEW[last], ""
    name = request.path_params["kind"]
    if name not in {kind.value for kind in Kind}:
        raise NotFound(N_("There is no such part of a campaign. Go back to the studio."))
    return Kind(name), request.path_params["offer"]


def offer_page(shell: Shell, request: Request, frame: Frame, stand: Stand, form: Form, status: int = 200) -> Response:
    """The page of a reward or an add-on with a form, fresh or typed."""
    kind, slug = kind_and_slug(request)
    section = offer_of(request, stand)
    language = language_of(request)
    offer = next((found for found in of_kind(stand.draft, kind) if found.slug == slug), None)
    locked = section.locked(stand.phase)
    return page(
        shell,
        request,
        "edit/offer",
        frame,
        status,
        form=form,
        section=section,
        way=way(request, frame, "rewards"),
        draft=stand.draft,
        kind=kind.value,
        slug=slug,
        picture=media_url(offer.picture) if offer else "",
        chosen=stand.chosen.get(slug, 0),
        locked=locked,
        is_over=stand.phase is EditPhase.ENDED,
        rates=RATES.count(form),
        items=[(item.slug, name_in(item.names, language, stand.draft.language)) for item in stand.draft.items],
        shipping=[(known.value, i18n.translate(language, words)) for known, words in SHIPPING.items()],
        countries=i18n.countries(sorted(all_countries()), language),
        main_language=stand.draft.language,
        languages_of_texts=LANGUAGES,
        is_saved=status == 200 and "saved" in request.query_params,
    )


def offer_lines(stand: Stand, kind: Kind, language: str) -> tuple[OfferLine, ...]:
    """The rewards or add-ons of a campaign for their list."""
    draft = stand.draft
    return tuple(
        OfferLine(
            slug=offer.slug,
            title=name_in({code: text.title for code, text in offer.texts.items()}, language, draft.language),
            price=Money(offer.price_minor, draft.currency),
            quantity=offer.quantity,
            taken=stand.chosen.get(offer.slug, 0),
            is_closed=offer.closed,
            picture=media_url(offer.picture),
        )
        for offer in of_kind(draft, kind)
    )


def name_in(names: Mapping[str, str], language: str, main_language: str) -> str:
    """A name in a language, else in the campaign's own, else in whichever it has."""
    return names.get(language) or names.get(main_language) or next(iter(names.values()), "")

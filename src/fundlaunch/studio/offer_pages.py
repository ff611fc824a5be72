"""Pages of the editor for rewards and add-ons: their list, and a page for each."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.edits import EDITABLE, EditPhase
from fundlaunch.campaigns.rewards import media_url
from fundlaunch.errors import N_, BadInput, NotFound
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.studio.edit_pages import EDIT, may, way, write
from fundlaunch.studio.editing import saving, sending
from fundlaunch.studio.editing.offer import AUDIENCES, Audience, Kind, audience, named, of_kind, offer_section
from fundlaunch.studio.editing.offer_list import ENOUGH_TO_SORT, copied, moved, removed, sorted_by_places
from fundlaunch.studio.editing.repeated import rearranged
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import Section, name_in
from fundlaunch.studio.editing.sending import RATES, SHIPPING, places
from fundlaunch.studio.entrance import Frame, address, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A reward or add-on in the list of the editor; `taken` counts units held or pledged.

    `secret_link` is the address that shows a secret one, '' for one that everybody sees.
    """

    slug: str
    title: str
    price: Money
    quantity: int | None
    taken: int
    audience: Audience
    is_featured: bool
    secret_link: str


NEW = {"new-reward": Kind.REWARD, "new-add-on": Kind.ADD_ON}


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/edit/rewards, .../new-reward, .../new-add-on, .../{kind}/{offer}."""
    return [*_list(shell), *_offers(shell)]


def _list(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return _list_page(shell, request, None)

    def rearrange(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            stand = saving.stand(session, slug, shell.clock.now())
        form.only({"kind", "do", *(f"place.{offer.slug}" for offer in (*stand.draft.tiers, *stand.draft.add_ons))})
        asked = _Asked(form, frame.phase)
        if status := write(shell, request, Section("rewards", "", "", frozenset(), lambda _: [], asked.read), form):
            return _list_page(shell, request, form, status)
        end = asked.copy or f"rewards?saved=1#{asked.offer}"
        return RedirectResponse(link(request, address(slug, f"{EDIT}/{end}")), 303)

    path = "/studio/campaigns/{slug}/edit/rewards"
    return [Route(path, show), Route(path, posted(shell.signed(rearrange)), methods=["POST"])]


def _list_page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
        stand = saving.stand(session, frame.campaign.slug, shell.clock.now())
    language = language_of(request)
    views = {
        "way": way(request, frame, "rewards"),
        "tables": [(kind, offer_lines(stand, kind, language, shell.settings.base_url)) for kind in Kind],
        "may": may(stand.phase, "tier"),
        "is_over": stand.phase is EditPhase.ENDED,
        "is_saved": status == 200 and "saved" in request.query_params,
        "enough_to_sort": ENOUGH_TO_SORT,
    }
    return page(shell, request, "edit/offers", frame, status, form=form, **views)


class _Asked:
    """What a button of the list asks for, `do` being 'up:<slug>' or 'sort'; raises BadInput for an unknown one."""

    def __init__(self, form: Form, phase: EditPhase) -> None:
        self.verb, _, self.offer = form.typed("do").partition(":")
        kinds = {kind.value: kind for kind in Kind}
        kind = kinds.get(form.typed("kind"))
        if kind is None or self.verb not in {"up", "down", "remove", "duplicate", "add-on", "sort"}:
            raise BadInput(N_("This form has a button FundLaunch does not know. Reload the page and send it again."))
        self.kind, self.phase = kind, phase
        self.copy = ""
        """Where the page of the copy is, once `read` made one."""

    def read(self, form: Form, draft: CampaignDraft) -> CampaignDraft:
        if self.verb in {"up", "down"}:
            return moved(draft, self.kind, self.offer, -1 if self.verb == "up" else 1)
        if self.verb == "sort":
            return sorted_by_places(draft, self.kind, form)
        if self.verb == "remove":
            return removed(draft, self.kind, self.offer)
        target = Kind.ADD_ON if self.verb == "add-on" else self.kind
        draft, slug = copied(draft, self.kind, self.offer, target, self.phase)
        self.copy = f"{target.value}/{slug}?copied=1"
        return draft


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
        return RedirectResponse(link(request, address(slug, f"{EDIT}/{_after(shell, request, stand)}")), 303)

    edit = "/studio/campaigns/{slug}/edit"
    return [
        route
        for path in (*(f"{edit}/{name}" for name in NEW), f"{edit}/{{kind}}/{{offer}}")
        for route in (Route(path, show), Route(path, posted(shell.signed(save)), methods=["POST"]))
    ]


def _after(shell: Shell, request: Request, before: Stand) -> str:
    """Where a saved offer leads: to the list, but to its own page where it just got its secret link."""
    kind, slug = kind_and_slug(request)
    with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
        draft = saving.stand(session, frame.campaign.slug, shell.clock.now()).draft
    saved = next((offer for offer in of_kind(draft, kind) if offer.slug == slug), of_kind(draft, kind)[-1])
    if audience(saved) is Audience.SECRET and named(before.draft, kind, slug).secret_key != saved.secret_key:
        return f"{kind.value}/{saved.slug}?saved=1#audience-part"
    return f"rewards?saved=1#{saved.slug}"


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
    section, language = offer_of(request, stand), language_of(request)
    offer, lock = named(stand.draft, kind, slug), section.lock(stand.phase)
    titles = [(tier.slug, _title(tier, stand, language)) for tier in stand.draft.tiers]
    return page(
        shell,
        request,
        "edit/offer",
        frame,
        status,
        form=sending.named(form, language),
        section=section,
        way=way(request, frame, "rewards"),
        draft=stand.draft,
        kind=kind.value,
        slug=slug,
        picture=media_url(offer.picture),
        secret_link=secret_link(shell.settings.base_url, stand.draft, offer),
        chosen=stand.chosen.get(slug, 0),
        lock=lock,
        may_be_pictured=stand.phase in EDITABLE["chosen_tier.picture"],
        kept_audience=audience(replace(offer, closed=False)),
        is_late=stand.phase is EditPhase.LATE,
        is_over=lock.is_all,
        rates=RATES.count(form),
        items=[(item.slug, name_in(item.names, language, stand.draft.language)) for item in stand.draft.items],
        tiers=titles if kind is Kind.ADD_ON else [],
        opened_by=[goal.slug for goal in stand.draft.stretch_goals if slug and goal.opens == slug],
        audiences=AUDIENCES,
        shipping=[(way_.value, i18n.translate(language, words)) for way_, words in SHIPPING.items()],
        places=places(language),
        main_language=stand.draft.language,
        languages_of_texts=LANGUAGES,
        is_saved=status == 200 and "saved" in request.query_params,
        is_copy=status == 200 and "copied" in request.query_params,
    )


def secret_link(base_url: str, draft: CampaignDraft, offer: TierDraft) -> str:
    """The address that shows a secret reward; '' for one that everybody sees."""
    return f"{base_url}/campaigns/{draft.slug}?key={offer.secret_key}#rewards" if offer.secret_key else ""


def offer_lines(stand: Stand, kind: Kind, language: str, base_url: str) -> tuple[OfferLine, ...]:
    """The rewards or add-ons of a campaign for their list."""
    draft = stand.draft
    return tuple(
        OfferLine(
            slug=offer.slug,
            title=_title(offer, stand, language),
            price=Money(offer.price_minor, draft.currency),
            quantity=offer.quantity,
            taken=stand.chosen.get(offer.slug, 0),
            audience=audience(offer),
            is_featured=offer.featured,
            secret_link=secret_link(base_url, draft, offer),
        )
        for offer in of_kind(draft, kind)
    )


def _title(offer: TierDraft, stand: Stand, language: str) -> str:
    return name_in({code: text.title for code, text in offer.texts.items()}, language, stand.draft.language)

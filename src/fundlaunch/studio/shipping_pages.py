"""The page that tells what a basket costs to send to every country, before any backer finds out."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns.bounds import UNITS_LIMIT
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.people.roles import Permission
from fundlaunch.studio import shipping_costs
from fundlaunch.studio.edit_pages import EDIT, way
from fundlaunch.studio.editing import saving
from fundlaunch.studio.editing.section import name_in
from fundlaunch.studio.entrance import looking, page
from fundlaunch.studio.shipping_costs import Wanted
from fundlaunch.web.forms import Form
from fundlaunch.web.languages import carried, language_of
from fundlaunch.web.shell import Shell

ADD_ON = "add."
ALWAYS_SHOWN = 12
"""So many countries of a group are named; more are behind a click."""


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/edit/shipping."""

    def show(request: Request) -> Response:
        with looking(shell, request, Permission.EDIT, EDIT) as (session, frame):
            draft = saving.stand(session, frame.campaign.slug, shell.clock.now()).draft
        language = language_of(request)
        form = asked(request, draft)
        wanted = _wanted(form, draft)
        basket = shipping_costs.chosen(draft, wanted) if form.is_valid else []
        titles = _titles(draft, language)
        zones = shipping_costs.zones(draft, basket, titles) if shipping_costs.is_sent(basket) else ()
        return page(
            shell,
            request,
            "edit/shipping",
            frame,
            200 if form.is_valid else 422,
            form=form,
            way=way(request, frame, "shipping"),
            draft=draft,
            tiers=[(tier.slug, titles[tier.slug]) for tier in draft.tiers],
            add_ons=[(add_on.slug, titles[add_on.slug]) for add_on in draft.add_ons],
            zones=[(zone, _names(zone.countries, language)) for zone in zones],
            basket=[(titles[offer.slug], units) for offer, units in basket],
            price=shipping_costs.price(draft, basket),
            weight_grams=shipping_costs.weight_grams(draft, basket),
            strangers=[titles[offer.slug] for offer in shipping_costs.strangers(basket, wanted.tier)],
            always_shown=ALWAYS_SHOWN,
            carried=carried(request),
            is_over=False,
            is_saved=False,
        )

    return [Route("/studio/campaigns/{slug}/edit/shipping", show)]


def asked(request: Request, draft: CampaignDraft) -> Form:
    """The basket of the address; the first reward once for a page that names none."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name in _fields(draft)]
    if not any(name == "tier" for name, _ in pairs) and draft.tiers:
        pairs.append(("tier", draft.tiers[0].slug))
    if not any(name == "quantity" for name, _ in pairs):
        pairs.append(("quantity", "1"))
    return Form(pairs)


def _fields(draft: CampaignDraft) -> set[str]:
    return {"tier", "quantity", *(f"{ADD_ON}{add_on.slug}" for add_on in draft.add_ons)}


def _wanted(form: Form, draft: CampaignDraft) -> Wanted:
    tier = form.choice("tier", [tier.slug for tier in draft.tiers]) if draft.tiers else ""
    add_ons = {add_on.slug: form.count(f"{ADD_ON}{add_on.slug}", UNITS_LIMIT) for add_on in draft.add_ons}
    return Wanted(tier, form.count("quantity", UNITS_LIMIT), add_ons)


def _titles(draft: CampaignDraft, language: str) -> dict[str, str]:
    return {
        offer.slug: name_in({code: text.title for code, text in offer.texts.items()}, language, draft.language)
        or offer.slug
        for offer in (*draft.tiers, *draft.add_ons)
    }


def _names(codes: tuple[str, ...], language: str) -> list[str]:
    return [name for _, name in i18n.countries(codes, language)]

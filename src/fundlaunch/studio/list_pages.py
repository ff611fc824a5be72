"""The lists of a campaign: which to take out, in which shape, and those that were taken out."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import draft_rows, queries
from fundlaunch.errors import N_, Refused
from fundlaunch.fulfilment import queries as batches
from fundlaunch.fulfilment.presets import PRESETS
from fundlaunch.fulfilment.rows import ListKind, Personal
from fundlaunch.fulfilment.wanted import Format, read_wanted
from fundlaunch.people.roles import Permission
from fundlaunch.pledges.states import IN_RECOVERY
from fundlaunch.studio import backers
from fundlaunch.studio.backer_pages import STATES, choices, tier_choices
from fundlaunch.studio.backers import RECOVERY
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import address, looking, page
from fundlaunch.web.forms import Form
from fundlaunch.web.languages import carried, language_of
from fundlaunch.web.shell import Shell

NAMES = {
    "backers.fundlaunch": (N_("Backer list"), N_("One row a backer; the names of its columns stay the same for ever")),
    "backers.kickstarter-2024": (
        N_("Backer list, Kickstarter's columns"),
        N_("For tools that read a Kickstarter file"),
    ),
    "items.lines": (N_("Fulfilment, a row an item"), N_("For warehouses: order, address, SKU, quantity, weight")),
    "items.per-pledge": (N_("Fulfilment, a row a backer"), N_("One parcel a row, one column a SKU")),
    "picklist.picklist": (N_("Pick list"), N_("SKU, how many to pack, totals by country")),
}
"""What a list is called and good for, by kind and preset."""

FORMATS = {Format.CSV.value: N_("CSV"), Format.XLSX.value: N_("XLSX"), Format.ZIP.value: N_("ZIP, one file a reward")}


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/lists; a chosen list is handed on to its download."""

    def show(request: Request) -> Response:
        if "list" not in request.query_params:
            return _page(shell, request, Form([]))
        with looking(shell, request, Permission.BACKERS, "/lists") as (_, frame):
            pass
        form = Form(list(request.query_params.multi_items()))
        kind, _, preset = form.typed("list").partition(".")
        try:
            wanted = _wanted(form, frame.campaign.slug, kind, preset, frame.person.email)
        except Refused as fault:
            refuse(form, fault, "format" if kind in {known.value for known in ListKind} else "list")
            return _page(shell, request, form, 422)
        return RedirectResponse(f"{address(frame.campaign.slug, f'/lists/{kind}')}?{urlencode(wanted)}", 303)

    return [Route("/studio/campaigns/{slug}/lists", show)]


def _wanted(form: Form, slug: str, kind: str, preset: str, actor: str) -> list[tuple[str, str]]:
    """What was chosen, as the download's own query; raises NotFound or BadInput."""
    format_name = form.typed("format") or Format.CSV.value
    tier, country, personal = (form.typed(name) for name in ("tier", "country", "personal"))
    read_wanted(
        slug, kind, actor, preset_name=preset, format_name=format_name, tier=tier, country=country, personal=personal
    )
    state = form.typed("status")
    states = sorted(IN_RECOVERY) if state == RECOVERY else [state] if state in STATES else []
    chosen = {"preset": preset, "format": format_name, "tier": tier, "country": country, "personal": personal}
    return [pair for pair in chosen.items() if pair[1]] + [("status", found) for found in states]


def _page(shell: Shell, request: Request, form: Form, status: int = 200) -> Response:
    language = language_of(request)
    with looking(shell, request, Permission.BACKERS, "/lists") as (session, frame):
        campaign = queries.by_slug(session, frame.campaign.slug)
        views = {
            "tiers": tier_choices(draft_rows.read(session, campaign), language),
            "countries": i18n.countries(backers.countries(session, campaign.id), language),
            "taken": batches.batches(session, campaign.id),
            "lists": _lists(language),
            "names": {name: i18n.translate(language, words) for name, (words, _) in NAMES.items()},
            "formats": choices(FORMATS, language),
            "states": choices(STATES, language),
            "left_out": Personal.LEFT_OUT.value,
        }
    return page(shell, request, "lists", frame, status, form=form, carried=carried(request), **views)


def _lists(language: str) -> list[tuple[str, str, str, str]]:
    """Every preset as a choice: value, name, what it is good for."""
    names = [f"{preset.kind.value}.{preset.name}" for preset in PRESETS]
    found = [(name, *NAMES.get(name, (name, ""))) for name in names]
    return [
        (name, i18n.translate(language, words), i18n.translate(language, small), "") for name, words, small in found
    ]

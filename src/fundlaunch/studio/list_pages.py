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
from fundlaunch.fulfilment.rows import Personal
from fundlaunch.fulfilment.wanted import Format, read_wanted
from fundlaunch.people.roles import Permission
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
        asked = request.query_params
        if "list" not in asked:
            return list_page(request, Form([]))
        with looking(shell, request, Permission.BACKERS, "/lists") as (_, frame):
            pass
        kind, _, preset = asked.get("list", "").partition(".")
        query = _query(asked.get("format", ""), asked.get("status", ""), request)
        form = Form(list(asked.multi_items()))
        try:
            read_wanted(
                frame.campaign.slug, kind, frame.person.email, preset_name=preset, format_name=query["format"],
                tier=query["tier"], country=query["country"], personal=query["personal"],
            )  # fmt: skip
        except Refused as fault:
            refuse(form, fault, "format" if kind in {"backers", "items", "picklist"} else "list")
            return list_page(request, form, 422)
        chosen = [(name, value) for name, value in query.items() if value and name != "status"]
        chosen += [("status", state) for state in query["status"].split()] + [("preset", preset)]
        where = address(frame.campaign.slug, f"/lists/{kind}")
        return RedirectResponse(f"{where}?{urlencode(chosen)}", 303)

    def list_page(request: Request, form: Form, status: int = 200) -> Response:
        language = language_of(request)
        with looking(shell, request, Permission.BACKERS, "/lists") as (session, frame):
            campaign = queries.by_slug(session, frame.campaign.slug)
            draft = draft_rows.read(session, campaign)
            countries = backers.countries(session, campaign.id)
            taken = batches.batches(session, campaign.id)
        return page(
            shell,
            request,
            "lists",
            frame,
            status,
            form=form,
            lists=_lists(language),
            carried=carried(request),
            formats=choices(FORMATS, language),
            states=choices(STATES, language),
            tiers=tier_choices(draft, language),
            countries=i18n.countries(countries, language),
            left_out=Personal.LEFT_OUT.value,
            taken=taken,
            names={name: i18n.translate(language, words) for name, (words, _) in NAMES.items()},
        )

    return [Route("/studio/campaigns/{slug}/lists", show)]


def _lists(language: str) -> list[tuple[str, str, str, str]]:
    """Every preset as a choice: value, name, what it is good for."""
    names = [f"{preset.kind.value}.{preset.name}" for preset in PRESETS]
    found = [(name, *NAMES.get(name, (name, ""))) for name in names]
    return [
        (name, i18n.translate(language, words), i18n.translate(language, small), "") for name, words, small in found
    ]


def _query(format_name: str, state: str, request: Request) -> dict[str, str]:
    asked = request.query_params
    states = {RECOVERY: "errored authentication_required"}.get(state, state if state in STATES else "")
    return {
        "format": format_name or Format.CSV.value,
        "status": states,
        "tier": asked.get("tier", ""),
        "country": asked.get("country", ""),
        "personal": asked.get("personal", ""),
    }

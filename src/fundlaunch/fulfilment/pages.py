"""Pages of fulfilment: the address a parcel goes to, and the lists of a campaign's studio."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from fundlaunch.fulfilment import actions, addresses, lists, queries, rules
from fundlaunch.fulfilment.addresses import AddressPage
from fundlaunch.fulfilment.forms import read_address
from fundlaunch.fulfilment.postal import LIMITS, PostalField, PostalRules
from fundlaunch.fulfilment.postal import rules as postal_rules
from fundlaunch.fulfilment.wanted import Wanted, read_wanted
from fundlaunch.people.access import allow
from fundlaunch.people.present import require_person
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import Permission
from fundlaunch.pledges.rows import by_token
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

_AUTOCOMPLETE = {
    "name": "name", "company": "organization", "line1": "address-line1", "line2": "address-line2",
    "line3": "address-line3", "city": "address-level2", "district": "address-level3", "state": "address-level1",
    "postcode": "postal-code", "phone": "tel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of the address form. `choices` are (value, label) pairs of a list to choose from, if it is one."""

    name: str
    label: str
    value: str
    is_required: bool
    example: str
    choices: tuple[tuple[str, str], ...]
    attributes: dict[str, str | int]


def routes(shell: Shell) -> list[Route]:
    """The address page of a pledge, and the downloads of the studio."""

    def show_address(request: Request) -> Response:
        language = language_of(request)
        with shell.database.reading() as session:
            page = addresses.address_page(session, request.path_params["token"], language)
        _check(page)
        return _render(shell, request, page, None)

    def save_address(request: Request, form: Form) -> Response:
        form.only(LIMITS)
        token, language, now = request.path_params["token"], language_of(request), shell.clock.now()
        with shell.database.transaction() as session:
            by_token(session, token)
            page = addresses.address_page(session, token, language)
            _check(page)
            values = read_address(form, postal_rules(page.country, language))
            if form.is_valid:
                actions.give_address(session, page.pledge_id, values, now)
        if not form.is_valid:
            return _render(shell, request, page, form)
        return RedirectResponse(link(request, f"/pledges/{token}/address?saved=1"), 303)

    def download(request: Request) -> Response:
        wanted = _wanted(request, _reader(shell, request))
        return _download(wanted, lists.take_out(shell.database, wanted, shell.clock.now()), shell)

    return [
        Route("/pledges/{token}/address", show_address),
        Route("/pledges/{token}/address", posted(save_address), methods=["POST"]),
        Route("/studio/campaigns/{slug}/lists/{kind}", download),
    ]


def _check(page: AddressPage) -> None:
    rules.check_takes_address(page.campaign_status, page.status, page.country, is_sent=page.is_sent)


def _render(shell: Shell, request: Request, page: AddressPage, form: Form | None) -> Response:
    found = postal_rules(page.country, language_of(request))
    return shell.templates.render(
        request,
        "fulfilment/address.html",
        200 if form is None else 422,
        Policy.MANAGE,
        page=page,
        fields=[_field_view(page, found, field) for field in found.fields],
        form=form,
        is_saved=form is None and page.address is not None and "saved" in request.query_params,
    )


def _field_view(page: AddressPage, found: PostalRules, field: PostalField) -> FieldView:
    value = str(getattr(page.address, field.name)) if page.address is not None else ""
    if field.name == "name" and page.address is None:
        value = page.backer_name
    # A state that was chosen on a page of another language stands there by its other name.
    value = next((state.value for state in field.states if value.casefold() in state.names), value)
    attributes: dict[str, str | int] = {"maxlength": field.limit}
    if field.name in _AUTOCOMPLETE:
        attributes["autocomplete"] = f"shipping {_AUTOCOMPLETE[field.name]}"
    return FieldView(
        name=field.name,
        label=field.label,
        value=value,
        is_required=field.is_required,
        example=found.postcode_example if field.name == "postcode" else "",
        choices=tuple((state.value, state.label) for state in field.states),
        attributes=attributes,
    )


def _reader(shell: Shell, request: Request) -> Person:
    """Who asks, if their role covers the campaign's backers; raises SignInNeeded, NotFound or NotAllowed."""
    person = require_person(shell, request)
    with shell.database.reading() as session:
        allow(session, person, queries.campaign_id(session, request.path_params["slug"]), Permission.BACKERS)
    return person


def _wanted(request: Request, person: Person) -> Wanted:
    asked = request.query_params
    return read_wanted(
        request.path_params["slug"],
        request.path_params["kind"],
        person.email,
        preset_name=asked.get("preset", ""),
        format_name=asked.get("format", "csv"),
        statuses=asked.getlist("status"),
        tier=asked.get("tier", ""),
        country=asked.get("country", ""),
        personal=asked.get("personal", ""),
    )


def _download(wanted: Wanted, pieces: Iterator[bytes], shell: Shell) -> Response:
    day = shell.clock.now().date().isoformat()
    name = f"{wanted.slug}-{wanted.preset.kind.value}-{wanted.preset.name}-{day}.{wanted.format.value}"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, headers=headers, media_type=wanted.format.media_type)

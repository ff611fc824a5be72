"""What people type: an address by the rules of its country, and which list they want."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fundlaunch.errors import N_, BadInput, NotFound
from fundlaunch.fulfilment.postal import LINES, PostalField, PostalRules, as_postcode
from fundlaunch.fulfilment.rows import DEFAULT_STATUSES, Choice, ListKind, Personal
from fundlaunch.pledges.states import PledgeState
from fundlaunch.web.forms import Form

_PHONE = re.compile(r"\+?[0-9 ()./-]{4,39}", re.ASCII)

_MISSING = {
    "name": N_("Write the name that goes on the parcel."),
    "line1": N_("Write the street and house number, or the post office box."),
    "city": N_("Write the city or town; parcels to this country need it."),
    "district": N_("Write the district; parcels to this country need it."),
    "state": N_("Say which state, province or region; parcels to this country need it."),
    "postcode": N_("Write the postcode; parcels to this country need it."),
}


@dataclass(frozen=True, slots=True)
class AddressValues:
    """An address that fits its country; fields the country does not have are ''."""

    country: str
    name: str
    company: str = ""
    line1: str = ""
    line2: str = ""
    line3: str = ""
    city: str = ""
    district: str = ""
    state: str = ""
    postcode: str = ""
    phone: str = ""
    delivery_notes: str = ""


def read_address(form: Form, rules: PostalRules) -> AddressValues:
    """The address that was typed; every mistake is noted in `form.errors` with its field and a sentence."""
    values = {field.name: _read(form, field, rules) for field in rules.fields}
    return AddressValues(country=rules.country, **_closed_up(values))


def read_typed_address(typed: Mapping[str, str], rules: PostalRules) -> AddressValues:
    """The same for values that came from a file; raises BadInput for the first mistake."""
    form = Form(list(typed.items()))
    values = read_address(form, rules)
    for mistake in form.errors.values():
        raise mistake
    return values


def _read(form: Form, field: PostalField, rules: PostalRules) -> str:
    if field.name == "delivery_notes":
        return form.long_text(field.name, field.limit)
    found = form.optional_text(field.name, field.limit)
    if not found:
        if field.is_required:
            form.refuse(field.name, _MISSING[field.name])
        return ""
    if field.name == "postcode":
        return _postcode(form, found, rules)
    if field.name == "phone":
        return _phone(form, found)
    return _state(form, found, field) if field.states else found


def _postcode(form: Form, found: str, rules: PostalRules) -> str:
    postcode = as_postcode(found)
    if not rules.takes_postcode(postcode):
        form.refuse(
            "postcode",
            N_("“{typed}” does not look like a postcode of this country. Write it like {example}."),
            typed=postcode,
            example=rules.postcode_example,
        )
    return postcode


def _phone(form: Form, found: str) -> str:
    phone = unicodedata.normalize("NFKC", found)
    if not _PHONE.fullmatch(phone):
        form.refuse("phone", N_("Write the phone number in figures, for example {example}."), example="+1 202 555 0143")
    return phone


def _state(form: Form, found: str, field: PostalField) -> str:
    for state in field.states:
        if found.casefold() in state.names:
            return state.value
    form.refuse(field.name, N_("Please choose one from the list."))
    return ""


def _closed_up(values: Mapping[str, str]) -> dict[str, str]:
    """Street lines without a gap between them: a carrier's label prints them one below the other."""
    lines = [line for name in LINES if (line := values.get(name, ""))]
    lines += [""] * (len(LINES) - len(lines))
    return {**values, **dict(zip(LINES, lines, strict=True))}


def read_choice(kind: ListKind, statuses: Sequence[str], tier: str, country: str) -> Choice:
    """Which pledges a list is asked for; no status means the usual ones of its kind. Raises BadInput."""
    known = {state.value for state in PledgeState}
    for status in statuses:
        if status not in known:
            raise BadInput(
                N_("“{status}” is no state of a pledge. Choose from: {known}."),
                field="status",
                status=status[:40],
                known=", ".join(sorted(known)),
            )
    chosen = frozenset(PledgeState(status) for status in statuses) or DEFAULT_STATUSES[kind]
    return Choice(chosen, tier[:60], country[:2].upper())


def read_kind(name: str) -> ListKind:
    """The kind of list of that name; raises NotFound."""
    if name not in {kind.value for kind in ListKind}:
        raise NotFound(N_("There is no list “{name}”. Choose backers, items or picklist."), name=name[:40])
    return ListKind(name)


def read_personal(name: str) -> Personal:
    """'' or 'included' for a list with names and addresses, 'left_out' for one without. Raises BadInput."""
    if name not in {"", *Personal}:
        raise BadInput(N_("Personal data can be “included” or “left_out”."), field="personal")
    return Personal(name or Personal.INCLUDED)

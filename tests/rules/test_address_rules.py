"""What an address needs, country by country."""

import json
from pathlib import Path

import pytest

from fundlaunch.errors import BadInput
from fundlaunch.fulfilment.forms import AddressValues, read_address, read_typed_address
from fundlaunch.fulfilment.postal import LIMITS, as_postcode, rules
from fundlaunch.web.forms import Form

BEHIND = ["phone", "delivery_notes"]
LINES = ["line1", "line2", "line3"]

US = {"name": "Mina Okafor", "line1": "1 Main Street", "city": "Springfield", "state": "IL", "postcode": "02134"}


def read(country: str, typed: dict[str, str], language: str = "en") -> tuple[AddressValues, Form]:
    form = Form(list(typed.items()))
    return read_address(form, rules(country, language)), form


@pytest.mark.parametrize(
    ("country", "language", "fields", "required"),
    [
        ("US", "en", ["name", "company", *LINES, "city", "state", "postcode"], "name line1 city state postcode"),
        ("GB", "en", ["name", "company", *LINES, "city", "postcode"], "name line1 city postcode"),
        ("DE", "en", ["name", "company", *LINES, "postcode", "city"], "name line1 city postcode"),
        ("HK", "en", ["name", "company", *LINES, "city", "state"], "name line1 state"),
        ("AE", "en", ["name", "company", *LINES, "state"], "name line1 state"),
        ("JP", "en", ["name", "company", *LINES, "state", "postcode"], "name line1 state postcode"),
        ("KR", "en", ["name", "company", *LINES, "district", "city", "state", "postcode"],
         "name line1 city state postcode"),
        ("KR", "ko", ["state", "city", "district", *LINES, "company", "name", "postcode"],
         "name line1 city state postcode"),
        ("XX", "en", ["name", "company", *LINES, "city"], "name line1 city"),
    ],
)  # fmt: skip
def test_a_country_has_its_own_fields_in_its_own_order(
    country: str, language: str, fields: list[str], required: str
) -> None:
    found = rules(country, language)
    assert [field.name for field in found.fields] == fields + BEHIND
    assert {field.name for field in found.fields if field.is_required} == set(required.split())


@pytest.mark.parametrize(
    ("country", "name", "label"),
    [
        ("US", "postcode", "ZIP code"), ("US", "state", "State"), ("JP", "state", "Prefecture"),
        ("AE", "state", "Emirate"), ("IE", "postcode", "Eircode"), ("IN", "postcode", "PIN code"),
        ("GB", "city", "Post town"), ("CA", "state", "Province"), ("KR", "state", "Do/Si"), ("HK", "state", "Area"),
    ],
)  # fmt: skip
def test_a_field_is_called_what_its_country_calls_it(country: str, name: str, label: str) -> None:
    assert [field.label for field in rules(country, "en").fields if field.name == name] == [label]


def test_every_real_postcode_fits_its_country(shared_data: Path) -> None:
    refused = []
    samples = 0
    for country, facts in addresses(shared_data).items():
        for sample in filter(None, facts.get("zipex", "").split(",")):
            samples += 1
            form = Form([("postcode", sample.lower())])
            if read_address(form, rules(country, "en")).postcode != sample.upper() or "postcode" in form.errors:
                refused.append((country, sample))
    assert refused == []
    assert samples == 432


def test_the_fields_of_every_country_are_those_of_its_postal_data(shared_data: Path) -> None:
    letters = {"N": "name", "O": "company", "A": "line1", "C": "city", "D": "district", "S": "state", "Z": "postcode"}
    for country, facts in addresses(shared_data).items():
        order = facts.get("lfmt") or facts.get("fmt") or "%N%n%O%n%A%n%C"
        expected = [
            letters[sign] for sign in order.replace("%n", "").split("%")[1:] for sign in sign[0] if sign in letters
        ]
        found = rules(country, "en")
        # Korean is not a language of this page, so its order is the Latin one too.
        assert [field.name for field in found.fields if field.name in letters.values()] == expected, country
        required = {letters[sign] for sign in facts.get("require", "AC")} | {"name"}
        assert {field.name for field in found.fields if field.is_required} == required & set(expected), country


def test_no_country_without_postcodes_asks_for_one(shared_data: Path) -> None:
    without = [country for country, facts in addresses(shared_data).items() if not facts.get("zip")]
    assert len(without) == 72
    for country in without:
        assert not [field for field in rules(country, "en").fields if field.name == "postcode" and field.is_required]


def addresses(shared_data: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((shared_data / "text" / "address_rules.json").read_text("utf-8"))
    return found


def test_leading_noughts_and_letters_of_a_postcode_stay() -> None:
    values, form = read("US", US)
    assert form.is_valid
    assert values.postcode == "02134"
    assert read("GB", {"postcode": "sw1a 1aa"})[0].postcode == "SW1A 1AA"
    assert as_postcode(" １５０－０００１ ") == "150-0001"


@pytest.mark.parametrize(
    ("country", "postcode"), [("US", "2134"), ("DE", "1011"), ("KR", "ABCDE"), ("GB", "12345"), ("CA", "K1A 0B")]
)
def test_a_postcode_of_the_wrong_shape_is_told_with_an_example(country: str, postcode: str) -> None:
    _, form = read(country, {"postcode": postcode})
    assert rules(country, "en").postcode_example in str(form.errors["postcode"])


def test_every_mistake_is_told_at_its_own_field() -> None:
    _, form = read("US", {"phone": "call me", "state": "Atlantis"})
    assert set(form.errors) == {"name", "line1", "city", "state", "postcode", "phone"}


def test_a_state_is_known_by_its_code_and_its_names_and_kept_as_carriers_print_it() -> None:
    assert [read("US", US | {"state": typed})[0].state for typed in ("IL", "il", "Illinois")] == ["IL"] * 3
    assert read("KR", {"state": "서울특별시"}, "ko")[0].state == "서울특별시"
    assert [read("KR", {"state": typed})[0].state for typed in ("Seoul", "서울", "서울특별시")] == ["Seoul"] * 3


def test_a_post_office_box_and_street_lines_in_any_gap_are_fine() -> None:
    values, form = read("AE", {"name": "Mina", "line1": "", "line2": "PO Box 1234", "line3": "Deira", "state": "Dubai"})
    assert set(form.errors) == {"line1"}
    values, form = read("AE", {"name": "Mina", "line1": "PO Box 1234", "line2": "", "line3": "Deira", "state": "Dubai"})
    assert form.is_valid
    assert (values.line1, values.line2, values.line3, values.postcode) == ("PO Box 1234", "Deira", "", "")


def test_text_is_composed_and_without_control_characters() -> None:
    values, _ = read("US", US | {"name": "Zoe\u0308\x00 \u202eM", "delivery_notes": "Ring\x07 twice,\r\nthen wait"})
    assert values.name == "Zoë M"
    assert values.delivery_notes == "Ring  twice,\nthen wait"


@pytest.mark.parametrize("name", ["name", "line1", "city", "phone", "delivery_notes"])
def test_a_text_that_is_too_long_is_told(name: str) -> None:
    _, form = read("US", US | {name: "1" * (LIMITS[name] + 1)})
    assert "too long" in str(form.errors[name]) or name == "phone"


def test_an_address_from_a_file_is_read_by_the_same_rules() -> None:
    assert read_typed_address(US, rules("US", "en")).city == "Springfield"
    with pytest.raises(BadInput, match="does not look like a postcode"):
        read_typed_address(US | {"postcode": "1"}, rules("US", "en"))


def test_every_field_that_any_country_requires_has_its_own_sentence(shared_data: Path) -> None:
    for country in addresses(shared_data):
        _, form = read(country, {})
        required = {field.name for field in rules(country, "en").fields if field.is_required}
        assert set(form.errors) == required
        assert len({str(mistake) for mistake in form.errors.values()}) == len(required)

"""The form of an item's options and variants, made anew of what was typed: options in, a row for each combination out.

A value keeps its short name while its words change, so that a row keeps what was typed into it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.i18n import LANGUAGES
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs, in_languages, slug_of
from fundlaunch.web.forms import Form, clean

NAME = in_languages("name")
VALUES = tuple(
    Rows(f"options.{n}.values", tuple(NAME), POLICY.item_variants, kept=("slug",)) for n in range(POLICY.item_options)
)
OPTIONS = Rows(
    "options",
    tuple(NAME),
    POLICY.item_options,
    kept=("slug",),
    parts=tuple(f"values.{m}.{field}" for m in range(POLICY.item_variants) for field in (*NAME, "slug")),
)
VARIANTS = Rows(
    "variants",
    ("sku", "weight_grams", "customs_value", "hs_code", "quantity"),
    POLICY.item_variants,
    kept=("choice", "proposed"),
)
"""`proposed` is the stock number that a row was given: as long as it stands there untouched, it follows the words."""

LIKE_THE_LAST = ("weight_grams", "customs_value", "hs_code")
"""What a new combination takes over from the one it was made of."""

SKU_LIMIT = 50
_BETWEEN = re.compile("[,;\uff0c\u3001]")
"""Commas, also those of keyboards for Chinese and Japanese."""

Choice = tuple[tuple[str, str], ...]
"""Short names of values by those of their options, as pairs in the order of the options."""


@dataclass(slots=True)
class Value:
    """A value as typed; `slug` is '' as long as it has no name."""

    slug: str
    names: dict[str, str]

    @property
    def name(self) -> str:
        return next(filter(None, (self.names.get(language, "") for language in LANGUAGES)), "")


@dataclass(slots=True)
class Option(Value):
    values: list[Value] = field(default_factory=list)


def arranged(form: Form, stem: str, taken: Collection[str]) -> Form:
    """The form with short names, values split at their commas, and the table of what can be combined.

    `stem` begins every proposed stock number, `taken` are those of other items. Where there are more combinations than
    fit everything stays as it was typed.
    """
    options = options_of(form)
    if how_many(options) > VARIANTS.most:
        return form
    own = OPTIONS.names | VARIANTS.names
    pairs = [(name, value) for name in form if name not in own for value in form.chosen(name)]
    pairs += [pair for n, option in enumerate(options) for pair in _option_written(n, option)]
    choices, typed, skus = combinations(options), _typed_rows(form), set(taken)
    for n, choice in enumerate(choices):
        row = _row(choice, typed)
        if row.get("sku", "").strip() in {"", row.get("proposed")}:
            row["sku"] = row["proposed"] = proposed_sku(stem, choice, options, skus)
        skus.add(row["sku"])
        row["choice"] = choice_written(choice)
        pairs += [(VARIANTS.name(n, field), row.get(field, "")) for field in (*VARIANTS.fields, *VARIANTS.kept)]
    return Form(pairs)


def options_of(form: Form) -> list[Option]:
    """The options of a form; values that were typed with commas between them are several."""
    options: list[Option] = []
    for n in range(OPTIONS.count(form)):
        names = _names(form, OPTIONS, n)
        option = Option(form.typed(OPTIONS.name(n, "slug")), names)
        option.slug = option.slug or _slug(option, [other.slug for other in options], "option")
        for m in range(VALUES[n].count(form)):
            for value in _split(form.typed(VALUES[n].name(m, "slug")), _names(form, VALUES[n], m)):
                value.slug = value.slug or _slug(value, [other.slug for other in option.values], "value")
                option.values.append(value)
        options.append(option)
    return options


def how_many(options: Sequence[Option]) -> int:
    """How many combinations the values make."""
    return prod(map(len, _values(options)))


def combinations(options: Sequence[Option]) -> list[Choice]:
    """Every combination of the values that have a name, in the order of the options; ask first how many there are."""
    return [choice for choice in product(*_values(options)) if choice]


def _values(options: Sequence[Option]) -> list[list[tuple[str, str]]]:
    found = [[(option.slug, value.slug) for value in option.values if value.name] for option in options if option.slug]
    return [values for values in found if values]


def choice_written(choice: Choice) -> str:
    return ",".join(f"{option}={value}" for option, value in choice)


def choice_read(written: str) -> Choice:
    """The reverse; whatever is no pair is left out."""
    pairs = (part.partition("=") for part in written.split(","))
    return tuple((option, value) for option, _, value in pairs if option and value)


def proposed_sku(stem: str, choice: Choice, options: Sequence[Option], taken: Collection[str]) -> str:
    """A stock number made of the item's own and the values' names, such as SHIRT-RED-XL, that nothing else has."""
    words = {
        (option.slug, value.slug): slug_of(value.name, other=str(n)).upper()
        for option in options
        for n, value in enumerate(option.values, start=1)
    }
    tail = "-".join(words[pair] for pair in choice)
    return _free(f"{stem}-{tail}"[:SKU_LIMIT] if stem else tail[:SKU_LIMIT], taken)


def _free(sku: str, taken: Collection[str]) -> str:
    numbered = (f"{sku[: SKU_LIMIT - 4]}-{n}" for n in range(2, len(taken) + 3))
    return sku if sku not in taken else next(name for name in numbered if name not in taken)


def _names(form: Form, rows: Rows, n: int) -> dict[str, str]:
    return {language: clean(form.typed(rows.name(n, f"name.{language}"))) for language in LANGUAGES}


def _slug(value: Value, taken: Sequence[str], other: str) -> str:
    return slug_of(value.name, taken, other=other) if value.name else ""


def _split(slug: str, names: Mapping[str, str]) -> Iterator[Value]:
    """One value, or as many as were typed with commas; the first keeps the short name."""
    parts = {language: [part.strip() for part in _BETWEEN.split(name)] for language, name in names.items()}
    for n in range(max(map(len, parts.values()))):
        found = {language: texts[n] if n < len(texts) else "" for language, texts in parts.items()}
        if any(found.values()) or n == 0:
            yield Value(slug if n == 0 else "", found)


def _option_written(n: int, option: Option) -> Pairs:
    pairs = [(OPTIONS.name(n, "slug"), option.slug), *_named(OPTIONS, n, option)]
    for m, value in enumerate(option.values or [Value("", {})]):
        pairs += [(VALUES[n].name(m, "slug"), value.slug), *_named(VALUES[n], m, value)]
    return pairs


def _named(rows: Rows, n: int, value: Value) -> Pairs:
    return [(rows.name(n, f"name.{language}"), value.names.get(language, "")) for language in LANGUAGES]


def _typed_rows(form: Form) -> dict[Choice, dict[str, str]]:
    return {
        choice_read(form.typed(VARIANTS.name(n, "choice"))): {
            field: form.typed(VARIANTS.name(n, field)) for field in (*VARIANTS.fields, "proposed")
        }
        for n in range(VARIANTS.count(form))
    }


def _row(choice: Choice, typed: Mapping[Choice, dict[str, str]]) -> dict[str, str]:
    """What was typed for a combination; for a new one what it shares with the combination it was made of."""
    if choice in typed:
        return typed[choice]
    wanted = set(choice)
    near = sorted(
        (known for known in typed if known and (set(known) < wanted or set(known) > wanted)), key=len, reverse=True
    )
    return {field: typed[near[0]][field] for field in LIKE_THE_LAST} if near else {}

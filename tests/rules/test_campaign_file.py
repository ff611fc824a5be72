"""Campaign files: every mistake is named by line and column, in one sentence that says what to do."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fundlaunch.campaigns.campaign_file import BadFile, Mistake, check, inspect, load, load_text
from fundlaunch.campaigns.file_table import Table
from fundlaunch.campaigns.launch_check import deadline_of
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.toml_places import places

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

WHOLE = """\
slug = "lamp"
language = "en"
languages = ["en", "ko"]
currency = "USD"
goal = "8000"
timezone = "Europe/Berlin"
title = { en = "A lamp", ko = "등" }

[[items]]
slug = "lamp"
sku = "LAMP-1"
name = "Lamp"

[[tiers]]
slug = "one"
title = "One lamp"
price = "49.50"
quantity = 20
shipping = "some"
rates = { DE = "5", US = ["15", "4.50"] }
items = { lamp = 1 }
"""


def mistakes(text: str) -> list[Mistake]:
    return inspect(text, None, NOW)[1]


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


def test_a_whole_file_is_read_without_mistake() -> None:
    loaded, found = inspect(WHOLE, None, NOW)
    assert found == []
    assert loaded is not None
    draft = loaded.draft
    assert draft.goal_minor == 800_000
    assert draft.texts["ko"].title == "등"
    assert draft.tiers[0].price_minor == 49_50
    assert draft.tiers[0].rates == {"DE": Rate(500, 500), "US": Rate(1500, 450)}
    assert draft.tiers[0].items == {"lamp": 1}
    assert draft.duration_days == 30


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ('"-1"', "“-1” is not an amount"),
        ("-1", "“-1” is not an amount"),
        ('"1e400"', "“1e400” is not an amount"),
        ("1e400", "Write an amount in quotation marks"),
        ('"NaN"', "“NaN” is not an amount"),
        ("nan", "Write an amount in quotation marks"),
        ("inf", "Write an amount in quotation marks"),
        ('"1,234.56"', "“1,234.56” is not an amount"),
        ('"0.00001"', "“0.00001” is not an amount"),
        ('"10.001"', "finer than USD allows"),
        ("49.5", "a number with a point is not exact"),
        ('"0"', "more than zero"),
        ('"١٢"', "is not an amount"),
        ("true", "is not an amount"),
        ("[1]", "is not an amount"),
        ('"999999999999999999"', "is larger than any amount"),
    ],
)
def test_a_bad_amount_is_one_sentence_at_its_place(amount: str, sentence: str) -> None:
    (found,) = mistakes(changed('goal = "8000"', f"goal = {amount}"))
    assert (found.line, found.column) == (5, 8)
    assert sentence in found.sentence


def test_an_amount_of_a_currency_without_cents_has_none() -> None:
    (found,) = mistakes('slug = "a"\ntitle = "A"\ncurrency = "KRW"\ngoal = "1000.50"\n')
    assert "finer than KRW allows (0 digits" in found.sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("deadline = 2026-11-23T12:59:00", "lies in the past"),
        ("deadline = 2027-03-28T02:30:00", "does not exist in Europe/Berlin"),
        ("deadline = 2026-12-24T18:00:00Z", "without an offset"),
        ("deadline = 2026-12-24", "must be a date and a time"),
        ('deadline = "soon"', "must be a date and a time"),
        ("duration_days = 61", "1 to 60 days"),
        ("duration_days = 0", "1 to 60 days"),
        ('duration_days = "30"', "whole number without quotation marks"),
        ("duration_days = true", "whole number"),
    ],
)
def test_a_bad_end_is_one_sentence_at_its_place(line: str, sentence: str) -> None:
    (found,) = mistakes(changed('timezone = "Europe/Berlin"', f'timezone = "Europe/Berlin"\n{line}'))
    assert found.line == 7
    assert sentence in found.sentence


def test_a_deadline_counts_where_a_duration_is_stated_too() -> None:
    both = 'timezone = "Europe/Berlin"\ndeadline = 2026-12-24T18:00:00\nduration_days = 20'
    draft = load_text(changed('timezone = "Europe/Berlin"', both), None, NOW).draft
    assert (draft.deadline, draft.duration_days) == (datetime.fromisoformat("2026-12-24T18:00"), 20)
    assert deadline_of(draft, NOW) == datetime(2026, 12, 24, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence", "suggestion"),
    [
        ('currency = "USD"', 'curency = "USD"', (4, 1), "“curency” is not a key", "Did you mean “currency”?"),
        ('currency = "USD"', 'currency = "usd"', (4, 12), "is not a currency", "Did you mean “USD”?"),
        ('languages = ["en", "ko"]', 'languages = ["en", "kr"]', (3, 20), "is not a language", ""),
        ('shipping = "some"', 'shipping = "somme"', (19, 12), "must be one of", "Did you mean “some”?"),
        ("items = { lamp = 1 }", "items = { lmap = 1 }", (21, 18), "no item “lmap”", "Did you mean “lamp”?"),
        ("quantity = 20", "quantiy = 20", (18, 1), "“quantiy” is not a key", "Did you mean “quantity”?"),
        ('timezone = "Europe/Berlin"', 'timezone = "Berlin"', (6, 12), "is not a time zone", ""),
        ('slug = "lamp"\nlanguage', 'slug = "The Lamp"\nlanguage', (1, 8), "small letters", ""),
        ('sku = "LAMP-1"', "", (9, 1), "“sku” is missing here", ""),
        ('price = "49.50"', 'price = "0.10"', (17, 9), "at least 0.50 USD", ""),
        ('DE = "5"', 'XQ = "5"', (20, 16), "not a country code", ""),
        ('title = "One lamp"', 'title = { de = "Lampe", en = "x" }', (16, 11), "not among the languages", ""),
        ("quantity = 20", 'quantity = "20"', (18, 12), "whole number", ""),
        ("quantity = 20", "quantity = 0", (18, 12), "from 1 to", ""),
        ('title = "One lamp"', "title = 7", (16, 9), "must be text", ""),
        ("quantity = 20", "closed = 1", (18, 10), "true or false", ""),
        ("quantity = 20", 'video = "x"', (18, 1), "is not a key", ""),
        ('US = ["15", "4.50"]', 'US = ["15"]', (20, 26), "one amount, or two", ""),
        ("quantity = 20", 'picture = "a.webp"', (18, 11), "without files beside it", ""),
        ('DE = "5"', 'de = "5"', (20, 16), "not a country code or a region", "Did you mean “DE”?"),
        ('DE = "5"', 'europ = "5"', (20, 19), "not a country code or a region", "Did you mean “europe”?"),
        ("quantity = 20", 'late_price = "1,5"', (18, 14), "is not an amount", ""),
        ("quantity = 20", 'secret_key = "a b"', (18, 14), "letters a to z, digits", ""),
        ("quantity = 20", 'tiers = ["one"]', (18, 9), "Only an add-on", ""),
        ('currency = "USD"', 'currency = "USD"\ncategory = "desing"', (5, 12), "not a category", "“design”?"),
        ('currency = "USD"', 'currency = "USD"\ncountry = "Germany"', (5, 11), "not a country code", ""),
        ('currency = "USD"', 'currency = "USD"\nfunding = "flexibel"', (5, 11), "one of", "Did you mean “flexible”?"),
        ('currency = "USD"', 'currency = "USD"\ntags = ["a", "A"]', (5, 14), "stands here twice", ""),
        ('currency = "USD"', 'currency = "USD"\ntags = "a"', (5, 8), "list of texts", ""),
        ('currency = "USD"', 'currency = "USD"\nlaunch_at = 2026-11-01T10:00:00', (5, 13), "lies in the past", ""),
        ('currency = "USD"', 'currency = "USD"\npictures = ["a.webp"]', (5, 13), "without files beside it", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_column_and_what_was_perhaps_meant(
    old: str, new: str, place: tuple[int, int], sentence: str, suggestion: str
) -> None:
    found = [one for one in mistakes(changed(old, new)) if sentence in one.sentence]
    assert [(one.line, one.column) for one in found] == [place]
    assert suggestion in found[0].suggestion


SHIRTS = """\
slug = "shirts"
currency = "USD"
goal = "8000"
title = "Shirts"

[[items]]
slug = "shirt"
sku = "SHIRT"
name = "Shirt"

[[items.options]]
slug = "size"
name = "Size"
values = [{ slug = "s", name = "S" }, { slug = "m", name = "M" }]

[[items.variants]]
sku = "SHIRT-S"
choice = { size = "s" }

[[items.variants]]
sku = "SHIRT-M"
choice = { size = "m" }
weight_grams = 210
customs_value = "9.50"
quantity = 40

[[tiers]]
slug = "one"
title = "One shirt"
price = "30"
items = { shirt = 1 }

[[add_ons]]
slug = "more"
title = "One more"
price = "25"
tiers = ["one"]

[[stretch_goals]]
slug = "hundred"
title = "A second one for everybody"
measure = "orders"
item = "shirt"
threshold = 100
unit_cost = "4.20"
grants = { one = { shirt = 1 } }
"""


def test_items_with_options_and_stretch_goals_that_bring_something_are_read() -> None:
    draft = load_text(SHIRTS, None, NOW).draft
    (shirt,), (goal,) = draft.items, draft.stretch_goals
    assert [(one.sku, one.choice, one.customs_value_minor, one.quantity) for one in shirt.variants] == [
        ("SHIRT-S", {"size": "s"}, None, None),
        ("SHIRT-M", {"size": "m"}, 950, 40),
    ]
    assert (goal.measure, goal.item, goal.threshold, goal.unit_cost_minor) == (Measure.ORDERS, "shirt", 100, 420)
    assert goal.grants == {"one": {"shirt": 1}}
    assert draft.add_ons[0].tiers == ("one",)


def test_variants_that_a_file_does_not_name_are_made_of_the_options() -> None:
    text = SHIRTS[: SHIRTS.index("[[items.variants]]")] + SHIRTS[SHIRTS.index("[[tiers]]") :]
    assert [(one.sku, one.choice) for one in load_text(text, None, NOW).draft.items[0].variants] == [
        ("SHIRT-S", {"size": "s"}),
        ("SHIRT-M", {"size": "m"}),
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence", "suggestion"),
    [
        ('choice = { size = "m" }', 'choice = { size = "mm" }', (22, 19), "no “mm”. Known here are: m, s.", "“m”"),
        ('choice = { size = "m" }', 'choice = { siez = "m" }', (22, 19), "no “siez”", "Did you mean “size”?"),
        ('choice = { size = "m" }', 'choice = { size = "s" }', (20, 1), "a variant of this choice already", ""),
        ('choice = { size = "m" }', 'choice = "m"', (22, 10), "must be a table", ""),
        ('sku = "SHIRT-M"', 'sku = "SHIRT"', (21, 7), "“SHIRT” is used twice", ""),
        ("weight_grams = 210", "wieght_grams = 210", (23, 1), "not a key", "Did you mean “weight_grams”?"),
        ('{ slug = "m", name = "M" }', '{ slug = "m" }', (14, 39), "“name” is missing here", ""),
        ('tiers = ["one"]', 'tiers = ["onne"]', (37, 10), "no reward “onne”", "Did you mean “one”?"),
        ('measure = "orders"', 'measure = "order"', (42, 11), "must be one of", "Did you mean “orders”?"),
        ('item = "shirt"', 'item = "shrit"', (43, 8), "no item “shrit”", "Did you mean “shirt”?"),
        ("threshold = 100", 'threshold = "100"', (44, 13), "whole number without", ""),
        ("threshold = 100", "", (39, 1), "“threshold” is missing", ""),
        ('unit_cost = "4.20"', "unit_cost = 4.20", (45, 13), "in quotation marks", ""),
        ("{ one = { shirt = 1 } }", "{ onne = { shirt = 1 } }", (46, 19), "no reward “onne”", "Did you mean “one”?"),
        ("{ one = { shirt = 1 } }", "{ one = { shrit = 1 } }", (46, 28), "no item “shrit”", "Did you mean “shirt”?"),
        ("{ one = { shirt = 1 } }", "1", (46, 10), "must be a table", ""),
        ('unit_cost = "4.20"', 'opens = "two"', (45, 9), "no reward “two”", ""),
    ],
)
def test_a_mistake_in_a_nested_table_is_named_at_its_place(
    old: str, new: str, place: tuple[int, int], sentence: str, suggestion: str
) -> None:
    assert SHIRTS.count(old) == 1
    found = [one for one in mistakes(SHIRTS.replace(old, new)) if sentence in one.sentence]
    assert [(one.line, one.column) for one in found] == [place], mistakes(SHIRTS.replace(old, new))
    assert suggestion in found[0].suggestion


def test_a_time_that_is_past_is_a_mistake_of_a_new_campaign_and_none_of_one_that_is_launched() -> None:
    past = changed('timezone = "Europe/Berlin"', 'timezone = "Europe/Berlin"\ndeadline = 2026-11-01T18:00:00')
    assert [one.is_of_time for one in mistakes(past)] == [True]
    assert load_text(past, None, NOW).draft.deadline == datetime.fromisoformat("2026-11-01T18:00")


def test_every_mistake_is_found_in_one_pass_in_the_order_of_the_file() -> None:
    text = WHOLE.replace('"8000"', "8.5").replace("quantity = 20", "quantity = -3").replace('"One lamp"', "1")
    found = mistakes(text)
    assert [one.line for one in found] == [5, 16, 18]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('a = "x', (1, 7)),
        ("a = 1\nb = [1,\n  2 3]\n", (3, 5)),
        ("a = 1\na = 2\n", (2, 6)),
        ("a = 1\n\n[b\n", (3, 3)),
        ("= 1", (1, 1)),
    ],
)
def test_text_that_is_not_toml_is_refused_with_line_and_column(text: str, place: tuple[int, int]) -> None:
    (found,) = mistakes(text)
    assert found.line == place[0]
    assert found.sentence.startswith("This is not TOML: ")


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = 1" + "0" * 5_000, "a = { b = " * 5_000])
def test_a_monstrous_text_is_one_mistake_and_no_traceback(text: str) -> None:
    assert len(mistakes(text)) == 1


@pytest.mark.parametrize("text", ["", "tiers = 1\nitems = [1]\nfaq = {}\nposter = 1\nstory = 3\n", "[tiers]\na = 1\n"])
def test_tables_of_the_wrong_kind_are_mistakes_and_no_traceback(text: str) -> None:
    assert {one.sentence for one in mistakes(text)} >= {"“slug” is missing here.", "“goal” is missing here."}


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (found,) = check(tmp_path / "nowhere.toml", NOW)
    assert found.sentence == "The file cannot be read (no such file or directory). Check its name."
    (found,) = check(tmp_path, NOW)
    assert "cannot be read" in found.sentence
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b'slug = "a"\ntitle = "\xff"\n')
    (found,) = check(odd, NOW)
    assert (found.line, found.column, found.sentence) == (2, 10, "This is not text in UTF-8. Save the file as UTF-8.")


def test_a_byte_order_mark_and_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").replace('"8000"', "1.5").encode())
    assert [(one.line, one.column) for one in check(file, NOW)] == [(5, 8)]


def test_files_beside_are_found_by_plain_name_and_looked_at(tmp_path: Path) -> None:
    (tmp_path / "story.en.md").write_text(
        "![a wheel](wheel.webp)\n\n::video https://evil.example/x\n", encoding="utf-8"
    )
    (tmp_path / "fake.webp").write_text("not a picture", encoding="utf-8")
    (tmp_path / "drawing.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "film.webm").write_text("not a film", encoding="utf-8")
    file = tmp_path / "campaign.toml"
    lines = [
        *('slug = "a"', 'title = "A"', 'currency = "USD"', 'goal = "1"'),
        'story = "story.en.md"', 'risks = "risk.md"', 'video = "film.webm"', 'poster = "fake.webp"',
        *("[[tiers]]", 'slug = "t"', 'title = "T"', 'price = "5"', 'picture = "drawing.svg"'),
        *("[[tiers]]", 'slug = "u"', 'title = "U"', 'price = "5"', 'picture = "../secret.png"'),
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    found = {(one.line, one.sentence.partition(":")[0].split(" Use one")[0]) for one in check(file, NOW)}
    assert found == {
        (5, "There is no file “wheel.webp” beside the campaign file. Did you mean “fake.webp”?"),
        (5, "“https"),
        (6, "There is no file “risk.md” beside the campaign file."),
        (7, "This is not a film in WebM or MP4. Save it as one of these."),
        (8, "This is not a picture in PNG, JPEG or WebP. Save it as one of these."),
        (13, "This is not a picture in PNG, JPEG or WebP. Save it as one of these."),
        (18, "“../secret.png” must be the plain name of a file beside the campaign file, without folders."),
    }


def test_a_link_to_a_file_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.md").write_text("secret", encoding="utf-8")
    folder = tmp_path / "campaign"
    folder.mkdir()
    (folder / "story.md").symlink_to(tmp_path / "elsewhere" / "secret.md")
    file = folder / "campaign.toml"
    file.write_text('slug = "a"\ntitle = "A"\ncurrency = "USD"\ngoal = "1"\nstory = "story.md"\n', encoding="utf-8")
    (found,) = check(file, NOW)
    assert "plain name of a file" in found.sentence


def test_loading_raises_with_every_mistake(tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text('slug = "A B"\ngoal = 1.5\n', encoding="utf-8")
    with pytest.raises(BadFile, match=r"campaign\.toml has 4 mistakes: line 1, column 1") as refused:
        load(file, NOW)
    assert len(refused.value.mistakes) == 4


def test_a_single_mistake_is_told_as_one() -> None:
    with pytest.raises(BadFile, match=r"^The text has a mistake: line 5, column 8: Write an amount in quotation marks"):
        load_text(changed('goal = "8000"', "goal = 80.5"), None, NOW)


def test_a_text_without_a_folder_may_hold_its_story_itself() -> None:
    text = changed('goal = "8000"', 'goal = "8000"\nstory = "# Why\\n\\nBecause."')
    assert load_text(text, None, NOW).draft.main_text.story == "# Why\n\nBecause."


def test_places_follow_every_form_of_toml() -> None:
    text = (
        "# a comment with = and [\nplain = 1 # behind\n\"quoted.key\" = '''\nmany = 1\nlines''''\n"
        'dotted.inner = { x = [1, {y = "}"}], z = """a\\"""b""" }\nwhen = 2026-12-24 18:00:00\n'
        "[ table . sub ]\nk = 2\n[[list]]\nk = 1\n[[list.deep]]\nk = 1\n[[list]]\nk = [\n  1,\n  2, # two\n]\n"
    )
    found = places(text)
    at = {
        ("plain",): (2, 9),
        ("quoted.key",): (3, 16),
        ("dotted", "inner", "x", 1, "y"): (6, 31),
        ("dotted", "inner", "z"): (6, 42),
        ("when",): (7, 8),
        ("table", "sub", "k"): (9, 5),
        ("list", 0, "k"): (11, 5),
        ("list", 0, "deep", 0, "k"): (13, 5),
        ("list", 1, "k", 1): (17, 3),
        ("list", 1, "missing"): (14, 1),
    }
    assert {path: (found.of_value(path).line, found.of_value(path).column) for path in at} == at
    assert (found.of_key(("table", "sub", "k")).line, found.of_key(("table", "sub", "k")).column) == (9, 1)


def test_the_files_in_the_documentation_are_without_mistake(project_root: Path) -> None:
    guide = (project_root / "docs/campaign-files.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(shown) == 2
    assert [mistakes(text) for text in shown] == [[], []]


def test_the_documentation_names_every_key(project_root: Path) -> None:
    guide = (project_root / "docs/campaign-files.md").read_text(encoding="utf-8")
    readers = "|".join(
        name for name in vars(Table) if not name.startswith("_") and name not in {"close", "look", "rate"}
    )
    keys = {"story", "risks"}
    for name in ("file_format", "file_offers"):
        source = (project_root / f"src/fundlaunch/campaigns/{name}.py").read_text(encoding="utf-8")
        keys |= set(re.findall(rf'\.(?:{readers})\("(\w+)"', source))
    assert len(keys) > 55
    assert {key for key in keys if f"`{key}`" not in guide and f"[[{key}]]" not in guide} == set()

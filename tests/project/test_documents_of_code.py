"""What the documents say of the code is what the code says: lives, commands, settings, defaults, decisions."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from fundlaunch.cli.parser import parser
from fundlaunch.payments.stripe.events import READINGS
from fundlaunch.settings import PREFIX, Settings
from fundlaunch.verify import CHECKS
from tests.documents import PAGE, with_tables
from tests.project.tree import ROOT, named, text_files

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`(/])(?:fundlaunch|launch\.py) ([a-z-][^`\n#|>;]*)")
SETTING = re.compile(PREFIX + r"([A-Z][A-Z0-9_]*[A-Z0-9])")
EXAMPLE = re.compile(rf"^#?{PREFIX}([A-Z_]+)=(.*)$", re.MULTILINE)
OF_THE_LAUNCHER = ("test", "coverage")
OF_THE_TESTS = ("REQUIRE", "SHARED_DATA", "TEST_POSTGRES_URL")
DECISION_LINES = 60
"""One screen."""


def test_the_lives_are_printed_from_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "run `python -m tests.documents`"


def test_a_life_that_is_out_of_date_is_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    stale = page.replace("| live | deadline_met | successful |", "| live | deadline_met | failed |")
    assert stale != page
    assert with_tables(stale) == page


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        with_tables("# A page\n")


def test_the_layers_are_those_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = [layer.strip("()") for layer in project["tool"]["importlinter"]["contracts"][0]["layers"]]
    drawing = PAGE.read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert [line.split()[0] for line in drawing.splitlines()] == [layer for layer in layers if layer != "__main__"]


def test_every_command_in_the_documents_is_one() -> None:
    assert [
        wrong for page in pages() for wrong in unknown_commands(page.read_text(encoding="utf-8"), named(page))
    ] == []


def test_a_command_that_does_not_exist_is_noticed() -> None:
    text = "`fundlaunch verify --json`, `fundlaunch launder SLUG`\n```sh\npython3 launch.py serve --wrkers 4\n```\n"
    assert unknown_commands(text, "page") == ["page: launder SLUG", "page: serve --wrkers 4"]


def test_the_readme_shows_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in commands() if f"| `{name}" not in readme] == []


def test_every_setting_in_the_documents_is_one() -> None:
    known = {name.upper() for name in Settings.__dataclass_fields__} | set(OF_THE_TESTS)
    unknown = {
        f"{named(page)}: {name}"
        for page in pages()
        for name in SETTING.findall(page.read_text(encoding="utf-8"))
        if name.removesuffix("_FILE") not in known
    }
    assert unknown == set()


def test_the_operator_is_told_what_every_invariant_asks_for() -> None:
    guide = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([A-Z]\d) \|", guide, re.MULTILINE) == [check.id for check in CHECKS]


def test_the_events_to_subscribe_to_are_those_that_become_facts() -> None:
    guide = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    page = (ROOT / "webhooks" / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^ +([a-z_]+\.[a-z_.]+)$", guide, re.MULTILINE)) == sorted(READINGS)
    assert set(re.findall(r"^\| `([a-z_.]+)`", page, re.MULTILINE)) == set(READINGS)


def test_the_example_settings_show_the_defaults() -> None:
    shown = dict(EXAMPLE.findall((ROOT / ".env.example").read_text(encoding="utf-8")))
    defaults = {name.upper(): shown_default(field.default) for name, field in Settings.__dataclass_fields__.items()}
    assert shown == defaults


def test_decisions_are_numbered_without_gaps_and_fit_a_screen() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "What it costs"], path.name
        assert len(text.splitlines()) <= DECISION_LINES, path.name


def test_the_index_of_decisions_names_each_by_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    titles = [
        f"- [{path.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}]({path.name})"
        for path in sorted(folder.glob("[0-9]*.md"))
    ]
    assert [line for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if "](0" in line] == titles


def pages() -> Iterator[Path]:
    return (path for path in text_files() if path.suffix == ".md")


def unknown_commands(text: str, page: str) -> list[str]:
    """Commands within the code of a page that the command line would refuse; two spaces end one."""
    shown = [found.split("  ")[0].strip() for code in CODE.findall(text) for found in COMMAND.findall(code)]
    return [f"{page}: {line}" for line in shown if line.split()[0] not in OF_THE_LAUNCHER and not is_command(line)]


def is_command(line: str) -> bool:
    """Would the command line take it? An answer such as --help counts."""
    silence = StringIO()
    try:
        with redirect_stdout(silence), redirect_stderr(silence):
            parser().parse_args(line.split())
    except SystemExit as end:
        return end.code == 0
    return True


def commands() -> list[str]:
    """Every command's name, with its verb where it has some."""
    return list(names(parser(), ""))


def names(of: object, before: str) -> Iterator[str]:
    choices = next(
        (
            action.choices
            for action in getattr(of, "_actions", ())
            if action.choices and isinstance(action.choices, dict)
        ),
        {},
    )
    for name, child in choices.items():
        deeper = list(names(child, f"{before}{name} "))
        yield from deeper or [f"{before}{name}"]


def shown_default(default: object) -> str:
    return str(int(default)) if isinstance(default, bool) else str(default)

"""A file is named for a noun of the domain; an ignored rule carries its reason."""

import re

from tests.project.tree import CODE_FOLDERS, named, python_files

VAGUE = {
    *("manager", "managers", "helper", "helpers", "util", "utils", "utilities", "service", "services"),
    *("data", "info", "handler", "handlers", "common", "misc", "stuff", "base", "core"),
}
NUMBERED = re.compile(r"[a-z]\d+$")
IGNORE = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no (?:cover|branch))(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?:\[[a-z, -]+\])?"
)
REASON = re.compile(r"\s*[-#—:]+\s*\w+(?:\W+\w+)+")


def test_no_module_has_a_vague_or_numbered_name() -> None:
    wrong = []
    for path in python_files(*CODE_FOLDERS):
        words = set(path.stem.split("_"))
        if words & VAGUE or (NUMBERED.search(path.stem) and "migrations" not in path.parts and path.stem != "i18n"):
            wrong.append(named(path))
    assert wrong == []


def test_every_ignored_rule_has_a_reason_in_words() -> None:
    wrong = [
        f"{named(path)}:{number}"
        for path in python_files(*CODE_FOLDERS, "tests", "benchmarks")
        for number in lines_without_reason(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_a_reason_is_told_from_none() -> None:
    bare = "x = 1  # " + "noqa"
    assert lines_without_reason(bare) == [1]
    assert lines_without_reason(f"{bare}: N802") == [1]
    assert lines_without_reason("x = 1\nx = 1  # " + "type: ignore[arg-type]") == [2]
    assert lines_without_reason(f"{bare}: N802 - the name that gettext has for it") == []
    assert lines_without_reason("x = 1  # " + "type: ignore[arg-type, misc]  # each value has its own type") == []
    assert lines_without_reason(f"    # The name that gettext has for it.\n    {bare}") == []
    assert lines_without_reason("x = 1") == []


def lines_without_reason(source: str) -> list[int]:
    """Numbers of the lines that ignore a rule and say why neither behind it nor in a comment above."""
    lines = ["", *source.splitlines()]
    return [
        number
        for number, line in enumerate(lines)
        if (found := IGNORE.search(line))
        and not REASON.match(line, found.end())
        and not lines[number - 1].lstrip().startswith("# ")
    ]

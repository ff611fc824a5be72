"""The size budget: files of at most 300 lines, functions of at most 40, nine in ten of them of at most 20."""

import ast
from pathlib import Path

from tests.project.tree import CODE_FOLDERS, named
from tests.project.tree import python_files as all_python_files

FILE_LINES = 300
FUNCTION_LINES = 40
SHORT_FUNCTION_LINES = 20
SHORT_SHARE = 0.9


def test_no_file_is_longer_than_the_budget() -> None:
    lengths = {named(path): length(path.read_text(encoding="utf-8")) for path in python_files(*CODE_FOLDERS)}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_the_budget() -> None:
    assert {name: lines for name, lines in all_functions().items() if lines > FUNCTION_LINES} == {}


def test_nine_functions_in_ten_are_short() -> None:
    functions = all_functions()
    longer = sorted(((lines, name) for name, lines in functions.items() if lines > SHORT_FUNCTION_LINES), reverse=True)
    assert len(longer) <= (1 - SHORT_SHARE) * len(functions), longer


def test_the_budget_counts_what_it_should() -> None:
    body = "\n".join(f"    x{n} = {n}" for n in range(FUNCTION_LINES))
    source = f"@property\ndef long():\n{body}\n\n\nclass C:\n    async def short(self):\n        return 1\n"
    assert functions_of(source) == {"long": FUNCTION_LINES + 2, "short": 2}
    assert length(source) == FUNCTION_LINES + 7


def python_files(*folders: str) -> list[Path]:
    """All but the migrations: each is one list of what changed in the schema, never read as a program."""
    return [path for path in all_python_files(*folders) if path.parent.name != "versions"]


def length(source: str) -> int:
    return len(source.splitlines())


def all_functions() -> dict[str, int]:
    """Lines of each function, by file and name."""
    return {
        f"{named(path)}:{name}": lines
        for path in python_files(*CODE_FOLDERS)
        for name, lines in functions_of_file(path).items()
    }


def functions_of_file(path: Path) -> dict[str, int]:
    return functions_of(path.read_text(encoding="utf-8"))


def functions_of(source: str) -> dict[str, int]:
    """Lines of each function, its decorators among them; of two of one name the longer."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines = (node.end_lineno or first) - first + 1
            found[node.name] = max(lines, found.get(node.name, 0))
    return found

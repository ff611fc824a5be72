"""The project's own files, found without git, so that a copy without history is checked as well."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CODE_FOLDERS = ("src", "webhooks")
FOLDERS = (*CODE_FOLDERS, "templates", "examples", "tests", "benchmarks", "docs", ".ci")
TOP_FILES = ("*.md", "*.py", "*.toml", "*.lock", "Makefile", ".env.example", ".gitignore", "LICENSE")
TEXT_ENDINGS = {
    ".py",
    ".html",
    ".txt",
    ".md",
    ".toml",
    ".json",
    ".css",
    ".js",
    ".po",
    ".svg",
    ".csv",
    ".lock",
    ".sql",
    "",
}


def python_files(*folders: str) -> list[Path]:
    """Every Python file under `folders` of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    """Every file of the project that people read."""
    for pattern in TOP_FILES:
        yield from ROOT.glob(pattern)
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in TEXT_ENDINGS and "__pycache__" not in path.parts:
                yield path


def named(path: Path) -> str:
    """The path as it stands in the project."""
    return path.relative_to(ROOT).as_posix()

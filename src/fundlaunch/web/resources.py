"""Where the templates and the example campaigns lie: inside an installed package, or at the root of a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def templates() -> Path:
    """The folder of page and mail templates."""
    return _found("templates")


def examples() -> Path:
    """The folder of example campaigns."""
    return _found("examples")


def assets() -> Path:
    """The folder of style sheets, scripts and icons."""
    return PACKAGE / "web" / "assets"


def _found(name: str) -> Path:
    packed = PACKAGE / f"_{name}"
    return packed if packed.is_dir() else PACKAGE.parent.parent / name

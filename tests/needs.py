"""What the machine may lack: such a test is skipped with one loud line, or fails where the run requires it.

FUNDLAUNCH_REQUIRE names what must be there, comma separated: postgres, browser, shared.
"""

import os
from typing import NoReturn

import pytest


def missing(name: str, sentence: str) -> NoReturn:
    """Skip the test loudly; fail it when FUNDLAUNCH_REQUIRE has `name`."""
    if name in os.environ.get("FUNDLAUNCH_REQUIRE", "").split(","):
        pytest.fail(f"required but missing: {sentence}", pytrace=False)
    pytest.skip(f"NOT TESTED, {name} is missing: {sentence}")

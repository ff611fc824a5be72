"""Every life, walked along its table in docs/rules.md: each row leads where it says, any other pair is refused."""

import pytest

from fundlaunch.errors import IllegalMove
from fundlaunch.lifecycle import Lifecycle
from tests.rulebook import LIVES, PAGE, move, moves, pairs, repeats

TEXT = PAGE.read_text(encoding="utf-8")
STEPS = [(name, before, event, after) for name in LIVES for (before, event), after in moves(TEXT, name).items()]
REPEATS = [(name, before, event) for name in LIVES for before, event in sorted(repeats(TEXT, name))]

every_life = pytest.mark.parametrize("name", LIVES)


@pytest.mark.parametrize(
    ("name", "before", "event", "after"), STEPS, ids=[f"{name}-{before}-{event}" for name, before, event, _ in STEPS]
)
def test_each_step_of_a_life_leads_where_the_table_says(name: str, before: str, event: str, after: str) -> None:
    assert move(LIVES[name], before, event) == after


@pytest.mark.parametrize(
    ("name", "before", "event"), REPEATS, ids=[f"{name}-{before}-{event}" for name, before, event in REPEATS]
)
def test_what_is_said_again_changes_nothing(name: str, before: str, event: str) -> None:
    assert move(LIVES[name], before, event) == before


@every_life
def test_every_other_step_is_refused_with_a_sentence(name: str) -> None:
    allowed = {*moves(TEXT, name), *repeats(TEXT, name)}
    others = [pair for pair in pairs(LIVES[name]) if pair not in allowed]
    assert [pair for pair in others if not is_refused(LIVES[name], *pair)] == []


def test_a_step_that_the_table_lacks_would_not_be_refused() -> None:
    assert not is_refused(LIVES["campaign"], "live", "deadline_met")
    assert is_refused(LIVES["campaign"], "failed", "deadline_met")


@every_life
def test_no_step_is_both_a_move_and_a_repeat(name: str) -> None:
    assert not moves(TEXT, name).keys() & repeats(TEXT, name)


def is_refused(life: Lifecycle, before: str, event: str) -> bool:  # type: ignore[type-arg]  # any life
    try:
        move(life, before, event)
    except IllegalMove as refused:
        sentence = str(refused)
        return before in sentence and event in sentence and sentence.endswith(".")
    return False

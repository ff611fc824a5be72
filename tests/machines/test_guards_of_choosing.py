"""Negative controls: what the guards of choosing prevent happens once they are taken out of a copy of the source."""

import json
from pathlib import Path

from tests import planted
from tests.unguarded_choices import tell

GUARDED = {
    "units_of_one_backer": 3,
    "lost_to_another_browser": 0,
    "cards_saved_for_the_last_unit": 1,
    "sold_without_the_link": 0,
    "decided_by_hand": 0,
}

PLEDGES = "src/fundlaunch/pledges"
WITHOUT = (
    # one backer's limit, looked at again when a card was saved
    planted.Edit(f"{PLEDGES}/rows.py", "quantity + elsewhere.get(tier_id, 0) > limit", "quantity > limit"),
    # only the own unpaid pledge gives way: the same address and page
    planted.Edit(
        f"{PLEDGES}/rows.py",
        ".where(Pledge.email_key == email_key, col(Pledge.request_key).startswith(request_key[:PAGE_MARK]))",
        '.where(col(Pledge.request_key) != "")',
    ),
    # a unit that went over to the new choice is not there for the old one: the look, and the database's own word
    planted.Edit(
        f"{PLEDGES}/stock.py",
        "or_(t.quantity.is_(None), t.claimed + units <= t.quantity)",
        "or_(t.quantity.is_(None), t.claimed >= 0)",
    ),
    planted.Edit(
        "src/fundlaunch/campaigns/tables.py",
        'CheckConstraint("claimed >= 0 AND (quantity IS NULL OR claimed <= quantity)", name="tier_stock"),',
        "",
    ),
    # a secret tier
    planted.Edit(
        f"{PLEDGES}/rules.py", "choice.kind is not kind or not choice.is_shown_to(key)", "choice.kind is not kind"
    ),
    # what is entered by hand stands apart
    planted.Edit(
        f"{PLEDGES}/offline.py",
        "tally.add_offline(session, campaign.id, minor=pledge.total_minor, backers=1)",
        "tally.add(session, campaign.id, minor=pledge.total_minor, backers=1, units={}, now=now)",
    ),
)


def test_with_its_guards_the_program_does_none_of_it(tmp_path: Path) -> None:
    assert tell(tmp_path) == GUARDED


def test_without_its_guards_it_does_all_of_it(tmp_path: Path) -> None:
    planted.plant(tmp_path / "copy", WITHOUT)
    ended = planted.run(tmp_path / "copy", "-m", "tests.unguarded_choices", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "units_of_one_backer": 6,
        "lost_to_another_browser": 1,
        "cards_saved_for_the_last_unit": 2,
        "sold_without_the_link": 1,
        "decided_by_hand": 1,
    }

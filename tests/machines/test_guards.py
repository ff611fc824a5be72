"""Negative controls: what the guards of money prevent happens once they are taken out of a copy of the source."""

import json
from pathlib import Path

from tests import planted
from tests.unguarded import tell

GUARDED = {
    "pledges_of_one_form": 1,
    "canceled_in_the_last_day": 100_00,
    "pledged_after_the_freeze": 0,
    "charges_after_an_unclear_answer": 1,
    "booked_of_another_sum": 0,
    "kept_after_the_end": 0,
    "refunds_of_one_payment": 1,
}

PLEDGES = "src/fundlaunch/pledges"
WITHOUT = (
    # one form, one pledge: the look at earlier forms, and the database's own word
    planted.Edit(f"{PLEDGES}/actions.py", "Pledge.request_key == request_key)", 'Pledge.request_key == "")'),
    planted.Edit(
        f"{PLEDGES}/tables.py",
        '        UniqueConstraint("campaign_id", "request_key", name="pledge_request_once"),\n',
        "",
    ),
    # the last-day rule
    planted.Edit(
        f"{PLEDGES}/actions.py", "if less_minor > 0 and not may_lower(", "if not less_minor and not may_lower("
    ),
    # the freeze
    planted.Edit(f"{PLEDGES}/outcomes.py", "late = campaign.status is not CampaignState.LIVE", "late = False"),
    planted.Edit(
        "src/fundlaunch/campaigns/tally.py", "c.id == campaign_id, c.frozen_at.is_(None)", "c.id == campaign_id"
    ),
    # one charge: the index of the table, and the payment whose answer is not known
    planted.Edit(
        "src/fundlaunch/payments/tables.py",
        "            unique=True,\n            sqlite_where",
        "            sqlite_where",
    ),
    planted.FORGETFUL,
    # paying at once: the sum that was asked for, and a campaign that still takes it
    planted.Edit(
        f"{PLEDGES}/charges.py", "if (amount_minor, currency) != (payment.amount_minor, payment.currency):", "if False:"
    ),
    planted.Edit(f"{PLEDGES}/paying.py", "return campaign.status is wanted", "return True"),
    # one refund of a payment
    planted.Edit(
        f"{PLEDGES}/refunds.py", "payment.amount_minor - _spoken_for(session, pledge)", "payment.amount_minor"
    ),
    planted.Edit(f"{PLEDGES}/actions.py", " or refunds.is_on_its_way(session, pledge)", ""),
)


def test_with_its_guards_the_program_does_none_of_it(tmp_path: Path) -> None:
    assert tell(tmp_path) == GUARDED


def test_without_its_guards_it_does_all_of_it(tmp_path: Path) -> None:
    planted.plant(tmp_path / "copy", WITHOUT)
    ended = planted.run(tmp_path / "copy", "-m", "tests.unguarded", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["pledges_of_one_form"] == 2
    assert told["canceled_in_the_last_day"] == 0
    assert told["pledged_after_the_freeze"] == 55_00
    assert told["charges_after_an_unclear_answer"] > 1
    assert told["booked_of_another_sum"] == 55_00
    assert told["kept_after_the_end"] == 1
    assert told["refunds_of_one_payment"] == 2

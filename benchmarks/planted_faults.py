"""Named faults, planted one at a time into a copy of the source: does the random walk find each?

    python -m benchmarks.planted_faults [NAME ...] [--seeds 6] [--examples 40] [--steps 40]

For each fault the source is copied, edited, and walked by `tests.core_walk` with one seed after the other until an
invariant breaks. The source as it is must hold with every seed. One line for each; exit code 1 if a fault was not found
or the unharmed source did not hold.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fundlaunch.clock import stopwatch_seconds
from tests import planted
from tests.planted import Edit

PLEDGES = "src/fundlaunch/pledges"
CAMPAIGNS = "src/fundlaunch/campaigns"


@dataclass(frozen=True)
class Fault:
    """What is wrong, and which invariant has to notice it (TRUST section 1)."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]


ACTIONS = f"{PLEDGES}/actions.py"
OUTCOMES = f"{PLEDGES}/outcomes.py"
ROWS = f"{PLEDGES}/rows.py"
STATES = f"{PLEDGES}/states.py"
TALLY = f"{CAMPAIGNS}/tally.py"
EDITS = f"{CAMPAIGNS}/edits.py"

CONFIRMS = "        (S.PREAUTH, E.CARD_SAVED): S.PLEDGED,\n"
REVIVES = "        (S.CANCELED, E.CARD_SAVED): S.PLEDGED,\n"
IS_WAITING = "    if pledge.status is PledgeState.PREAUTH or (\n"
IS_CANCELED_TOO = "    if pledge.status in {PledgeState.PREAUTH, PledgeState.CANCELED} or (\n"
IS_OLD = "    if pledge.payment_method == fact.payment_method"
BEFORE_THE_FREEZE = "        .where(c.id == campaign_id, c.frozen_at.is_(None))\n        .values(\n            pledged"
ALWAYS = "        .where(c.id == campaign_id)\n        .values(\n            pledged"

FAULTS = (
    Fault(
        "a canceled pledge keeps its units",
        "S1",
        (Edit(ACTIONS, "    stock.free(session, held)\n    tally", "    tally"),),
    ),
    Fault(
        "an expired hold keeps its units",
        "S1",
        (Edit(ROWS, "    stock.free(session, units(session, pledge.id))\n", ""),),
    ),
    Fault(
        "units that were lost are not taken again",
        "S1",
        (Edit(OUTCOMES, "return stock.try_claim(session, rows.units(session, pledge.id))", "return True"),),
    ),
    Fault(
        "the limit of one backer is not looked at again when the card is saved",
        "S1",
        (Edit(OUTCOMES, "not late and rows.is_beyond_limit(session, pledge)", "False"),),
    ),
    Fault(
        "holds never end",
        "S2",
        (
            Edit(
                f"{PLEDGES}/closing.py",
                ".where(Pledge.status == PledgeState.PREAUTH, col(Pledge.hold",
                ".where(Pledge.status == PledgeState.EXPIRED, col(Pledge.hold",
            ),
        ),
    ),
    Fault(
        "the quantity of a chosen tier may fall",
        "S3",
        (
            Edit(
                EDITS, '"chosen_tier.quantity.lowered": BEFORE_LAUNCH', '"chosen_tier.quantity.lowered": UNTIL_THE_END'
            ),
        ),
    ),
    Fault(
        "the price of a chosen tier may change",
        "C2",
        (Edit(EDITS, '"chosen_tier.price_minor": BEFORE_LAUNCH', '"chosen_tier.price_minor": UNTIL_THE_END'),),
    ),
    Fault(
        "the goal may change while the campaign runs",
        "C2",
        (Edit(EDITS, '"goal_minor": BEFORE_LAUNCH', '"goal_minor": UNTIL_THE_END'),),
    ),
    Fault(
        "shipping is not copied to the lines",
        "M5",
        (Edit(ACTIONS, "shipping_minor=line.shipping_minor,", "shipping_minor=0,"),),
    ),
    Fault(
        "a changed pledge moves the total by nothing",
        "C1",
        (Edit(ACTIONS, "        minor=basket.total_minor - before_minor,\n", "        minor=0,\n"),),
    ),
    Fault(
        "a canceled pledge still counts as a backer",
        "C1",
        (Edit(ACTIONS, "minor=-pledge.total_minor, backers=-1, units", "minor=-pledge.total_minor, backers=0, units"),),
    ),
    Fault(
        "a stretch goal never falls back",
        "C1",
        (
            Edit(
                TALLY,
                "is_moving, is_reached != s.reached_at.is_not(None))",
                "is_moving, is_reached, s.reached_at.is_(None))",
            ),
        ),
    ),
    Fault(
        "a changed pledge leaves its ordered units as they were",
        "C1",
        (Edit(ACTIONS, "        units=difference(held, tier_units(basket.lines)),\n", "        units={},\n"),),
    ),
    Fault(
        "the last-day rule is off",
        "last day",
        (Edit(ACTIONS, "if less_minor > 0 and not may_lower(", "if not less_minor and not may_lower("),),
    ),
    Fault(
        "a pledge may start at the deadline itself",
        "P4",
        (Edit(f"{CAMPAIGNS}/rules.py", "is not None and now < deadline_at\n", "is not None and now <= deadline_at\n"),),
    ),
    Fault(
        "a card that is saved after the freeze still counts",
        "P4",
        (
            Edit(OUTCOMES, "late = campaign.status is not CampaignState.LIVE", "late = False"),
            Edit(TALLY, BEFORE_THE_FREEZE, ALWAYS),
        ),
    ),
    Fault(
        "a canceled pledge comes back with old news",
        "P2",
        (
            Edit(STATES, "        (S.CANCELED, E.CARD_SAVED),\n", ""),
            Edit(STATES, CONFIRMS, CONFIRMS + REVIVES),
            Edit(OUTCOMES, IS_WAITING, IS_CANCELED_TOO),
            Edit(OUTCOMES, f"{IS_OLD}:\n", f"{IS_OLD} and pledge.status is not PledgeState.CANCELED:\n"),
        ),
    ),
)


def found(fault: Fault | None, seeds: int, examples: int, steps: int) -> str:
    """What the walk says of a copy with this fault: the first invariant that broke, or '' if all held."""
    with tempfile.TemporaryDirectory(prefix="fundlaunch-fault-") as folder:
        copy = Path(folder) / "copy"
        planted.plant(copy, fault.edits if fault else ())
        for seed in range(1, seeds + 1):
            ended = planted.run(copy, "-m", "tests.core_walk", str(seed), str(examples), str(steps))
            told = ended.stdout.strip()
            # A copy that cannot even be loaded was not found out by the walk.
            assert told, f"{fault.name if fault else 'the source'}: {ended.stderr}"
            if ended.returncode:
                return f"seed {seed}: {told}"
    return ""


def main() -> int:
    """Run from the command line; gives the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", help="only faults whose name holds one of these words")
    for name, default in (("seeds", 6), ("examples", 40), ("steps", 40)):
        options.add_argument(f"--{name}", type=int, default=default)
    chosen = options.parse_args()
    wanted = [one for one in FAULTS if not chosen.names or any(word in one.name for word in chosen.names)]
    missed = 0
    for fault in [None, *wanted]:
        began = stopwatch_seconds()
        told = found(fault, chosen.seeds, chosen.examples, chosen.steps)
        is_wrong = not told if fault else bool(told)
        missed += is_wrong
        word = ("MISSED" if is_wrong else "found") if fault else ("BROKEN" if is_wrong else "holds")
        name = f"{fault.breaks:8} {fault.name}" if fault else "the source as it is"
        print(f"{word:7} {name}: {told} ({stopwatch_seconds() - began:.0f} s)", flush=True)
    print(f"RESULT planted faults = {len(wanted) - missed} of {len(wanted)} found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Every shape a list can be taken out in. A new carrier is one more small table here."""

from fundlaunch.errors import N_, BadInput
from fundlaunch.fulfilment.columns import AnyPreset
from fundlaunch.fulfilment.presets.kickstarter import KICKSTARTER
from fundlaunch.fulfilment.presets.own import FUNDLAUNCH
from fundlaunch.fulfilment.presets.picking import PICKLIST
from fundlaunch.fulfilment.presets.warehouse import ITEM_LINES, PER_PLEDGE
from fundlaunch.fulfilment.rows import ListKind

PRESETS: tuple[AnyPreset, ...] = (FUNDLAUNCH, KICKSTARTER, ITEM_LINES, PER_PLEDGE, PICKLIST)
"""The first one of each kind is its usual one."""


def preset(kind: ListKind, name: str) -> AnyPreset:
    """The preset of that name ('' for the usual one of its kind); raises BadInput with the names there are."""
    of_kind = [known for known in PRESETS if known.kind is kind]
    for known in of_kind:
        if name in {"", known.name}:
            return known
    raise BadInput(
        N_("There is no preset “{name}” for the list “{kind}”. Choose from: {known}."),
        field="preset",
        name=name[:40],
        kind=kind.value,
        known=", ".join(known.name for known in of_kind),
    )

"""Who may do what with a campaign: one table. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to a campaign."""

    OWNER = "owner"
    EDITOR = "editor"
    FULFILMENT = "fulfilment"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What may be done with a campaign in the studio."""

    SEE = "see"  # drafts, the dashboard, totals: nothing about single backers
    EDIT = "edit"  # texts, tiers, stretch goals, as far as the phase allows
    BACKERS = "backers"  # names, addresses, lists: personal data
    RUN = "run"  # launch, cancel, stop: what cannot be taken back


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.EDITOR: frozenset({Permission.SEE, Permission.EDIT}),
    Role.FULFILMENT: frozenset({Permission.SEE, Permission.BACKERS}),
    Role.VIEWER: frozenset({Permission.SEE}),
}

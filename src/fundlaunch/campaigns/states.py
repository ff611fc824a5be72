"""The life of a campaign (RULES section 1)."""

from enum import StrEnum

from fundlaunch.lifecycle import Lifecycle


class CampaignState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    LIVE = "live"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    CANCELED = "canceled"
    SUSPENDED = "suspended"


class CampaignEvent(StrEnum):
    LAUNCHED = "launched"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DEADLINE_MET = "deadline_met"
    DEADLINE_MISSED = "deadline_missed"
    CREATOR_CANCELED = "creator_canceled"
    OPERATOR_SUSPENDED = "operator_suspended"
    STOPPED = "stopped"


S, E = CampaignState, CampaignEvent

CAMPAIGN = Lifecycle(
    "campaign",
    {
        (S.DRAFT, E.LAUNCHED): S.LIVE,
        (S.DRAFT, E.SUBMITTED): S.SUBMITTED,
        (S.SUBMITTED, E.RETURNED): S.DRAFT,
        (S.SUBMITTED, E.LAUNCHED): S.LIVE,
        (S.LIVE, E.DEADLINE_MET): S.SUCCESSFUL,
        (S.LIVE, E.DEADLINE_MISSED): S.FAILED,
        (S.LIVE, E.CREATOR_CANCELED): S.CANCELED,
        (S.LIVE, E.OPERATOR_SUSPENDED): S.SUSPENDED,
        (S.SUCCESSFUL, E.STOPPED): S.CANCELED,
    },
)


class Review(StrEnum):
    """Whether the operator looks at every campaign before it can be launched (the setting of that name)."""

    ON = "on"
    OFF = "off"


class TierKind(StrEnum):
    """A tier is chosen alone; an add-on only together with one. Everything else about them is one rule."""

    BASE = "base"
    ADD_ON = "add_on"


class Shipping(StrEnum):
    """How a tier reaches its backer. With SOME only the countries that have a rate."""

    NONE = "none"
    DIGITAL = "digital"
    PICK_UP = "pick_up"
    SOME = "some"
    WORLDWIDE = "worldwide"

    @property
    def is_sent(self) -> bool:
        """True if a parcel goes to a country, so that the country must be known."""
        return self in {Shipping.SOME, Shipping.WORLDWIDE}


class Funding(StrEnum):
    """When cards are charged: after the deadline if the goal was reached, or at once whatever becomes of it."""

    ALL_OR_NOTHING = "all_or_nothing"
    FLEXIBLE = "flexible"


class Measure(StrEnum):
    """What a stretch goal counts: money pledged (minor units), backers, or units of one item that were ordered."""

    MONEY = "money"
    BACKERS = "backers"
    ORDERS = "orders"

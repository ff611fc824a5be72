"""The life of a pledge (RULES section 1)."""

from enum import StrEnum

from fundlaunch.lifecycle import Lifecycle


class PledgeState(StrEnum):
    PREAUTH = "preauth"
    PLEDGED = "pledged"
    COLLECTED = "collected"
    ERRORED = "errored"
    AUTHENTICATION_REQUIRED = "authentication_required"
    DROPPED = "dropped"
    CANCELED = "canceled"
    EXPIRED = "expired"


class PledgeOrigin(StrEnum):
    """How a pledge came: while the campaign ran, after it had succeeded, or entered by the creator."""

    CAMPAIGN = "campaign"
    LATE = "late"
    OFFLINE = "offline"


class PledgeEvent(StrEnum):
    CARD_SAVED = "card_saved"
    CARD_SAVED_TOO_LATE = "card_saved_too_late"
    CHECKOUT_EXPIRED = "checkout_expired"
    BACKER_CANCELED = "backer_canceled"
    CAMPAIGN_RELEASED = "campaign_released"
    CHARGE_SUCCEEDED = "charge_succeeded"
    CHARGE_DECLINED = "charge_declined"
    AUTHENTICATION_ASKED = "authentication_asked"
    WINDOW_CLOSED = "window_closed"
    PAID_NOW = "paid_now"
    PAID_TOO_LATE = "paid_too_late"
    REFUNDED_WHOLE = "refunded_whole"
    RECORDED = "recorded"
    RECORD_REMOVED = "record_removed"


S, E = PledgeState, PledgeEvent

PLEDGE = Lifecycle(
    "pledge",
    {
        (S.PREAUTH, E.CARD_SAVED): S.PLEDGED,
        (S.PREAUTH, E.PAID_NOW): S.COLLECTED,
        (S.PREAUTH, E.RECORDED): S.COLLECTED,
        (S.PREAUTH, E.CHECKOUT_EXPIRED): S.EXPIRED,
        (S.EXPIRED, E.CARD_SAVED): S.PLEDGED,
        (S.EXPIRED, E.CARD_SAVED_TOO_LATE): S.CANCELED,
        (S.EXPIRED, E.PAID_NOW): S.COLLECTED,
        (S.EXPIRED, E.PAID_TOO_LATE): S.CANCELED,
        (S.COLLECTED, E.REFUNDED_WHOLE): S.CANCELED,
        (S.COLLECTED, E.RECORD_REMOVED): S.CANCELED,
        (S.PLEDGED, E.BACKER_CANCELED): S.CANCELED,
        (S.PLEDGED, E.CAMPAIGN_RELEASED): S.CANCELED,
        # A stopped campaign charges nobody any more, whatever became of the first try.
        (S.ERRORED, E.CAMPAIGN_RELEASED): S.CANCELED,
        (S.AUTHENTICATION_REQUIRED, E.CAMPAIGN_RELEASED): S.CANCELED,
        (S.PLEDGED, E.CHARGE_SUCCEEDED): S.COLLECTED,
        (S.PLEDGED, E.CHARGE_DECLINED): S.ERRORED,
        (S.PLEDGED, E.AUTHENTICATION_ASKED): S.AUTHENTICATION_REQUIRED,
        (S.ERRORED, E.CHARGE_SUCCEEDED): S.COLLECTED,
        (S.AUTHENTICATION_REQUIRED, E.CHARGE_SUCCEEDED): S.COLLECTED,
        (S.ERRORED, E.CHARGE_DECLINED): S.ERRORED,
        (S.AUTHENTICATION_REQUIRED, E.CHARGE_DECLINED): S.ERRORED,
        (S.ERRORED, E.AUTHENTICATION_ASKED): S.AUTHENTICATION_REQUIRED,
        (S.AUTHENTICATION_REQUIRED, E.AUTHENTICATION_ASKED): S.AUTHENTICATION_REQUIRED,
        (S.ERRORED, E.WINDOW_CLOSED): S.DROPPED,
        (S.AUTHENTICATION_REQUIRED, E.WINDOW_CLOSED): S.DROPPED,
    },
    harmless=[
        (S.PLEDGED, E.CARD_SAVED),
        (S.COLLECTED, E.CARD_SAVED),
        (S.ERRORED, E.CARD_SAVED),
        (S.AUTHENTICATION_REQUIRED, E.CARD_SAVED),
        (S.DROPPED, E.CARD_SAVED),
        (S.CANCELED, E.CARD_SAVED),
        (S.CANCELED, E.CARD_SAVED_TOO_LATE),
        (S.EXPIRED, E.CHECKOUT_EXPIRED),
        (S.COLLECTED, E.CHARGE_SUCCEEDED),
        (S.COLLECTED, E.PAID_NOW),
        (S.CANCELED, E.PAID_TOO_LATE),
        (S.CANCELED, E.REFUNDED_WHOLE),
        (S.CANCELED, E.RECORD_REMOVED),
    ],
)

HOLDS_STOCK = frozenset({S.PREAUTH, S.PLEDGED, S.ERRORED, S.AUTHENTICATION_REQUIRED, S.COLLECTED})
"""States whose units are taken (the set A of TRUST section 1)."""

COUNTS = frozenset({S.PLEDGED, S.COLLECTED, S.ERRORED, S.AUTHENTICATION_REQUIRED, S.DROPPED})
"""States that count in the public total: confirmed, not canceled. A drop changes what is collected, not the total."""

IN_RECOVERY = frozenset({S.ERRORED, S.AUTHENTICATION_REQUIRED})

"""When an address may be given, and when a list adds up. Pure: plain values in, a refusal or nothing out."""

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.errors import N_, Conflict, FundLaunchError
from fundlaunch.fulfilment.rows import AddressStatus, Totals
from fundlaunch.pledges.states import IN_RECOVERY, PledgeState

TAKES_ADDRESS = IN_RECOVERY | {PledgeState.PLEDGED, PledgeState.COLLECTED}
"""States of a pledge whose parcel will or may still be sent."""


class ListDoesNotAddUp(FundLaunchError):
    """A list and the books differ (invariant X1); the file must not be used."""


def check_takes_address(campaign: CampaignState, pledge: PledgeState, country: str, *, is_sent: bool) -> None:
    """Raise Conflict with the reason if an address cannot be given (RULES section 7: only once funded)."""
    if campaign in {CampaignState.LIVE, CampaignState.DRAFT, CampaignState.SUBMITTED}:
        raise Conflict(
            N_("The address is asked for once the campaign is funded. Nothing has to be done now; a mail will follow.")
        )
    if campaign is not CampaignState.SUCCESSFUL:
        raise Conflict(N_("This campaign was not funded, so nothing is sent and no address is needed."))
    if pledge not in TAKES_ADDRESS:
        raise Conflict(N_("This pledge is not active any more, so nothing is sent and no address is needed."))
    if not is_sent or not country:
        raise Conflict(N_("Nothing in this pledge is sent by post, so no address is needed."))


def address_status(*, is_given: bool, is_sent: bool) -> AddressStatus:
    """What a list says about the address of a pledge."""
    if is_given:
        return AddressStatus.GIVEN
    return AddressStatus.MISSING if is_sent else AddressStatus.NOT_NEEDED


def check_adds_up(written: Totals, asked: Totals) -> None:
    """Raise ListDoesNotAddUp unless a list holds exactly the pledges asked for, to the cent (invariant X1)."""
    if written != asked:
        raise ListDoesNotAddUp(
            N_(
                "The list holds {written} pledges over {written_minor}, the books {asked} over {asked_minor} (in the "
                "smallest unit of the currency). Do not use this file; run “fundlaunch verify” and report what it says."
            ),
            written=written.pledges,
            written_minor=written.amount_minor,
            asked=asked.pledges,
            asked_minor=asked.amount_minor,
        )

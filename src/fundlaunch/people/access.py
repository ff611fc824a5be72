"""The one place that decides whether somebody may do something with a campaign."""

from sqlmodel import Session

from fundlaunch.errors import N_, NotAllowed, NotFound
from fundlaunch.people import queries
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import GRANTS, Permission


def allow(session: Session, person: Person, campaign_id: str, permission: Permission) -> None:
    """Return if the person may do it; the rows are asked each time, so a taken role ends with the next page.

    Raises NotFound for a campaign of others, exactly as for one that does not exist, and NotAllowed where the role
    does not reach so far. The operator may do everything.
    """
    if person.is_operator:
        return
    role = queries.role_in(session, person.account_id, campaign_id)
    if role is None:
        raise NotFound(N_("There is no such campaign here. Check the address."))
    if permission not in GRANTS[role]:
        raise NotAllowed(
            N_("Your role in this campaign does not cover this. Ask its owner to do it or to change your role.")
        )

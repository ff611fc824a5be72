"""/studio: the campaigns of whoever is signed in."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch.campaigns import queries
from fundlaunch.campaigns.queries import Summary
from fundlaunch.campaigns.rules import phase
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_
from fundlaunch.people import queries as people
from fundlaunch.people.present import require_person
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import Role
from fundlaunch.studio.review_pages import waiting
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of
from fundlaunch.web.shell import Shell

MOST_LISTED = 200
"""Campaigns on one person's page; an operator sees the newest of the house."""

ROLES = {
    Role.OWNER: N_("You own it"),
    Role.EDITOR: N_("You edit it"),
    Role.FULFILMENT: N_("You send its rewards"),
    Role.VIEWER: N_("You may look"),
}
OPERATOR = N_("You run this site")


@dataclass(frozen=True, slots=True)
class Mine:
    """A campaign and what one is to it, in words to be translated."""

    campaign: Summary
    status: CampaignState
    role: str


def routes(shell: Shell) -> list[Route]:
    """/studio."""

    def show(request: Request) -> Response:
        person = require_person(shell, request)
        now = shell.clock.now()
        with shell.database.reading() as session:
            found = campaigns_of(session, person, language_of(request), now)
            to_look_at = waiting(session) if person.is_operator else 0
        return shell.templates.render(
            request,
            "studio/home.html",
            policy=Policy.MANAGE,
            menu=(),
            person=person,
            campaigns=found,
            to_look_at=to_look_at,
            now=now,
        )

    return [Route("/studio", show)]


def campaigns_of(session: Session, person: Person, language: str, now: datetime) -> tuple[Mine, ...]:
    """The campaigns a person belongs to, the newest first; for the operator those of everybody."""
    roles = people.roles_of(session, person.account_id)
    statement = select(Campaign).order_by(col(Campaign.created_at).desc(), col(Campaign.id)).limit(MOST_LISTED)
    if not person.is_operator:
        statement = statement.where(col(Campaign.id).in_(sorted(roles)))
    return tuple(
        Mine(
            queries.summary(campaign, language, phase(campaign.status, campaign.deadline_at, now, outstanding=0)),
            campaign.status,
            ROLES[roles[campaign.id]] if campaign.id in roles else OPERATOR,
        )
        for campaign in session.exec(statement)
    )

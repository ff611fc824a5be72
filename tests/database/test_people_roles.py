"""Who may do what with whose campaign: the whole table, on both databases."""

from datetime import UTC, datetime

import pytest

from fundlaunch.database import Database
from fundlaunch.errors import NotAllowed, NotFound, Refused
from fundlaunch.people import accounts, actions, queries
from fundlaunch.people.access import allow
from fundlaunch.people.queries import Person
from fundlaunch.people.roles import Permission, Role
from fundlaunch.people.sessions import Browser, SignedIn
from tests.cast import HARU, NOA, ODA

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS, THEIRS = "campaign-ours", "campaign-theirs"

SEE, EDIT, BACKERS, RUN = Permission.SEE, Permission.EDIT, Permission.BACKERS, Permission.RUN
MAY = {
    Role.OWNER: {SEE, EDIT, BACKERS, RUN},
    Role.EDITOR: {SEE, EDIT},
    Role.FULFILMENT: {SEE, BACKERS},
    Role.VIEWER: {SEE},
}
"""Written out here a second time on purpose: the table of the program must not change by accident."""


def sign_in(database: Database, email: str) -> tuple[SignedIn, Person]:
    with database.transaction() as session:
        signed_in = actions.use_link(session, actions.make_link(session, email, NOON), Browser("", ""), NOON)
        person = queries.current(session, signed_in.value, NOON)
    assert person is not None
    return signed_in, person


def refusal(database: Database, person: Person, campaign_id: str, permission: Permission) -> type[Refused] | None:
    with database.reading() as session:
        try:
            allow(session, person, campaign_id, permission)
        except Refused as refused:
            return type(refused)
    return None


@pytest.mark.parametrize("role", list(Role))
def test_a_role_covers_what_its_row_says_and_nothing_of_other_campaigns(database: Database, role: Role) -> None:
    _, person = sign_in(database, NOA.email)
    with database.transaction() as session:
        accounts.give_role(session, person.account_id, OURS, role, NOON)
    for permission in Permission:
        expected = None if permission in MAY[role] else NotAllowed
        assert refusal(database, person, OURS, permission) is expected
        assert refusal(database, person, THEIRS, permission) is NotFound


def test_somebody_without_a_role_is_told_the_same_of_a_real_and_an_invented_campaign(database: Database) -> None:
    _, owner = sign_in(database, NOA.email)
    _, stranger = sign_in(database, HARU.email)
    with database.transaction() as session:
        accounts.give_role(session, owner.account_id, OURS, Role.OWNER, NOON)
    said = set()
    for campaign_id in (OURS, "no-such-campaign"):
        with database.reading() as session, pytest.raises(NotFound) as refused:
            allow(session, stranger, campaign_id, SEE)
        said.add(str(refused.value))
    assert len(said) == 1
    assert refusal(database, owner, OURS, SEE) is None


def test_the_operator_may_do_everything(database: Database) -> None:
    with database.transaction() as session:
        accounts.create_operator(session, ODA.email, NOON)
    _, operator = sign_in(database, ODA.email)
    assert {refusal(database, operator, OURS, permission) for permission in Permission} == {None}


def test_a_role_given_again_takes_the_place_of_the_older_one(database: Database) -> None:
    _, person = sign_in(database, NOA.email)
    with database.transaction() as session:
        accounts.give_role(session, person.account_id, OURS, Role.OWNER, NOON)
        accounts.give_role(session, person.account_id, OURS, Role.VIEWER, NOON)
    assert refusal(database, person, OURS, RUN) is NotAllowed
    with database.reading() as session:
        assert queries.roles_of(session, person.account_id) == {OURS: Role.VIEWER}


def test_who_is_taken_off_a_campaign_loses_it_and_every_session_at_once(database: Database) -> None:
    signed_in, person = sign_in(database, NOA.email)
    with database.transaction() as session:
        accounts.give_role(session, person.account_id, OURS, Role.OWNER, NOON)
        accounts.give_role(session, person.account_id, THEIRS, Role.VIEWER, NOON)
    assert refusal(database, person, OURS, SEE) is None
    with database.transaction() as session:
        accounts.take_role(session, person.account_id, OURS, NOON)
        assert queries.current(session, signed_in.value, NOON) is None
    assert refusal(database, person, OURS, SEE) is NotFound
    assert refusal(database, person, THEIRS, SEE) is None


def test_a_role_nobody_has_cannot_be_taken(database: Database) -> None:
    _, person = sign_in(database, NOA.email)
    with database.transaction() as session, pytest.raises(NotFound):
        accounts.take_role(session, person.account_id, OURS, NOON)

"""Before the launch, on both databases: who follows is counted once and told once; who has the link may speak."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from fundlaunch.campaigns import actions as campaign_actions
from fundlaunch.campaigns.prelaunch import actions, queries, telling
from fundlaunch.campaigns.prelaunch.actions import Asked, Confirmed
from fundlaunch.campaigns.prelaunch.rules import KEEP_POSTS, KEEP_UNCONFIRMED, MOST_REMARKS, TOLD_AT_ONCE
from fundlaunch.campaigns.prelaunch.tables import Follower, PreviewRemark, VisitorPost
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Campaign, CampaignChange
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Conflict, NotFound, TooMany
from fundlaunch.outbox import Promise
from fundlaunch.people.rules import LIMITS, NO_LIMITS, MailLimits
from tests.cast import JIWOO, MINA, NOA, crowd
from tests.studio import whole_draft

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=5)


@pytest.fixture
def drafted(database: Database) -> Database:
    with database.transaction() as session:
        texts = {"en": {"title": "Kerb"}, "ko": {"title": "커브"}}
        session.add(Campaign(id="c", slug="kerb", texts=texts, currency="USD", goal_minor=100_00, created_at=NOW))
    return database


@pytest.fixture
def announced(drafted: Database) -> Database:
    with drafted.transaction() as session:
        actions.announce(session, "kerb", NOA.email, NOW)
    return drafted


def follow(database: Database, email: str, *, language: str = "en", ip: str = "", limits: MailLimits = LIMITS) -> Asked:
    with database.transaction() as session:
        return actions.follow(session, "kerb", email, language=language, ip=ip, limits=limits, now=NOW)


def confirm(database: Database, email: str, now: datetime = NOW) -> Confirmed:
    token = row_of(database, email).token
    with database.transaction() as session:
        return actions.confirm(session, token, now)


def row_of(database: Database, email: str) -> Follower:
    with database.reading() as session:
        return session.exec(select(Follower).where(Follower.email_key == email)).one()


def campaign(database: Database) -> Campaign:
    with database.reading() as session:
        return session.exec(select(Campaign)).one()


def letters(database: Database, topic: str) -> list[Promise]:
    with database.reading() as session:
        return list(session.exec(select(Promise).where(Promise.topic == topic).order_by(col(Promise.recipient))).all())


def launch(database: Database, status: CampaignState = CampaignState.LIVE) -> None:
    """As the launch does: the campaign's own tests see to it that it does."""
    with database.transaction() as session:
        found = session.exec(select(Campaign)).one()
        found.status, found.launched_at, found.deadline_at = status, LATER, LATER + timedelta(days=30)
        found.is_announced = found.is_announced or found.followers > 0
        session.add(found)


def tell(database: Database) -> list[int]:
    """Every batch, as the worker goes on until nothing is due."""
    told = []
    while batch := telling.tell_followers(database, LATER):
        told.append(batch)
    return told


def test_an_address_is_counted_once_it_was_confirmed_and_only_once(announced: Database) -> None:
    assert follow(announced, "Mina@Example.org") is Asked.LETTER_COMES
    assert campaign(announced).followers == 0
    for _ in range(3):
        assert confirm(announced, MINA.email) == Confirmed("kerb", is_launched=False)
    assert campaign(announced).followers == 1
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    assert campaign(announced).followers == 1


def test_a_known_address_gets_the_same_answer_and_the_same_letter(announced: Database) -> None:
    first = follow(announced, MINA.email)
    confirm(announced, MINA.email)
    assert follow(announced, "MINA@example.org") is first
    one, other = letters(announced, "follow_confirm")
    assert {name: one.payload[name] for name in one.payload} == {name: other.payload[name] for name in other.payload}
    assert one.payload["follower"] == {"token": row_of(announced, MINA.email).token}


def test_only_an_announced_draft_can_be_followed(drafted: Database) -> None:
    with pytest.raises(NotFound):
        follow(drafted, MINA.email)
    launch(drafted)
    assert follow(drafted, MINA.email) is Asked.ALREADY_OPEN
    assert letters(drafted, "follow_confirm") == []


def test_a_mistyped_address_is_refused(announced: Database) -> None:
    with pytest.raises(BadInput, match="not an e-mail address"):
        follow(announced, "mina@")


def test_letters_to_one_address_and_from_one_network_are_limited(announced: Database) -> None:
    for _ in range(LIMITS.per_address):
        follow(announced, MINA.email)
    with pytest.raises(TooMany):
        follow(announced, MINA.email)
    follow(announced, MINA.email, limits=NO_LIMITS)
    for person in crowd(LIMITS.per_ip):
        follow(announced, person.email, ip="2001:db8::1")
    with pytest.raises(TooMany):
        follow(announced, JIWOO.email, ip="2001:db8::ffff")
    follow(announced, JIWOO.email, ip="198.51.100.7")


def test_a_link_that_leads_nowhere_counts_nobody(announced: Database) -> None:
    with pytest.raises(NotFound), announced.transaction() as session:
        actions.confirm(session, "no-such-token", NOW)


def test_who_leaves_is_forgotten_and_no_longer_counted(announced: Database) -> None:
    for person in (MINA, JIWOO):
        follow(announced, person.email)
    confirm(announced, MINA.email)
    tokens = [row_of(announced, person.email).token for person in (MINA, JIWOO, MINA)]
    for token in tokens:
        with announced.transaction() as session:
            actions.leave(session, token)
    assert campaign(announced).followers == 0
    with announced.reading() as session:
        assert session.exec(select(Follower)).all() == []
    launch(announced)
    assert tell(announced) == []


def test_after_the_launch_every_follower_is_told_once_in_their_language(announced: Database) -> None:
    people = [MINA, JIWOO, *crowd(TOLD_AT_ONCE)]
    with announced.transaction() as session:
        for n, person in enumerate(people):
            session.add(
                Follower(campaign_id="c", token=f"t{n}", email=person.email, email_key=person.email,
                         language=person.language, created_at=NOW, confirmed_at=NOW)
            )  # fmt: skip
        session.add(Follower(campaign_id="c", token="x", email="no@example.org", email_key="no@example.org",
                             created_at=NOW))  # fmt: skip
        session.exec(select(Campaign)).one().followers = len(people)
    assert tell(announced) == []
    launch(announced)
    assert tell(announced) == [TOLD_AT_ONCE, 2]
    assert tell(announced) == []
    sent = letters(announced, "campaign_launched")
    assert sorted(letter.recipient for letter in sent) == sorted(person.email for person in people)
    titles = {letter.recipient: (letter.language, letter.payload["campaign"]["title"]) for letter in sent}
    assert titles[JIWOO.email] == ("ko", "커브")
    assert titles[MINA.email] == ("en", "Kerb")
    assert {letter.payload["more"]["is_all_or_nothing"] for letter in sent} == {True}
    assert not campaign(announced).is_announced
    assert row_of(announced, "no@example.org").told_at is None


def test_a_broken_batch_promises_and_notes_nothing(announced: Database) -> None:
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    launch(announced)
    with suppress(ZeroDivisionError), announced.transaction() as session:
        assert telling._tell(session, "c", LATER) == 1
        raise ZeroDivisionError
    assert letters(announced, "campaign_launched") == []
    assert tell(announced) == [1]


def test_a_page_that_was_closed_again_still_tells_its_followers(announced: Database) -> None:
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    with announced.transaction() as session:
        actions.withdraw(session, "kerb", NOA.email, NOW)
    launch(announced)
    assert tell(announced) == [1]


def test_the_launch_itself_starts_the_telling(database: Database) -> None:
    with database.transaction() as session:
        campaign_actions.create(session, replace(whole_draft(), deadline=None), None, NOW)
        actions.announce(session, "kerb", NOA.email, NOW)
    follow(database, MINA.email)
    confirm(database, MINA.email)
    with database.transaction() as session:
        actions.withdraw(session, "kerb", NOA.email, NOW)
        campaign_actions.launch(session, "kerb", NOA.email, NOW)
    assert tell(database) == [1]
    assert letters(database, "campaign_launched")[0].payload["campaign"]["slug"] == "kerb"


def test_a_campaign_that_was_canceled_meanwhile_tells_nobody(announced: Database) -> None:
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    launch(announced, CampaignState.CANCELED)
    assert tell(announced) == []


def test_who_confirms_after_the_launch_is_shown_the_page_and_gets_no_letter(announced: Database) -> None:
    follow(announced, MINA.email)
    launch(announced)
    assert confirm(announced, MINA.email, LATER) == Confirmed("kerb", is_launched=True)
    assert tell(announced) == []
    assert row_of(announced, MINA.email).told_at == LATER


def test_flexible_funding_is_not_called_all_or_nothing(announced: Database) -> None:
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    with announced.transaction() as session:
        session.exec(select(Campaign)).one().funding = Funding.FLEXIBLE
    launch(announced)
    tell(announced)
    assert letters(announced, "campaign_launched")[0].payload["more"] == {"is_all_or_nothing": False}


def test_a_list_is_not_closed_while_another_worker_holds_the_last_of_it(announced: Database) -> None:
    if announced.is_sqlite:
        return  # one writer at a time: nobody can hold it
    follow(announced, MINA.email)
    confirm(announced, MINA.email)
    launch(announced)
    with announced.transaction() as session:
        assert telling._tell(session, "c", LATER) == 1
        assert telling.tell_followers(announced, LATER) == 0
        session.rollback()
    assert campaign(announced).is_announced
    assert tell(announced) == [1]


def test_the_preview_opens_by_its_key_until_that_is_renewed_or_ended(drafted: Database) -> None:
    def opens(key: str) -> bool:
        return queries.opens_preview(campaign(drafted), key)

    assert not opens("")
    keys = []
    for _ in range(2):
        with drafted.transaction() as session:
            actions.share_preview(session, "kerb", NOA.email, NOW)
        keys.append(campaign(drafted).preview_key)
    assert len(keys[0]) == 32
    assert (opens(keys[0]), opens(keys[1]), opens(""), opens("열쇠")) == (False, True, False, False)
    with drafted.transaction() as session:
        actions.end_preview(session, "kerb", NOA.email, NOW)
    assert not opens(keys[1])
    assert not opens("")


def test_a_preview_is_over_with_the_launch(drafted: Database) -> None:
    with drafted.transaction() as session:
        actions.share_preview(session, "kerb", NOA.email, NOW)
    key = campaign(drafted).preview_key
    launch(drafted)
    assert not queries.opens_preview(campaign(drafted), key)


def test_what_the_creator_does_stands_in_the_time_line_without_any_key(drafted: Database) -> None:
    with drafted.transaction() as session:
        for verb in (actions.announce, actions.announce, actions.share_preview, actions.share_preview,
                     actions.end_preview, actions.withdraw, actions.withdraw):  # fmt: skip
            verb(session, "kerb", NOA.email, NOW)
    with drafted.reading() as session:
        rows = session.exec(select(CampaignChange).order_by(col(CampaignChange.seq))).all()
    assert [(row.field, row.before, row.after) for row in rows] == [
        ("announced", "", "yes"), ("preview", "", "***"), ("preview", "***", "***"), ("preview", "***", ""),
        ("announced", "yes", ""),
    ]  # fmt: skip
    assert {(row.actor, row.is_live) for row in rows} == {(NOA.email, False)}


def test_nothing_of_this_can_be_done_after_the_launch(drafted: Database) -> None:
    launch(drafted)
    for verb in (actions.announce, actions.withdraw, actions.share_preview, actions.end_preview):
        with pytest.raises(Conflict, match="launched already"), drafted.transaction() as session:
            verb(session, "kerb", NOA.email, NOW)


def test_a_draft_without_a_title_cannot_be_announced(drafted: Database) -> None:
    with drafted.transaction() as session:
        session.exec(select(Campaign)).one().texts = {"en": {"title": ""}}
    with pytest.raises(BadInput, match="title first"), drafted.transaction() as session:
        actions.announce(session, "kerb", NOA.email, NOW)


def remark(session: Session, text: str, *, limits: MailLimits = LIMITS) -> None:
    actions.remark(session, "kerb", name="Teo", text=text, ip="198.51.100.7", limits=limits, now=NOW)


def test_remarks_are_kept_for_the_studio_newest_first_and_limited(drafted: Database) -> None:
    with drafted.transaction() as session:
        remark(session, "Too dear.")
        actions.remark(session, "kerb", name="", text="I like it.", ip="", limits=LIMITS, now=LATER)
    with drafted.reading() as session:
        view = queries.before(session, "c")
    assert [(found.name, found.text) for found in view.remarks] == [("", "I like it."), ("Teo", "Too dear.")]
    assert not view.more_remarks
    with drafted.transaction() as session:
        for _ in range(LIMITS.per_ip - 1):
            remark(session, "Again.")
        with pytest.raises(TooMany):
            remark(session, "Once more.")


def test_a_draft_takes_so_many_remarks_and_no_more(drafted: Database) -> None:
    with drafted.transaction() as session:
        for n in range(MOST_REMARKS):
            session.add(PreviewRemark(campaign_id="c", text=str(n), created_at=NOW))
        session.flush()
        with pytest.raises(TooMany, match="as many remarks as fit"):
            remark(session, "One too many.", limits=NO_LIMITS)
    with drafted.reading() as session:
        assert queries.before(session, "c").more_remarks


def test_what_only_limits_needed_and_what_was_never_confirmed_is_forgotten(announced: Database) -> None:
    follow(announced, MINA.email)
    follow(announced, JIWOO.email)
    confirm(announced, JIWOO.email)
    with announced.transaction() as session:
        assert actions.forget_old(session, NOW + KEEP_POSTS) == 0
        assert actions.forget_old(session, NOW + KEEP_POSTS + timedelta(seconds=1)) == 2
        assert actions.forget_old(session, NOW + KEEP_UNCONFIRMED + timedelta(seconds=1)) == 1
    with announced.reading() as session:
        assert [row.email for row in session.exec(select(Follower)).all()] == [JIWOO.email]
        assert session.exec(select(VisitorPost)).all() == []


def test_followers_are_shown_from_ten(announced: Database) -> None:
    for followers, shown in ((9, 0), (10, 10)):
        with announced.transaction() as session:
            session.exec(select(Campaign)).one().followers = followers
        assert queries.upcoming(campaign(announced), "en").summary.followers == shown

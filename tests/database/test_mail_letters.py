"""Letters from promise to mailbox: every topic in both languages, sent again under the same id, secrets struck out."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fundlaunch import outbox
from fundlaunch.database import Database
from fundlaunch.errors import BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.mail import queries
from fundlaunch.mail.keeping import keeper, written
from fundlaunch.mail.mailboxes import KeptMailbox, Letter, composed
from fundlaunch.outbox import PROMISE, Owed
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.templates import Templates
from tests.cast import JIWOO, MINA

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = "https://fund.example.org"
SENDER = "FundLaunch <no-reply@fund.example.org>"
TEMPLATES = Templates(Settings(base_url=HERE), assets.installed())

CAMPAIGN: dict[str, Any] = {
    "slug": "kerb", "title": "Kerb, <the> board", "creator": "Lindqvist Boards", "currency": "USD",
    "goal_minor": 100_000_00, "pledged_minor": 742_739_00, "backers": 1178,
    "deadline_at": "2026-12-11T10:00:00+00:00", "timezone": "Europe/Stockholm", "accent": "#1f3fd0",
}  # fmt: skip
PLEDGE: dict[str, Any] = {
    "token": "PledgeToken", "name": "Mina & Co", "backer_number": 12, "total_minor": 524_50, "currency": "USD",
    "country": "KR", "shipping_minor": 20_00, "bonus_minor": 5_50,
    "lines": [{"title": "One board", "quantity": 1, "amount_minor": 499_00}],
    "card_brand": "visa", "card_last4": "4242", "ships": True,
}  # fmt: skip
FAILURE = {
    "decline_code": "insufficient_funds", "decline_class": "try_later", "reminder": 0,
    "window_ends_at": "2026-12-18T10:00:00+00:00",
}  # fmt: skip
BACKERS: dict[str, dict[str, Any]] = {
    "pledge_confirmed": {}, "pledge_changed": {"before_minor": 499_00}, "pledge_canceled": {},
    "pledge_too_late": {"reason": "sold_out"}, "campaign_funded": {},
    "charge_receipt": {"charged_at": "2026-12-11T10:20:00+00:00"}, "charge_failed": FAILURE,
    "bank_confirmation_needed": FAILURE | {"decline_code": "authentication_required"},
    "charge_final_notice": FAILURE | {"reminder": 3}, "pledge_dropped": {}, "campaign_failed": {},
    "campaign_canceled": {"reason": "The battery cannot be bought any more."},
    "campaign_suspended": {"reason": "The pictures are of somebody else's board."},
    "pledge_paid": {"charged_at": "2026-12-11T09:20:00+00:00", "cancel_until_at": "2026-12-11T10:00:00+00:00"},
    "refund_began": {"why": "over", "reason": "The battery cannot be bought any more."},
    "refund_made": {"refund_minor": 524_50},
}  # fmt: skip
CREATORS: dict[str, dict[str, Any]] = {
    "creator_campaign_ended": {"outcome": "successful"},
    "creator_pledge_dropped": {},
    "creator_refund_failed": {},
    "creator_not_launched": {"launch_at": "2026-12-01T08:00:00+00:00", "missing": ["Say who you are."]},
    "creator_launched": {},
    "creator_submitted": {},
    "operator_submitted": {},
    "creator_returned": {"reason": "Say who makes the trucks."},
    "creator_approved": {"launch_at": "2026-12-01T08:00:00+00:00"},
    "creator_suspended": {"reason": "The pictures are of somebody else's board."},
    "creator_stopped": {"reason": "The factory burned down."},
    "stretch_goal_reached": {"goal": "Lights", "measure": "money", "threshold_minor": 150_000_00},
}
FOLLOWERS: dict[str, dict[str, Any]] = {"follow_confirm": {}, "campaign_launched": {"is_all_or_nothing": True}}
LEAVE = "/followers/FollowerToken/leave"
SIGN_IN: dict[str, Any] = {"token": "T" * 43, "code": "012345", "minutes": 15}
LINKS = {
    "pledge_confirmed": "/pledges/PledgeToken", "pledge_changed": "/pledges/PledgeToken",
    "pledge_canceled": "/campaigns/kerb", "pledge_too_late": "/campaigns/kerb",
    "campaign_funded": "/pledges/PledgeToken/address", "charge_receipt": "/pledges/PledgeToken",
    "charge_failed": "/pledges/PledgeToken/fix", "bank_confirmation_needed": "/pledges/PledgeToken/fix",
    "charge_final_notice": "/pledges/PledgeToken/fix", "pledge_dropped": "/campaigns/kerb",
    "campaign_failed": "/campaigns/kerb", "campaign_canceled": "/campaigns/kerb", "creator_campaign_ended": "/studio",
    "creator_pledge_dropped": "/studio", "creator_not_launched": "/studio", "creator_launched": "/campaigns/kerb",
    "creator_submitted": "/studio", "operator_submitted": "/studio",
    "creator_returned": "/studio", "creator_approved": "/studio",
    "creator_suspended": "/studio", "creator_stopped": "/studio", "campaign_suspended": "/campaigns/kerb",
    "pledge_paid": "/pledges/PledgeToken", "refund_began": "/pledges/PledgeToken",
    "refund_made": "/pledges/PledgeToken", "creator_refund_failed": "/studio",
    "stretch_goal_reached": "/studio", "sign_in": f"/sign-in/link/{'T' * 43}",
}  # fmt: skip


def payload(topic: str, **more: Any) -> dict[str, Any]:
    if topic == "sign_in":
        return dict(SIGN_IN)
    found = {"campaign": CAMPAIGN, "more": (BACKERS | CREATORS | FOLLOWERS)[topic] | more}
    if topic in FOLLOWERS:
        return found | {"follower": {"token": "FollowerToken"}}
    return found if topic in CREATORS else found | {"pledge": PLEDGE}


def owed(topic: str, language: str = "en", facts: dict[str, Any] | None = None) -> Owed:
    facts = payload(topic) if facts is None else facts
    return Owed("abc234", outbox.MAIL, topic, f"{topic}:1", MINA.email, language, facts, NOON)


def letter(topic: str, language: str = "en", facts: dict[str, Any] | None = None) -> Letter:
    return written(owed(topic, language, facts), TEMPLATES, HERE, SENDER)


def test_every_template_of_a_letter_is_tried_here(project_root: Path) -> None:
    folder = project_root / "templates" / "mail"
    names = {path.name for path in folder.iterdir()}
    assert names == {
        f"{topic}.{kind}"
        for topic in [*BACKERS, *CREATORS, *FOLLOWERS, "sign_in", "layout", "parts"]
        for kind in ("txt", "html")
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", list(LINKS))
def test_a_letter_of_every_topic_says_one_thing_and_leads_to_one_page(topic: str, language: str) -> None:
    found = letter(topic, language)
    composed(found)
    links = set(re.findall(rf"{HERE}(/[^\s\"<?]+)\?lang={language}", found.text))
    ways_out = {LEAVE} if topic in FOLLOWERS else set()
    assert links == {LINKS[topic]} | ways_out
    assert set(re.findall(rf"{HERE}(/[^\s\"<?]+)\?lang={language}", found.html)) == {LINKS[topic]} | ways_out
    assert found.subject
    assert "\n" not in found.subject
    assert "\n\n\n" not in found.text
    assert f'<html lang="{language}">' in found.html
    for leftover in ("{{", "%(", "&amp;", "&lt;", "None", "Undefined"):
        assert leftover not in found.text + found.subject
    assert "<script" not in found.html


@pytest.mark.parametrize("topic", [*BACKERS, *CREATORS])
def test_what_people_typed_is_escaped_in_html_and_plain_in_text(topic: str) -> None:
    found = letter(topic)
    assert "Kerb, <the> board" in found.text
    assert "<the>" not in found.html
    assert "Kerb, &lt;the&gt; board" in found.html


def test_a_follower_can_leave_by_the_head_of_the_letter_and_nobody_else_can() -> None:
    for topic in FOLLOWERS:
        message = composed(letter(topic))
        head = message.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
        assert f"List-Unsubscribe: <{HERE}{LEAVE}>\r\n" in head + "\r\n"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert composed(letter("pledge_confirmed"))["List-Unsubscribe"] is None
    long = composed(letter("follow_confirm", facts=payload("follow_confirm") | {"follower": {"token": "t" * 32}}))
    assert f"<{HERE}/followers/{'t' * 32}/leave>\r\n".encode() in long.as_bytes()


def test_amounts_and_times_are_written_with_currency_and_zone() -> None:
    text = letter("pledge_confirmed").text
    assert "Together: $524.50" in text
    assert "Shipping to South Korea: $20.00" in text
    assert "on Friday 11 December 2026, 11:00 in Stockholm" in text
    assert "backer number 12" in text
    assert "Visa •••• 4242" in text
    assert "It was $499.00, and it is $524.50 now." in letter("pledge_changed").text


def test_a_campaign_in_won_has_no_decimals() -> None:
    campaign = CAMPAIGN | {"currency": "KRW", "timezone": "Asia/Seoul", "goal_minor": 30_000_000}
    line = {"title": "작은 등 하나", "quantity": 2, "amount_minor": 196_000}
    pledge = PLEDGE | {"currency": "KRW", "total_minor": 200_000, "shipping_minor": 4_000, "bonus_minor": 0}
    found = letter("pledge_confirmed", "ko", {"campaign": campaign, "pledge": pledge | {"lines": [line]}, "more": {}})
    assert "200,000원" in found.text
    assert "2026년 12월 11일" in found.text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("insufficient_funds", "not enough money"),
        ("expired_card", "has expired"),
        ("lost_card", "did not say why"),
        ("stolen_card", "did not say why"),
        ("never_heard_of", "did not say why"),
    ],
)
def test_a_failed_charge_is_explained_without_warning_a_thief(code: str, words: str) -> None:
    text = letter("charge_failed", facts=payload("charge_failed", decline_code=code)).text
    assert words in text
    assert "until Friday 18 December 2026, 11:00 in Stockholm" in text


def test_a_reminder_is_told_from_the_first_letter() -> None:
    first = letter("charge_failed").subject
    second = letter("charge_failed", facts=payload("charge_failed", reminder=1)).subject
    assert second.startswith("Reminder")
    assert not first.startswith("Reminder")


def test_what_needs_no_parcel_asks_for_no_address() -> None:
    facts = payload("campaign_funded")
    facts["pledge"] = PLEDGE | {"ships": False}
    text = letter("campaign_funded", facts=facts).text
    assert "/address" not in text
    assert f"{HERE}/pledges/PledgeToken?lang=en" in text


def test_a_pledge_without_a_reward_or_a_name_still_makes_a_letter() -> None:
    bare: dict[str, Any] = {
        "name": "", "backer_number": None, "lines": [], "shipping_minor": 0, "card_brand": "", "card_last4": "",
    }  # fmt: skip
    facts = payload("pledge_confirmed") | {"pledge": PLEDGE | bare}
    text = letter("pledge_confirmed", facts=facts).text
    assert text.startswith("Hello,\n")
    assert "Shipping" not in text
    assert "Card:" not in text


@pytest.mark.parametrize(
    ("topic", "facts"),
    [
        ("no_such_topic", {}),
        ("../layouts/base", {}),
        ("layout", {}),
        ("pledge_confirmed", {}),
        ("pledge_confirmed", {"campaign": CAMPAIGN, "pledge": {}, "more": {}}),
        ("charge_receipt", {"campaign": CAMPAIGN, "pledge": PLEDGE, "more": {}}),
        ("charge_receipt", {"campaign": CAMPAIGN, "pledge": PLEDGE, "more": {"charged_at": "2026-12-11T10:20:00"}}),
    ],
)
def test_a_letter_that_cannot_be_written_is_a_problem_of_its_promise_only(topic: str, facts: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        letter(topic, facts=facts)


def test_a_line_break_in_a_title_forges_no_head() -> None:
    facts = payload("pledge_confirmed")
    facts["campaign"] = CAMPAIGN | {"title": "Kerb\nBcc: noa@example.org"}
    with pytest.raises(BadInput):
        KeptMailbox().send(letter("pledge_confirmed", facts=facts))


def test_a_title_that_looks_like_a_divider_stays_in_the_subject() -> None:
    facts = payload("pledge_confirmed")
    facts["campaign"] = CAMPAIGN | {"title": "-- {{ divider }} %(x)s"}
    assert letter("pledge_confirmed", facts=facts).subject == "You are backing “-- {{ divider }} %(x)s”"


def test_the_same_promise_always_makes_the_same_bytes() -> None:
    first, second = (composed(letter("pledge_confirmed", "ko")).as_bytes() for _ in range(2))
    assert first == second
    assert b"Message-ID: <abc234@fund.example.org>" in first
    assert b"Date: Mon, 23 Nov 2026 12:00:00 +0000" in first


@dataclass
class ShakyMailbox:
    """A mail server that takes a letter and then falls over `falls` times before it says so."""

    falls: int = 0
    is_read_here: bool = False
    taken: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.taken.append(letter)
        if self.falls:
            self.falls -= 1
            raise ConnectionResetError("gone")


def promised(database: Database, topic: str, *, to: str = MINA.email, language: str = "en") -> None:
    with database.transaction() as session:
        outbox.promise_mail(session, topic, key=to, to=to, language=language, payload=payload(topic), now=NOON)


def keep(database: Database, box: Any, now: datetime = NOON) -> int:
    return outbox.keep_due(database, {outbox.MAIL: keeper(box, TEMPLATES, HERE, SENDER)}, now)


def test_a_letter_sent_again_after_a_crash_has_the_same_id(database: Database) -> None:
    box = ShakyMailbox(falls=1)
    promised(database, "pledge_confirmed")
    keep(database, box)
    keep(database, box, NOON + timedelta(hours=1))
    assert keep(database, box, NOON + timedelta(hours=2)) == 0
    first, second = box.taken
    assert composed(first).as_bytes() == composed(second).as_bytes()


def test_one_bad_letter_does_not_hold_up_the_others(database: Database) -> None:
    box = ShakyMailbox()
    with database.transaction() as session:
        outbox.promise_mail(session, "pledge_confirmed", key="bad", to=MINA.email, language="en", payload={}, now=NOON)
    promised(database, "pledge_confirmed", to=JIWOO.email, language="ko")
    keep(database, box)
    assert [letter.to for letter in box.taken] == [JIWOO.email]
    with database.reading() as session:
        problem = (
            session.connection().execute(select(PROMISE.c.problem).where(PROMISE.c.kept_at.is_(None))).scalar_one()
        )
    assert "cannot be written" in problem


def kept_row(database: Database) -> Any:
    with database.reading() as session:
        return session.connection().execute(select(PROMISE)).one()


def test_what_signs_somebody_in_is_struck_out_once_a_mail_server_took_it(database: Database) -> None:
    box = ShakyMailbox()
    promised(database, "sign_in")
    assert SIGN_IN["token"] in repr(kept_row(database))
    keep(database, box)
    assert SIGN_IN["code"] in box.taken[0].text
    row = kept_row(database)
    assert SIGN_IN["token"] not in repr(row)
    assert SIGN_IN["code"] not in repr(row)
    assert row.subject


def test_it_is_not_struck_out_before_the_letter_was_taken(database: Database) -> None:
    promised(database, "sign_in")
    keep(database, ShakyMailbox(falls=1))
    assert kept_row(database).payload == SIGN_IN


def test_in_the_demo_a_sign_in_letter_can_be_read_though_its_promise_is_struck_out(database: Database) -> None:
    promised(database, "sign_in")
    keep(database, KeptMailbox())
    row = kept_row(database)
    assert row.payload == {"minutes": 15}
    assert SIGN_IN["code"] in row.text
    assert SIGN_IN["token"] in row.html


def test_the_letter_of_a_pledge_is_kept_as_it_went_out(database: Database) -> None:
    box = ShakyMailbox()
    promised(database, "pledge_confirmed")
    keep(database, box)
    row = kept_row(database)
    assert (row.subject, row.text, row.html) == (box.taken[0].subject, box.taken[0].text, box.taken[0].html)
    assert row.payload == payload("pledge_confirmed")
    with database.reading() as session:
        shown = queries.letter(session, row.id)
    assert shown is not None
    assert shown.text == row.text


def test_the_list_shows_kept_letters_newest_first_and_nothing_that_is_still_owed(database: Database) -> None:
    for minute, email in enumerate(["a@example.org", "b@example.org", "c@example.org"]):
        promised(database, "pledge_confirmed", to=email)
        keep(database, KeptMailbox(), NOON + timedelta(minutes=minute))
    promised(database, "pledge_confirmed", to="d@example.org")
    with database.reading() as session:
        page = queries.letters(session)
        assert [line.recipient[0] for line in page.letters] == ["c", "b", "a"]
        assert page.older == ""
        rest = queries.letters(session, before=page.letters[0].id)
        assert [line.recipient[0] for line in rest.letters] == ["b", "a"]

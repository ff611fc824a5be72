"""Private notes of both sides, and pledges that the creator enters by hand, as browsers see them."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.people.roles import Role
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from tests import asgi
from tests.cast import HARU, MINA, NOA, TEO
from tests.stage import Chosen, board, pledge
from tests.studio import HERE, NOON, Browser, Studio

BACKERS = "/studio/campaigns/board/backers"
BY_HAND = f"{BACKERS}/by-hand"
KEY = "a-key-of-one-form-000000"
CASH = {
    "name": TEO.name, "email": "", "tier": "one", "quantity": "1", "country": "DE", "bonus": "5",
    "day": NOON.date().isoformat(), "note": "at the fair", "request_key": KEY,
}  # fmt: skip


@pytest.fixture
def studio(sqlite_database: Database, tmp_path: Path) -> Studio:
    return Studio(sqlite_database, tmp_path)


@pytest.fixture
def token(studio: Studio) -> str:
    """Mina's pledge, backer number 7."""
    with studio.database.transaction() as session:
        one = board(session)
        tier = session.exec(select(Tier).where(Tier.slug == "one")).one()
        return pledge(session, one, PledgeState.PLEDGED, Chosen(tier, 15_00), MINA, backer_number=7).token


@pytest.fixture
def noa(studio: Studio, token: str) -> Browser:
    del token
    browser = studio.browser(NOA)
    studio.role(NOA, campaign_of(studio).id, Role.OWNER)
    return browser


def campaign_of(studio: Studio) -> Campaign:
    with studio.database.reading() as session:
        return session.exec(select(Campaign)).one()


def entries(studio: Studio) -> list[Pledge]:
    with studio.database.reading() as session:
        return list(session.exec(select(Pledge).where(Pledge.origin == "offline").order_by(col(Pledge.backer_number))))


def test_neither_side_sees_the_others_note(studio: Studio, noa: Browser, token: str) -> None:
    with asgi.client(studio.app, HERE) as mina:
        kept = mina.post(f"/pledges/{token}/note", data={"note": "a present for Teo"})
        assert kept.headers["location"] == f"/pledges/{token}?done=noted#note"
        answer = noa.post(f"{BACKERS}/7/note", {"note": "met at the fair"})
        assert answer.headers["location"] == f"{BACKERS}/7?done=noted"
        own, theirs = mina.get(f"/pledges/{token}").text, noa.get(f"{BACKERS}/7").text
        assert ("a present for Teo" in own, "met at the fair" in own) == (True, False)
        assert ("a present for Teo" in theirs, "met at the fair" in theirs) == (False, True)
        assert "a present for Teo" not in noa.get(BACKERS).text


def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(studio: Studio, noa: Browser, token: str) -> None:
    with asgi.client(studio.app, HERE) as mina:
        for answer in (
            mina.post(f"/pledges/{token}/note", data={"note": "x" * 1_001}),
            noa.post(f"{BACKERS}/7/note", {"note": "x" * 1_001}),
        ):
            assert answer.status_code == 422
            assert "This is too long" in answer.text
            assert "x" * 1_001 in answer.text


def test_who_may_not_see_backers_writes_no_note(studio: Studio, noa: Browser) -> None:
    editor = studio.browser(HARU)
    studio.role(HARU, campaign_of(studio).id, Role.EDITOR)
    for answer in (editor.get(f"{BACKERS}/7"), editor.get(BY_HAND), editor.post(f"{BACKERS}/7/note", {"note": "x"})):
        assert answer.status_code == 403
    assert noa.get(f"{BACKERS}/8").status_code == 404


def test_a_pledge_is_entered_shown_apart_and_removed(studio: Studio, noa: Browser) -> None:
    assert "Enter a pledge" in noa.get(BY_HAND).text
    answer = noa.post(BY_HAND, CASH)
    assert answer.headers["location"] == f"{BY_HAND}?done=entered"
    [entry] = entries(studio)
    assert (entry.total_minor, entry.name, entry.note_of_creator) == (529_00, TEO.name, "at the fair")
    page = noa.get(BY_HAND).text
    assert "529.00" in page
    assert TEO.name in page
    assert "Entered by hand" in noa.get(f"{BACKERS}?origin=offline").text
    sheet = noa.get(f"{BACKERS}/{entry.backer_number}").text
    assert f"by {NOA.email}" in sheet
    with asgi.client(studio.app, HERE) as visitor:
        public = visitor.get("/campaigns/board").text
    assert "and $529 entered by hand from 1 backer, not counted towards the goal" in public
    assert "and $529 entered by hand" in noa.get("/studio/campaigns/board").text
    history = noa.get("/studio/campaigns/board/history").text
    assert "Pledge entered by hand, its number and sum" in history
    assert TEO.name not in history
    number = entry.backer_number
    assert "Remove the entry of" in noa.get(f"{BACKERS}/{number}/remove").text
    assert noa.post(f"{BACKERS}/{number}/remove").headers["location"] == f"{BY_HAND}?done=removed"
    assert entries(studio)[0].status is PledgeState.CANCELED
    assert noa.get(f"{BACKERS}/{number}/remove").status_code == 409


def test_sending_the_form_twice_enters_one_pledge(studio: Studio, noa: Browser) -> None:
    noa.post(BY_HAND, CASH)
    noa.post(BY_HAND, CASH)
    assert len(entries(studio)) == 1


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"name": ""}, 422, "Please fill this in."),
        ({"email": "teo@"}, 422, "is not an e-mail address"),
        ({"country": ""}, 422, "Choose a country"),
        ({"country": "JP"}, 422, "is not sent to that country"),
        ({"quantity": "2"}, 422, "1 to 1 times by one backer"),
        ({"day": "2026-11-31"}, 422, "Please choose a day."),
        ({"day": "2026-11-25"}, 422, "lies in the future"),
        ({"tier": "first", "country": ""}, 409, "has 0 left"),
        ({"add-bag": "99"}, 422, "1 to 10 times"),
        ({"surprise": "1"}, 422, "a field FundLaunch does not know"),
    ],
)
def test_an_entry_with_a_mistake_keeps_the_form(
    studio: Studio, noa: Browser, typed: dict[str, str], status: int, sentence: str
) -> None:
    answer = noa.post(BY_HAND, CASH | typed)
    assert answer.status_code == status
    assert sentence in answer.text.replace("&#39;", "'")
    assert "at the fair" in answer.text
    assert entries(studio) == []


def test_only_the_owner_enters_and_removes(studio: Studio, noa: Browser) -> None:
    noa.post(BY_HAND, CASH)
    [entry] = entries(studio)
    packer = studio.browser(HARU)
    studio.role(HARU, campaign_of(studio).id, Role.FULFILMENT)
    assert "Enter a pledge" not in packer.get(BY_HAND).text
    assert packer.post(BY_HAND, CASH | {"request_key": KEY[::-1]}).status_code == 403
    assert packer.post(f"{BACKERS}/{entry.backer_number}/remove").status_code == 403
    assert len(entries(studio)) == 1

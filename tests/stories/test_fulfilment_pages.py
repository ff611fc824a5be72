"""The address page of a pledge and the downloads of the studio, over HTTP. What they read has tests of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.errors import Conflict, NotAllowed, NotFound, SignInNeeded
from fundlaunch.fulfilment import lists, pages
from fundlaunch.fulfilment.tables import Address, ExportBatch
from fundlaunch.fulfilment.wanted import read_wanted
from fundlaunch.people import accounts, actions
from fundlaunch.people.roles import Role
from fundlaunch.people.sessions import Browser
from fundlaunch.pledges.states import PledgeState
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.headers import Origins, SecurityHeaders
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests.asgi import client
from tests.cast import JIWOO, MINA, NOA
from tests.funded import Given, funded

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PAGE = "/pledges/token-1/address"
US = {"name": "Mina Okafor", "line1": "1 Main Street", "city": "Springfield", "state": "IL", "postcode": "02134"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One database is enough for what a page adds."""
    return sqlite_database


@pytest.fixture
def browser(database: Database) -> Iterator[httpx.Client]:
    settings = Settings(secret_key="s" * 32)
    shell = Shell(settings, database, SimulatedClock(NOON), Templates(settings, assets.installed()))
    app = SecurityHeaders(Starlette(routes=pages.routes(shell)), https=False, origins=Origins())
    with client(app) as opened:
        yield opened


def kept(database: Database) -> list[Address]:
    with database.reading() as session:
        return list(session.exec(select(Address)))


def test_a_backer_gives_an_address_and_corrects_it(database: Database, browser: httpx.Client) -> None:
    funded(database, [Given(country="US")])
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert 'value="Mina Okafor"' in page.text
    assert "United States" in page.text
    assert "ZIP code" in page.text
    assert page.text.index('id="city"') < page.text.index('id="state"') < page.text.index('id="postcode"')
    answer = browser.post(PAGE, data=US | {"line2": "", "phone": "+1 202 555 0143", "delivery_notes": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?saved=1")
    assert "Your address is saved." in browser.get(answer.headers["location"]).text
    assert browser.post(PAGE, data=US | {"line1": "2 Main Street"}).status_code == 303
    (address,) = kept(database)
    assert (address.line1, address.postcode, address.country, address.phone) == ("2 Main Street", "02134", "US", "")


def test_mistakes_are_shown_beside_what_was_typed_and_nothing_is_kept(
    database: Database, browser: httpx.Client
) -> None:
    funded(database, [Given(country="US")])
    answer = browser.post(PAGE, data=US | {"postcode": "12", "city": ""})
    assert answer.status_code == 422
    assert 'value="1 Main Street"' in answer.text
    assert "does not look like a postcode" in answer.text
    assert 'id="city-error"' in answer.text
    assert kept(database) == []


def test_a_country_without_postcodes_has_no_such_field(database: Database, browser: httpx.Client) -> None:
    funded(database, [Given(country="HK")])
    page = browser.get(PAGE)
    assert 'name="postcode"' not in page.text
    typed = {"name": "Mina", "line1": "1 Nathan Road", "state": "Kowloon"}
    assert browser.post(PAGE, data=typed).status_code == 303
    assert [address.state for address in kept(database)] == ["Kowloon"]


def test_a_korean_page_asks_in_the_order_and_words_of_korea(database: Database, browser: httpx.Client) -> None:
    funded(database, [Given(name=JIWOO.name, country="KR")])
    page = browser.get(f"{PAGE}?lang=ko")
    assert page.text.index('id="state"') < page.text.index('id="line1"') < page.text.index('id="name"')
    assert "서울특별시" in page.text
    typed = {"name": JIWOO.name, "state": "서울특별시", "city": "강남구", "line1": "테헤란로 1", "postcode": "06130"}
    answer = browser.post(f"{PAGE}?lang=ko", data=typed)
    assert answer.headers["location"] == f"{PAGE}?lang=ko&saved=1"
    # The same state stands in an English page by its English name.
    assert '<option value="Seoul" selected>' in browser.get(f"{PAGE}?lang=en").text


@pytest.mark.parametrize("status", [CampaignState.LIVE, CampaignState.FAILED, CampaignState.CANCELED])
def test_an_address_is_asked_for_only_once_the_campaign_is_funded(
    database: Database, browser: httpx.Client, status: CampaignState
) -> None:
    funded(database, [Given()], status=status)
    with pytest.raises(Conflict):
        browser.get(PAGE)
    with pytest.raises(Conflict):
        browser.post(PAGE, data=US)
    assert kept(database) == []


@pytest.mark.parametrize("status", [PledgeState.DROPPED, PledgeState.CANCELED, PledgeState.EXPIRED])
def test_a_pledge_that_is_over_takes_no_address(database: Database, browser: httpx.Client, status: PledgeState) -> None:
    funded(database, [Given(status=status)])
    with pytest.raises(Conflict):
        browser.post(PAGE, data=US)


def test_a_pledge_of_which_nothing_is_sent_needs_none(database: Database, browser: httpx.Client) -> None:
    funded(database, [Given(country="", tier="thanks", units={"thanks": 1})])
    with pytest.raises(Conflict, match="no address is needed"):
        browser.get(PAGE)


def test_an_unknown_link_leads_nowhere(database: Database, browser: httpx.Client) -> None:
    funded(database, [])
    with pytest.raises(NotFound):
        browser.get(PAGE)
    with pytest.raises(NotFound):
        browser.post(PAGE, data=US)


LIST = "/studio/campaigns/lamp/lists/backers"


def sign_in(database: Database, browser: httpx.Client, role: Role | None) -> None:
    with database.transaction() as session:
        account_id = accounts.find_or_create(session, NOA.email, language="en", now=NOON)
        if role is not None:
            accounts.give_role(session, account_id, "c1", role, NOON)
        signed_in = actions.use_link(session, actions.make_link(session, NOA.email, NOON), Browser("", ""), NOON)
    browser.cookies.set("fl", signed_in.value)


@pytest.mark.parametrize("role", [Role.OWNER, Role.FULFILMENT])
def test_a_list_is_handed_to_those_whose_role_covers_backers(
    database: Database, browser: httpx.Client, role: Role
) -> None:
    funded(database, [Given(), Given(status=PledgeState.CANCELED)])
    sign_in(database, browser, role)
    answer = browser.get(LIST)
    assert answer.status_code == 200
    assert answer.content.count(b"\r\n") == 2
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''lamp-backers-fundlaunch-2026-12-01.csv"
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    with database.reading() as session:
        assert session.exec(select(ExportBatch.actor)).all() == [NOA.email]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_other_roles_get_no_list_and_nothing_is_read(database: Database, browser: httpx.Client, role: Role) -> None:
    funded(database, [Given()])
    sign_in(database, browser, role)
    with pytest.raises(NotAllowed):
        browser.get(LIST)
    with database.reading() as session:
        assert session.exec(select(ExportBatch)).all() == []


def test_a_stranger_is_told_the_same_of_a_real_and_an_invented_campaign(
    database: Database, browser: httpx.Client
) -> None:
    funded(database, [Given()])
    with pytest.raises(SignInNeeded):
        browser.get(LIST)
    sign_in(database, browser, None)
    sentences = []
    for slug in ("lamp", "nothing"):
        with pytest.raises(NotFound) as refused:
            browser.get(f"/studio/campaigns/{slug}/lists/backers")
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]


def test_without_the_role_check_the_list_would_have_been_there(database: Database) -> None:
    funded(database, [Given()])
    assert MINA.email.encode() in b"".join(lists.take_out(database, read_wanted("lamp", "backers", "nobody"), NOON))


@pytest.mark.parametrize(
    ("query", "starts", "ends"),
    [
        ("?preset=kickstarter-2024&status=canceled&status=collected", b"\xef\xbb\xbfBacker Number,", "csv"),
        ("?format=xlsx", b"PK", "xlsx"),
        ("?format=zip&preset=kickstarter-2024", b"PK", "zip"),
        ("?personal=left_out", b"backer_number,pledge_id,status,pledged_at,language,", "csv"),
    ],
)
def test_the_query_says_which_list(
    database: Database, browser: httpx.Client, query: str, starts: bytes, ends: str
) -> None:
    funded(database, [Given(), Given(status=PledgeState.CANCELED)])
    sign_in(database, browser, Role.OWNER)
    answer = browser.get(LIST + query)
    assert answer.content.startswith(starts)
    assert answer.headers["content-disposition"].endswith(f".{ends}")

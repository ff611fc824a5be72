"""The hosted pages and the panel, walked through without a script, as forms over HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from fundlaunch.payments.simulator.panel import PanelHooks
from fundlaunch.payments.simulator.wire import make_app
from tests.gateway.simulated import HOOK, SECRET, SHOP, Bench

ORIGIN = "http://127.0.0.1:4000"


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.simulator.listen(HOOK, SECRET)
    return bench


@pytest.fixture
def browser(bench: Bench) -> Iterator[TestClient]:
    with TestClient(make_app(bench.simulator), base_url=ORIGIN, follow_redirects=False) as client:
        client.headers["Origin"] = ORIGIN
        yield client


def path(url: str) -> str:
    return url.removeprefix(ORIGIN)


def act(browser: TestClient, **fields: str) -> httpx.Response:
    answer: httpx.Response = browser.post("/panel", data=fields)
    return answer


def test_a_card_is_saved_on_the_page_and_the_backer_returns_to_the_shop(bench: Bench, browser: TestClient) -> None:
    session = bench.setup_session()
    page = browser.get(path(session["url"]))
    assert page.status_code == 200
    assert "Nothing is charged now" in page.text
    for words in ("4242", "A card that asks its bank", "Save this card", f"{SHOP}/pledge", "mina@example.org"):
        assert words in page.text
    done = browser.post(path(session["url"]), data={"card": "confirms"})
    assert (done.status_code, done.headers["location"]) == (303, f"{SHOP}/back?session={session['id']}")
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "complete"
    assert "This is done" in browser.get(path(session["url"])).text


def test_paying_shows_the_exact_sum_and_a_decline_says_that_nothing_was_charged(
    bench: Bench, browser: TestClient
) -> None:
    session = bench.payment_session(amount_minor=64_950)
    assert "Pay $649.50" in browser.get(path(session["url"])).text
    declined = browser.post(path(session["url"]), data={"card": "insufficient"})
    assert declined.status_code == 402
    assert "has not enough money. Nothing was charged" in declined.text
    paid = browser.post(path(session["url"]), data={"card": "ok"})
    assert paid.headers["location"] == f"{SHOP}/back?session={session['id']}"
    assert [charge.status for charge in bench.simulator.charges()] == ["failed", "succeeded"]


def test_a_button_pressed_twice_leads_back_twice_and_pays_once(bench: Bench, browser: TestClient) -> None:
    session = bench.payment_session()
    answers = [browser.post(path(session["url"]), data={"card": "ok"}) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [f"{SHOP}/back?session={session['id']}"] * 2
    assert len(bench.simulator.charges()) == 1


def test_the_bank_asks_and_is_answered(bench: Bench, browser: TestClient) -> None:
    session = bench.payment_session()
    bank = browser.post(path(session["url"]), data={"card": "confirms"}).headers["location"]
    assert "ending in 3184" in browser.get(bank).text
    refused = browser.post(bank, data={"answer": "refuse"})
    assert refused.headers["location"] == f"/c/pay/{session['id']}"
    assert "The bank did not confirm it" in browser.get(refused.headers["location"]).text
    bank = browser.post(path(session["url"]), data={"card": "confirms"}).headers["location"]
    agreed = browser.post(bank, data={"answer": "agree"})
    assert agreed.headers["location"] == f"{SHOP}/back?session={session['id']}"
    assert browser.get(bank).headers["location"] == agreed.headers["location"]
    assert browser.post(bank, data={"answer": "agree"}).status_code == 303
    assert [charge.status for charge in bench.simulator.charges()] == ["failed", "succeeded"]


def test_a_bank_question_of_a_bare_intent_leads_back_to_its_return_address(bench: Bench, browser: TestClient) -> None:
    intent = bench.intent("confirms")
    waiting = bench.post(f"payment_intents/{intent['id']}/confirm", return_url=f"{SHOP}/thanks")
    bank = path(waiting["next_action"]["redirect_to_url"]["url"])
    assert browser.post(bank, data={"answer": "agree"}).headers["location"] == f"{SHOP}/thanks"


def test_an_expired_page_saves_nothing_and_leads_back(bench: Bench, browser: TestClient) -> None:
    session = bench.setup_session()
    bench.pass_time(minutes=31)
    page = browser.get(path(session["url"]))
    assert "This page has run out" in page.text
    assert f"{SHOP}/pledge" in page.text
    late = browser.post(path(session["url"]), data={"card": "ok"})
    assert late.status_code == 400
    assert "Nothing was saved" in late.text
    assert bench.simulator.shapes("payment_method") == []


def test_a_card_that_does_not_exist_is_refused_on_the_page(bench: Bench, browser: TestClient) -> None:
    session = bench.setup_session()
    answer = browser.post(path(session["url"]), data={"card": "gold"})
    assert answer.status_code == 422
    assert "Please choose one of the answers" in answer.text


def test_the_page_speaks_the_language_of_its_session(bench: Bench, browser: TestClient) -> None:
    session = bench.setup_session(locale="ko")
    assert browser.get(path(session["url"])).headers["Content-Language"] == "ko"
    assert browser.get(path(session["url"]) + "?lang=en").headers["Content-Language"] == "en"


@pytest.mark.parametrize("address", ["/c/pay/cs_test_none", "/bank/pi_none", "/nothing"])
def test_what_is_not_there_is_a_page_that_says_so(browser: TestClient, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_no_page_of_another_site_can_press_a_button(bench: Bench, browser: TestClient) -> None:
    session = bench.setup_session()
    for address, fields in ((path(session["url"]), {"card": "ok"}), ("/panel", {"act": "lose"})):
        forged = browser.post(address, data=fields, headers={"Origin": "http://evil.example.org"})
        assert forged.status_code == 403
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "open"
    assert bench.simulator.courier.manners.lose_next == 0


def test_pages_allow_no_inline_code_and_their_style_is_served(bench: Bench, browser: TestClient) -> None:
    page = browser.get(path(bench.setup_session()["url"]))
    policy = page.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    assert "script-src 'self'" in policy
    style = page.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    assert browser.get(style).headers["Content-Type"].startswith("text/css")


def test_the_panel_fills_in_expires_and_answers(bench: Bench, browser: TestClient) -> None:
    first, second = bench.setup_session(), bench.setup_session()
    third = bench.payment_session()
    assert act(browser, act="submit", session=first["id"], card="ok").status_code == 303
    assert act(browser, act="expire", session=second["id"]).status_code == 303
    assert act(browser, act="submit", session=third["id"], card="confirms").status_code == 303
    (intent,) = bench.simulator.intents_of("p1")
    assert "The owner agrees" in browser.get("/panel").text
    assert act(browser, act="agree", intent=intent["id"]).status_code == 303
    states = [session["status"] for session in bench.simulator.shapes("checkout.session")]
    assert states == ["complete", "expired", "complete"]
    too_late = act(browser, act="expire", session=first["id"])
    assert too_late.status_code == 422
    assert "The simulator refused" in too_late.text
    assert act(browser, act="dance").status_code == 422


def test_a_decline_in_the_panel_is_no_error(bench: Bench, browser: TestClient) -> None:
    session = bench.payment_session()
    assert act(browser, act="submit", session=session["id"], card="lost").status_code == 303
    assert "lost_card" in browser.get("/panel").text


def test_the_panel_sets_how_webhooks_are_delivered(bench: Bench, browser: TestClient) -> None:
    bench.customer()
    act(browser, act="lose")
    act(browser, act="twice")
    act(browser, act="shuffled")
    assert "The next webhook will be lost" in browser.get("/panel").text
    manners = bench.simulator.courier.manners
    assert (manners.lose_next, manners.is_twice, manners.is_shuffled) == (1, True, True)
    bench.simulator.deliver_due()
    assert bench.postbox.letters == []
    act(browser, act="replay", event=bench.simulator.shapes("event")[0]["id"])
    bench.simulator.deliver_due()
    assert bench.postbox.kinds == ["customer.created"] * 2


def test_time_and_campaigns_are_in_the_panel_only_when_the_program_lends_them(bench: Bench) -> None:
    ended: list[str] = []
    travelled: list[int] = []
    hooks = PanelHooks(lambda: [("stary", "STARY")], ended.append, travelled.append)
    words = ("End the campaign now", "1 hour forward")
    with TestClient(make_app(bench.simulator), base_url=ORIGIN) as bare:
        assert not any(word in bare.get("/").text for word in words)
    with TestClient(make_app(bench.simulator, hooks), base_url=ORIGIN, headers={"Origin": ORIGIN}) as lent:
        assert all(word in lent.get("/").text for word in words)
        act(lent, act="end", campaign="stary")
        act(lent, act="travel", seconds="86400")
        act(lent, act="travel", seconds="-5")
    assert ended == ["stary"]
    assert travelled == [86_400]


def test_the_panel_ends_refunds_as_banks_do(bench: Bench, browser: TestClient) -> None:
    for card, button in (("slow_refund", "arrived"), ("ok", "bounced")):
        session = bench.payment_session()
        intent = bench.simulator.complete_checkout(session["id"], card)["payment_intent"]
        refund = bench.post("refunds", payment_intent=intent)
        assert act(browser, act=button, refund=refund["id"]).status_code == 303
    page = browser.get("/panel").text
    assert "given back" in page
    assert "The bank sends it back" in page
    assert [refund["status"] for refund in bench.simulator.shapes("refund")] == ["succeeded", "failed"]

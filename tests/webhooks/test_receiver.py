"""What the receiver believes, what it refuses, and what it answers."""

import json
import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fundlaunch_webhooks import Delivery
from fundlaunch_webhooks.receiver import BODY_BYTES
from tests.webhooks.sender import (
    BODY,
    EVENT,
    NOON,
    OTHER_SECRET,
    SECRET,
    Answer,
    Shelf,
    post,
    receiver,
    send,
    signed,
    v1,
)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def refused(answer: Answer, shelf: Shelf, status: int) -> bool:
    """True if it was refused with this status, as plain text, and nothing was kept."""
    plain = answer.headers[b"content-type"] == b"text/plain; charset=utf-8"
    return answer.status == status and plain and not shelf.kept


def test_a_genuine_delivery_is_kept_as_it_was_sent(shelf: Shelf) -> None:
    answer = post(receiver(shelf))
    assert (answer.status, answer.text) == (200, "Kept.")
    made_at = datetime.fromtimestamp(1795003200, UTC)
    assert shelf.kept == [Delivery("evt_1", "customer.deleted", made_at, BODY)]


def test_every_answer_is_plain_text_of_known_length_that_nobody_stores(shelf: Shelf) -> None:
    answer = post(receiver(shelf))
    assert answer.headers == {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": b"5",
        b"cache-control": b"no-store",
    }


def test_a_body_in_pieces_is_put_together(shelf: Shelf) -> None:
    headers = [(b"content-type", b"application/json"), (b"stripe-signature", signed(BODY).encode())]
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": BODY[:9], "more_body": True},
        {"type": "http.request", "body": BODY[9:]},
    ]
    assert send(receiver(shelf), headers, pieces).status == 200
    assert shelf.kept[0].body == BODY


def test_keeping_happens_off_the_event_loop(shelf: Shelf) -> None:
    threads: list[threading.Thread] = []
    app = receiver(shelf)
    app._keep = lambda _: threads.append(threading.current_thread())
    assert post(app).status == 200
    assert threads != [threading.main_thread()]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_post_is_taken(shelf: Shelf, method: str) -> None:
    answer = post(receiver(shelf), method=method)
    assert refused(answer, shelf, 405)
    assert answer.headers[b"allow"] == b"POST"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_another_content_type_is_refused(shelf: Shelf, kind: str) -> None:
    assert refused(post(receiver(shelf), kind=kind), shelf, 415)


def test_a_request_without_or_with_two_content_types_is_refused(shelf: Shelf) -> None:
    signature = (b"stripe-signature", signed(BODY).encode())
    kind = (b"content-type", b"application/json")
    message = {"type": "http.request", "body": BODY}
    assert refused(send(receiver(shelf), [signature], [message]), shelf, 415)
    assert refused(send(receiver(shelf), [signature, kind, kind], [message]), shelf, 415)


def test_a_forged_signature_is_refused(shelf: Shelf) -> None:
    assert refused(post(receiver(shelf), signature=signed(BODY, secret="guessed")), shelf, 400)


def test_a_body_altered_in_one_byte_is_refused(shelf: Shelf) -> None:
    altered = BODY.replace(b"evt_1", b"evt_2")
    assert refused(post(receiver(shelf), altered, signature=signed(BODY)), shelf, 400)


def test_a_request_without_or_with_two_signature_headers_is_refused(shelf: Shelf) -> None:
    kind = (b"content-type", b"application/json")
    signature = (b"stripe-signature", signed(BODY).encode())
    message = {"type": "http.request", "body": BODY}
    assert refused(send(receiver(shelf), [kind], [message]), shelf, 400)
    assert refused(send(receiver(shelf), [kind, signature, signature], [message]), shelf, 400)


@pytest.mark.parametrize("away", [timedelta(seconds=300), timedelta(seconds=-300), timedelta()])
def test_a_signature_up_to_five_minutes_away_is_believed(shelf: Shelf, away: timedelta) -> None:
    assert post(receiver(shelf), signature=signed(BODY, at=NOON + away)).status == 200


@pytest.mark.parametrize("away", [timedelta(seconds=301), timedelta(seconds=-301), timedelta(hours=1)])
def test_an_old_or_future_signature_is_refused(shelf: Shelf, away: timedelta) -> None:
    assert refused(post(receiver(shelf), signature=signed(BODY, at=NOON + away)), shelf, 400)


def test_a_delivery_three_days_late_is_believed_if_it_was_signed_when_it_was_sent(shelf: Shelf) -> None:
    late = NOON + timedelta(days=3)
    assert post(receiver(shelf, now=late), signature=signed(BODY, at=late)).status == 200


def test_both_secrets_are_good_while_one_is_exchanged_for_the_other(shelf: Shelf) -> None:
    app = receiver(shelf, SECRET, OTHER_SECRET)
    assert post(app, signature=signed(BODY)).status == 200
    assert post(app, signature=signed(BODY, secret=OTHER_SECRET)).status == 200
    assert post(app, signature=signed(BODY, secret="a third")).status == 400


def test_one_good_signature_among_several_is_enough(shelf: Shelf) -> None:
    several = f"t={int(NOON.timestamp())},v1={v1(BODY, secret='old')},v1={v1(BODY)},v0=abc"
    assert post(receiver(shelf), signature=several).status == 200


time = int(NOON.timestamp())


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "t",
        "v1",
        f"t={time}",
        f"v1={v1(BODY)}",
        f"t={time},v0={v1(BODY)}",
        f"t={time},v1=",
        f"t={time},t={time},v1={v1(BODY)}",
        f"t=,v1={v1(BODY)}",
        f"t=+{time},v1={v1(BODY)}",
        f"t={time}.0,v1={v1(BODY)}",
        f"t=\xb2{time},v1={v1(BODY)}",
        f"t={'9' * 4000},v1={v1(BODY)}",
        f"t={time},v1={v1(BODY).upper()}",
        f"t={time},v1=\xe9\xe9",
        f"t={time},v1={v1(BODY)},{'v1=00,' * 2000}",
        signed(b""),
    ],
)
def test_a_header_that_is_not_whole_is_refused(shelf: Shelf, header: str) -> None:
    assert refused(post(receiver(shelf), signature=header.encode("latin-1")), shelf, 400)


def test_a_thousand_altered_deliveries_are_all_refused(shelf: Shelf) -> None:
    dice = random.Random(7)
    app = receiver(shelf)
    header = signed(BODY).encode()
    for _ in range(1000):
        body, signature = bytearray(BODY), bytearray(header)
        target = dice.choice([body, signature])
        place = dice.randrange(len(target))
        target[place] = (target[place] + dice.randrange(1, 256)) % 256
        answer = post(app, bytes(body), signature=bytes(signature))
        assert refused(answer, shelf, 400), (bytes(body), bytes(signature))


def test_a_body_of_a_megabyte_is_read_and_one_byte_more_is_not(shelf: Shelf) -> None:
    padding = BODY_BYTES - len(BODY)
    whole = BODY + b" " * padding
    assert post(receiver(shelf), whole).status == 200
    shelf.kept.clear()
    answer = post(receiver(shelf), whole + b" ")
    assert refused(answer, shelf, 413)
    assert answer.headers[b"connection"] == b"close"


def test_a_huge_body_is_given_up_on_before_its_end(shelf: Shelf) -> None:
    headers = [(b"content-type", b"application/json"), (b"stripe-signature", b"t=1")]
    piece = {"type": "http.request", "body": b"x" * (BODY_BYTES // 2), "more_body": True}
    # The application takes what it needs; it would fail for want of a fourth piece.
    assert refused(send(receiver(shelf), headers, [piece, piece, piece]), shelf, 413)


def test_a_delivery_that_breaks_off_is_not_kept(shelf: Shelf) -> None:
    headers = [(b"content-type", b"application/json"), (b"stripe-signature", signed(BODY).encode())]
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": BODY, "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert refused(send(receiver(shelf), headers, pieces), shelf, 400)


def test_a_live_event_belongs_to_a_live_receiver_only(shelf: Shelf) -> None:
    live = json.dumps({**EVENT, "livemode": True}).encode()
    assert refused(post(receiver(shelf), live), shelf, 400)
    assert post(receiver(shelf, livemode=True), live).status == 200


def test_a_test_event_belongs_to_a_test_receiver_only(shelf: Shelf) -> None:
    assert refused(post(receiver(shelf, livemode=True)), shelf, 400)
    assert post(receiver(shelf)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"id": "\xff"}',
        json.dumps({**EVENT, "id": ""}).encode(),
        json.dumps({**EVENT, "id": "evt 1"}).encode(),
        json.dumps({**EVENT, "id": "evt_\x00"}).encode(),
        json.dumps({**EVENT, "id": "e" * 256}).encode(),
        json.dumps({**EVENT, "id": 1}).encode(),
        json.dumps({**EVENT, "type": "Customer Deleted"}).encode(),
        json.dumps({**EVENT, "created": "2026-12-01T12:00:00Z"}).encode(),
        json.dumps({**EVENT, "created": -1}).encode(),
        json.dumps({**EVENT, "created": 10**30}).encode(),
        json.dumps({**EVENT, "livemode": "false"}).encode(),
        json.dumps({name: value for name, value in EVENT.items() if name != "livemode"}).encode(),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(shelf: Shelf, body: bytes) -> None:
    assert refused(post(receiver(shelf), body), shelf, 400)


def test_a_delivery_that_cannot_be_kept_is_asked_for_again_without_a_word_of_why(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.broken = OSError("the disk of host db-7 is full")
    answer = post(receiver(shelf))
    assert refused(answer, shelf, 500)
    assert answer.text == "The delivery could not be kept. Send it again."
    assert "the disk of host db-7 is full" in caplog.text
    assert "evt_1" not in caplog.text


def test_the_same_delivery_twice_is_handed_over_twice_and_answered_alike(shelf: Shelf) -> None:
    app = receiver(shelf)
    assert [post(app).status, post(app).status] == [200, 200]
    assert len(shelf.kept) == 2


@pytest.mark.parametrize("secrets", [(), ("",), (SECRET, "")])
def test_a_receiver_without_a_real_secret_cannot_be_made(shelf: Shelf, secrets: tuple[str, ...]) -> None:
    from fundlaunch_webhooks import Receiver

    with pytest.raises(ValueError, match="believe anybody"):
        Receiver(keep=shelf.keep, secrets=secrets, now=lambda: NOON)

"""Where letters go, and what may never get into their heads."""

import email
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from fundlaunch.errors import BadInput, Misconfigured
from fundlaunch.mail.mailboxes import FileMailbox, KeptMailbox, Letter, SmtpMailbox, composed, mailbox, sender

LETTER = Letter(
    to="mina@example.org",
    sender="FundLaunch <no-reply@fund.example.org>",
    subject="등이 켜졌습니다: “Kerb” is funded",
    text="Hello Mina,\n\n고맙습니다.\n",
    html="<!doctype html><p>고맙습니다.</p>",
    message_id="<abc234@fund.example.org>",
    language="ko",
    headers={"Date": "Mon, 23 Nov 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated"},
)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_no_address_keeps_letters_in_the_outbox_only() -> None:
    box = mailbox("")
    box.send(LETTER)
    assert box == KeptMailbox()
    assert box.is_read_here


@pytest.mark.parametrize(
    ("url", "box"),
    [
        ("smtp://mail.example.org", SmtpMailbox("mail.example.org", 587, is_encrypted_at_once=False)),
        ("smtp://127.0.0.1:2525/", SmtpMailbox("127.0.0.1", 2525, is_encrypted_at_once=False)),
        (
            "smtp://fund%40example.org:p%3Aw%2F@mail.example.org:587",
            SmtpMailbox("mail.example.org", 587, is_encrypted_at_once=False, user="fund@example.org", password="p:w/"),
        ),
        (
            "smtps://a:b@mail.example.org?from=hello@example.org",
            SmtpMailbox("mail.example.org", 465, is_encrypted_at_once=True, user="a", password="b"),
        ),
    ],
)
def test_an_address_of_a_mail_server_is_read(url: str, box: SmtpMailbox) -> None:
    assert mailbox(url) == box
    assert not box.is_read_here


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://host:70000", "smtp://host:0",
        "smtp://user@host", "smtp://:secret@host", "smtp://host/path", "smtp://host#x", "smtp://host?tls=no", "file:",
        "file://host/mail", "smtp://[::1", "smtps:host",
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        mailbox(url)
    assert "secret" not in str(refusal.value)
    assert "MAIL_URL" in str(refusal.value)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(mailbox("smtp://me:hunter2@mail.example.org"))


def test_the_sender_is_the_one_named_or_nobody_at_the_pages_own_host() -> None:
    assert sender("", "https://fund.example.org") == "FundLaunch <no-reply@fund.example.org>"
    assert sender("", "http://127.0.0.1:8000") == "FundLaunch <no-reply@fundlaunch.invalid>"
    named = "smtp://mail.example.org?from=hello@example.org"
    assert sender(named, "https://fund.example.org") == "FundLaunch <hello@example.org>"
    with pytest.raises(Misconfigured):
        sender("smtp://mail.example.org?from=nobody", "https://fund.example.org")


def test_a_folder_gets_one_file_for_each_letter_and_the_same_one_again(tmp_path: Path) -> None:
    box = mailbox(f"file:{tmp_path / 'mail' / 'out'}")
    assert isinstance(box, FileMailbox)
    box.send(LETTER)
    first = (box.folder / "abc234.eml").read_bytes()
    box.send(LETTER)
    assert [path.name for path in box.folder.iterdir()] == ["abc234.eml"]
    assert (box.folder / "abc234.eml").read_bytes() == first
    message = read(first)
    assert (message["Subject"], message["To"], message["Message-ID"]) == (LETTER.subject, LETTER.to, LETTER.message_id)
    assert part(message, "plain") == LETTER.text
    assert part(message, "html").strip() == LETTER.html


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="ascii")
    with pytest.raises(Misconfigured):
        mailbox(f"file:{tmp_path / 'taken' / 'mail'}")


def test_plain_text_comes_first() -> None:
    kinds = [part.get_content_type() for part in composed(LETTER).iter_parts()]
    assert kinds == ["text/plain", "text/html"]


def test_a_domain_in_other_letters_travels_in_its_ascii_form() -> None:
    message = composed(replace(LETTER, to="mina@bücher.example.org"))
    assert message["To"] == "mina@xn--bcher-kva.example.org"


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\u2028", "\x85", "\x00"])
@pytest.mark.parametrize("place", ["to", "sender", "subject", "message_id"])
def test_a_line_break_in_the_head_is_refused(place: str, line_break: str) -> None:
    changed: dict[str, Any] = {place: f"{getattr(LETTER, place)}{line_break}Bcc: noa@example.org"}
    forged = replace(LETTER, **changed)
    for box in (KeptMailbox(), FileMailbox(Path("never"))):
        with pytest.raises(BadInput):
            box.send(forged)


def test_a_letter_without_line_breaks_in_its_head_is_not_refused() -> None:
    assert composed(LETTER)["Bcc"] is None


@pytest.mark.parametrize("to", ["", "mina", "mina@example.org, noa@example.org", "Mina <mina@example.org>"])
def test_a_letter_goes_to_exactly_one_address(to: str) -> None:
    with pytest.raises(BadInput):
        composed(replace(LETTER, to=to))


@dataclass
class MailServer:
    """Speaks as much SMTP as a mail server must (RFC 5321) to one visitor after another; keeps what it hears."""

    port: int
    extensions: tuple[str, ...] = ()
    heard: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:
                return
            with visitor, visitor.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        def say(line: str) -> None:
            stream.write(line.encode() + b"\r\n")
            stream.flush()

        say("220 ready")
        for raw in iter(stream.readline, b""):
            line = raw.decode().strip()
            self.heard.append(line)
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                say("250-here")
                for extension in self.extensions:
                    say(f"250-{extension}")
                say("250 8BITMIME")
            elif word == "DATA":
                say("354 go on")
                self.letters.append(b"".join(iter(stream.readline, b".\r\n")))
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            elif word == "AUTH":
                say("235 welcome")
            else:
                say("250 fine")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = MailServer(listening.getsockname()[1])
        thread = threading.Thread(target=found.serve, args=(listening,), daemon=True)
        thread.start()
        yield found
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def test_a_mail_server_gets_the_letter(server: MailServer) -> None:
    mailbox(f"smtp://127.0.0.1:{server.port}").send(LETTER)
    message = read(server.letters[0])
    assert message["Subject"] == LETTER.subject
    assert message["From"] == LETTER.sender
    assert message["Message-ID"] == LETTER.message_id
    assert message["Content-Language"] == "ko"
    assert message["Auto-Submitted"] == "auto-generated"
    assert part(message, "plain") == LETTER.text
    assert any(line.lower().startswith("rcpt to:<mina@example.org>") for line in server.heard)
    assert "ehlo fund.example.org" in server.heard


def test_a_mail_server_on_this_machine_may_be_told_the_password(server: MailServer) -> None:
    server.extensions = ("AUTH PLAIN",)
    mailbox(f"smtp://me:pw@127.0.0.1:{server.port}").send(LETTER)
    assert any(line.startswith("AUTH PLAIN ") for line in server.heard)


def test_a_mail_server_that_does_not_answer_is_a_delivery_to_be_tried_again(server: MailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        mailbox(f"smtp://127.0.0.1:{port}").send(LETTER)

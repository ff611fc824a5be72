"""Where letters go: an SMTP server, a folder, or nowhere but the outbox itself.

The setting MAIL_URL decides: `smtp://user:password@host:587` (STARTTLS), `smtps://user:password@host:465`, `file:DIR`,
or nothing. `?from=hello@fund.example.org` behind an SMTP address names the sender.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from fundlaunch.errors import N_, BadInput, Misconfigured

SMTP_TIMEOUT_SECONDS = 20
PORTS = {"smtp": 587, "smtps": 465}
LINE_LIMIT = 998
"""The longest line a letter may have (RFC 5322, 2.1.1)."""

MALFORMED = N_(
    "FUNDLAUNCH_MAIL_URL cannot be read. "
    "Write smtp://user:password@host:587, smtps://user:password@host:465 or file:DIR."
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


@dataclass(frozen=True)
class Letter:
    """One mail to one person. `message_id` in angle brackets; it stays the same however often the letter is sent."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    language: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailbox(Protocol):
    """Takes letters."""

    @property
    def is_read_here(self) -> bool:
        """True where letters can be read on the outbox page only, so that nothing may be taken out of them there."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises OSError (a failed delivery) or FundLaunchError, to be asked again later."""
        ...


def mailbox(mail_url: str) -> Mailbox:
    """The box that MAIL_URL names; '' keeps letters in the outbox only. Raises Misconfigured."""
    if not mail_url:
        return KeptMailbox()
    try:
        address = urlsplit(mail_url)
        port = address.port
    except ValueError:
        raise Misconfigured(MALFORMED) from None
    if address.scheme == "file":
        return _folder(mail_url.removeprefix("file:"))
    if address.scheme not in PORTS or not address.hostname or address.path not in {"", "/"} or address.fragment:
        raise Misconfigured(MALFORMED)
    if bool(address.username) != bool(address.password) or port == 0 or set(parse_qs(address.query)) - {"from"}:
        raise Misconfigured(MALFORMED)
    return SmtpMailbox(
        host=address.hostname,
        port=port or PORTS[address.scheme],
        is_encrypted_at_once=address.scheme == "smtps",
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
    )


def sender(mail_url: str, base_url: str) -> str:
    """Who letters are from: `?from=` of MAIL_URL, else no-reply at the host of the pages. Raises Misconfigured."""
    given = parse_qs(_split(mail_url).query).get("from", [""])[0]
    if not given:
        return f"FundLaunch <no-reply@{host_of(base_url)}>"
    try:
        return f"FundLaunch <{validate_email(given, check_deliverability=False).normalized}>"
    except EmailNotValidError:
        raise Misconfigured(N_("FUNDLAUNCH_MAIL_URL names a sender behind ?from= that is no e-mail address.")) from None


def _split(mail_url: str) -> SplitResult:
    try:
        return urlsplit(mail_url)
    except ValueError:
        raise Misconfigured(MALFORMED) from None


def host_of(base_url: str) -> str:
    """The name to write behind the @ of our own addresses and ids; a made-up one where the pages have only a number."""
    host = urlsplit(base_url).hostname or ""
    return host if re.search(r"[a-z]", host) and "." in host and ":" not in host else "fundlaunch.invalid"


def _folder(path: str) -> "FileMailbox":
    folder = Path(path.removeprefix("//") if path.startswith("///") else path)
    if not path.strip("/") or path.startswith("//") != path.startswith("///"):
        raise Misconfigured(MALFORMED)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            N_("FUNDLAUNCH_MAIL_URL names the folder {folder}, which cannot be made ({reason})."),
            folder=folder,
            reason=error.strerror or "unknown",
        ) from None
    return FileMailbox(folder)


@dataclass(frozen=True)
class SmtpMailbox:
    """Sends through a mail server. A password travels encrypted, or to this very machine."""

    host: str
    port: int
    is_encrypted_at_once: bool
    user: str = ""
    password: str = field(default="", repr=False)
    is_read_here: bool = False

    def send(self, letter: Letter) -> None:
        message = composed(letter)
        own_name = parseaddr(letter.sender)[1].rpartition("@")[2]
        with self._connect(own_name) as server:
            if not self.is_encrypted_at_once:
                self._encrypt(server)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)

    def _connect(self, own_name: str) -> smtplib.SMTP:
        if self.is_encrypted_at_once:
            return smtplib.SMTP_SSL(
                self.host, self.port, own_name, timeout=SMTP_TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        return smtplib.SMTP(self.host, self.port, own_name, timeout=SMTP_TIMEOUT_SECONDS)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        if _is_this_machine(self.host):
            return
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif self.user:
            raise Misconfigured(
                N_("The mail server {host} offers no encryption, so the password was not sent. Use smtps://."),
                host=self.host,
            )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class FileMailbox:
    """Writes one .eml file for each letter; a letter sent again takes the place of its first copy."""

    folder: Path
    is_read_here: bool = False

    def send(self, letter: Letter) -> None:
        content = composed(letter).as_bytes()
        name = re.sub(r"[^A-Za-z0-9._-]", "_", letter.message_id.strip("<>").partition("@")[0])
        partial = self.folder / f".{name}.partial"
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.folder / f"{name}.eml")


@dataclass(frozen=True)
class KeptMailbox:
    """Sends nothing: the outbox row is the letter. For the demo, and wherever no mail server is set."""

    is_read_here: bool = True

    def send(self, letter: Letter) -> None:
        composed(letter)


def composed(letter: Letter) -> EmailMessage:
    """The letter as it travels, plain text always first. Raises BadInput for anything that could forge a header (F52).

    The same letter gives the same bytes, so that a second copy after a crash is seen to be one.
    """
    _refuse_line_breaks(letter)
    address = _deliverable(letter.to)
    message = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    message["From"] = letter.sender
    message["To"] = address
    message["Subject"] = letter.subject
    message["Message-ID"] = letter.message_id
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    # Only now: what begins with Content- goes with the content when that becomes one of two parts.
    message["Content-Language"] = letter.language
    message.set_boundary("part-" + re.sub(r"[^A-Za-z0-9]", "", letter.message_id))
    # An address in the head longer than the usual line would be encoded, and mail programs would not know it any more.
    message.policy = message.policy.clone(max_line_length=LINE_LIMIT)
    return message


def _refuse_line_breaks(letter: Letter) -> None:
    for value in (letter.to, letter.sender, letter.subject, letter.message_id, *letter.headers.values()):
        if not value or _CONTROL.search(value):
            raise BadInput(N_("A line of the letter's head is empty or has a line break in it; it was not sent."))


def _deliverable(to: str) -> str:
    try:
        found = validate_email(to, check_deliverability=False)
    except EmailNotValidError:
        raise BadInput(N_("The letter has no e-mail address it could be sent to."), field="to") from None
    return found.ascii_email or found.normalized

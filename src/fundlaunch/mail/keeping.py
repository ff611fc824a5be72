"""Keeps promised letters: writes them from templates, hands them to the mailbox, gives back what went out.

A letter that signs somebody in is worth a password for a quarter of an hour. Where a mail server delivers it, its text
is not kept and its link and code are struck out of the promise. Where the outbox page is the only place to read it
(KeptMailbox: the demo), the text stays, and only the promise is struck out; both are worth nothing after 15 minutes.
"""

import re
import secrets
from email.utils import format_datetime
from typing import Protocol

from jinja2 import TemplateError

from fundlaunch import i18n
from fundlaunch.errors import N_, BadInput
from fundlaunch.mail import letters
from fundlaunch.mail.mailboxes import Letter, Mailbox, host_of
from fundlaunch.outbox import Keeper, Kept, Owed

SECRETS = frozenset({"token", "code"})
"""Parts of a payload, at its top, that open something; they go once the letter is out."""

_TOPIC = re.compile(r"[a-z][a-z_]{0,59}")


class Renderer(Protocol):
    """What fills templates (web.templates.Templates)."""

    def text(self, language: str, name: str, /, **views: object) -> str:
        """The template `name` in `language`."""
        ...


def keeper(mailbox: Mailbox, renderer: Renderer, base_url: str, sender: str) -> Keeper:
    """What keeps promises of mail: each topic has templates/mail/<topic>.txt and .html.

    The keeper raises BadInput for a letter that cannot be written, and what the mailbox raises.
    """

    def keep(owed: Owed) -> Kept:
        letter = written(owed, renderer, base_url, sender)
        mailbox.send(letter)
        opened = SECRETS & set(owed.payload)
        left = {name: value for name, value in owed.payload.items() if name not in SECRETS} if opened else None
        if opened and not mailbox.is_read_here:
            return Kept(letter.subject, payload=left)
        return Kept(letter.subject, letter.text, letter.html, payload=left)

    return keep


def written(owed: Owed, renderer: Renderer, base_url: str, sender: str) -> Letter:
    """The letter a promise of mail is about, in the promise's language. Its id and date come from the promise alone."""
    language = owed.language if owed.language in i18n.LANGUAGES else i18n.FALL_BACK
    subject, text, html = _filled(owed, renderer, base_url, language)
    return Letter(
        to=owed.recipient,
        sender=sender,
        subject=subject,
        text=text,
        html=html,
        message_id=f"<{owed.id}@{host_of(base_url)}>",
        language=language,
        headers={
            "Date": format_datetime(owed.created_at),
            "Auto-Submitted": "auto-generated",
            **_ways_out(owed, base_url),
        },
    )


def _ways_out(owed: Owed, base_url: str) -> dict[str, str]:
    """How a mail program takes somebody off a list by one press (RFC 2369, RFC 8058); letters to followers only."""
    address = letters.leave_address(owed.payload, base_url)
    if not address:
        return {}
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _filled(owed: Owed, renderer: Renderer, base_url: str, language: str) -> tuple[str, str, str]:
    try:
        name = _template(owed.topic)
        views = letters.views(owed, base_url, language)
        # Nothing that people typed can look like this, so the subject ends where the template says it does.
        divider = secrets.token_hex(16)
        head, _, body = renderer.text(language, f"{name}.txt", divider=divider, **views).partition(divider)
        html = renderer.text(language, f"{name}.html", subject=head.strip(), **views)
    except (TemplateError, LookupError, TypeError, ValueError, BadInput) as error:
        raise BadInput(
            N_("The letter “{topic}” cannot be written ({reason})."), topic=owed.topic, reason=error
        ) from error
    return head.strip(), re.sub(r"\n{3,}", "\n\n", body).strip() + "\n", html


def _template(topic: str) -> str:
    if not _TOPIC.fullmatch(topic):
        raise LookupError("no such topic")
    return f"mail/{topic}"

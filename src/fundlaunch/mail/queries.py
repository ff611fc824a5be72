"""Letters that went out, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from fundlaunch.outbox import MAIL, PROMISE

PAGE_LETTERS = 50


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter in the list."""

    id: str
    kept_at: datetime
    recipient: str
    subject: str
    topic: str
    language: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A page of the list; `older` is the key of the next page, '' on the last one."""

    letters: tuple[LetterLine, ...]
    older: str


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """One letter as it went out."""

    id: str
    kept_at: datetime
    recipient: str
    subject: str
    language: str
    text: str
    html: str


def letters(session: Session, before: str = "") -> LetterPage:
    """The newest letters, or those older than the letter with the id `before`; an unknown id gives an empty page."""
    p = PROMISE.c
    found = (
        select(p.id, p.kept_at, p.recipient, p.subject, p.topic, p.language)
        .where(p.kind == MAIL, p.kept_at.is_not(None))
        .order_by(p.kept_at.desc(), p.id.desc())
        .limit(PAGE_LETTERS + 1)
    )
    if before:
        kept_at = select(p.kept_at).where(p.id == before).scalar_subquery()
        found = found.where(or_(p.kept_at < kept_at, and_(p.kept_at == kept_at, p.id < before)))
    rows = [LetterLine(*row) for row in session.connection().execute(found).all()]
    shown = tuple(rows[:PAGE_LETTERS])
    return LetterPage(shown, shown[-1].id if len(rows) > PAGE_LETTERS else "")


def letter(session: Session, letter_id: str) -> KeptLetter | None:
    """One letter that went out; None if there is none of this id."""
    p = PROMISE.c
    found = select(p.id, p.kept_at, p.recipient, p.subject, p.language, p.text, p.html).where(
        p.id == letter_id, p.kind == MAIL, p.kept_at.is_not(None)
    )
    row = session.connection().execute(found).one_or_none()
    return None if row is None else KeptLetter(*row)

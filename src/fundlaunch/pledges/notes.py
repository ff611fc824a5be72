"""Private notes on a pledge: the backer's own, and the creators'. Neither side ever sees the other's."""

from sqlmodel import Session

from fundlaunch.errors import N_, BadInput
from fundlaunch.pledges import rows

LIMIT = 1_000


def keep_own(session: Session, token: str, text: str) -> None:
    """Keep the backer's note on their pledge. Raises NotFound, BadInput."""
    rows.by_token(session, token).note_of_backer = _within(text)


def keep_creators(session: Session, slug: str, number: int, text: str) -> None:
    """Keep the creators' note on the pledge of a backer number. Raises NotFound, BadInput."""
    rows.of_number(session, slug, number).note_of_creator = _within(text)


def _within(text: str) -> str:
    if len(text) > LIMIT:
        raise BadInput(N_("A note has at most {limit} characters."), field="note", limit=LIMIT)
    return text

"""Idempotency keys (docs.stripe.com/api/idempotent_requests): the first answer under a key is the only one.

An answer is kept once execution began, also when it is a decline or a 500; a request that was refused for its
parameters, or because another one with its key was running, is not kept. Keys are forgotten after 24 hours.
"""

import hashlib
import itertools
from collections.abc import Iterable

from fundlaunch.payments.simulator.book import Book, Shape
from fundlaunch.payments.simulator.refusals import Refusal

KEPT_SECONDS = 24 * 3600
KEY_LENGTH = 255


def fingerprint(method: str, path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """What must be the same when a key is used again: the endpoint and every parameter."""
    text = repr((method, path, sorted(pairs)))
    return hashlib.sha256(text.encode()).hexdigest()


class Keys:
    """The keys of one book. Every method is called under the book's lock."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._running: set[str] = set()

    def begin(self, key: str, mark: str) -> Shape | None:
        """Start a request under a key, or give the answer kept for it ({"status", "body", "request"}).

        Raises Refusal: 400 for other parameters than the first time, 409 while the first request is running.
        """
        if len(key) > KEY_LENGTH:
            raise Refusal(f"Idempotency keys can be at most {KEY_LENGTH} characters.", kind="idempotency_error")
        if key in self._running:
            raise Refusal(
                "There is currently another in-progress request using this Idempotency Key (that probably means you "
                "submitted twice, and the other request is still going through). Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        kept = self._book.kept_answers.get(key)
        if kept is None or self._is_old(kept):
            self._running.add(key)
            return None
        if kept["mark"] != mark:
            raise Refusal(
                f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return kept

    def finish(self, key: str, mark: str, answer: Shape) -> None:
        """Keep the answer of a request that began."""
        self._running.discard(key)
        self._book.note_answer(key, answer | {"mark": mark, "created": self._book.now_seconds()})

    def prune(self) -> int:
        """Forget the keys older than 24 hours by the simulator's clock; gives their number."""
        oldest_first = self._book.kept_answers.items()
        old = [key for key, _ in itertools.takewhile(lambda entry: self._is_old(entry[1]), oldest_first)]
        for key in old:
            self._book.note_answer(key, None)
        return len(old)

    def _is_old(self, kept: Shape) -> bool:
        return bool(kept["created"] + KEPT_SECONDS <= self._book.now_seconds())

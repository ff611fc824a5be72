"""What people type: read within limits, checked field by field, kept so that the page can be shown again as it was.

A page's endpoint is a plain function of a request and a Form; `posted` reads the body on the event loop and hands both
to the thread pool. Every mistake is collected with its field, so that a person sees all of them at once (status 422).
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from fundlaunch.errors import N_, BadInput
from fundlaunch.money import Money, parse_amount
from fundlaunch.web import csrf

BODY_LIMIT_BYTES = 1_000_000
FIELDS_LIMIT = 2_000
FILES_LIMIT = 20
REQUEST_KEY = "request_key"

_REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_COUNT = re.compile(r"[0-9]+", re.ASCII)
_COUNT_DIGITS = 12
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,189}\.[^\s@.<>\"(),:;\\\[\]]{2,63}")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that turn the direction of everything behind them; nobody types them into a name."""


class BodyTooLarge(BadInput):
    """More was sent than the page takes (413)."""


class UnsupportedBody(BadInput):
    """What was sent is not a form (415)."""


@dataclass(frozen=True)
class Upload:
    """One file as it came: the name and type are what the browser claims, not to be believed."""

    filename: str
    claimed_type: str
    content: bytes


class Form:
    """Typed values by field name. Readers such as `text` note a mistake and answer with an empty value, never raise."""

    def __init__(self, pairs: Sequence[tuple[str, str]], uploads: Mapping[str, Upload] | None = None) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self._uploads = dict(uploads or {})
        self.errors: dict[str, BadInput] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def typed(self, name: str, default: str = "") -> str:
        """What was typed, untouched, to be shown again."""
        return self._values.get(name, [default])[0]

    def chosen(self, name: str) -> list[str]:
        """Every value of a field that may come several times, such as ticks in a list."""
        return list(self._values.get(name, []))

    def is_ticked(self, name: str) -> bool:
        return bool(self.typed(name))

    def only(self, names: Collection[str]) -> None:
        """Raise BadInput if a field came that the page does not have; `csrf` and `request_key` are always known."""
        extra = set(self._values) | set(self._uploads)
        extra -= {*names, csrf.FIELD, REQUEST_KEY}
        if extra:
            raise BadInput(N_("This form has a field FundLaunch does not know. Reload the page and send it again."))

    def refuse(self, name: str, sentence: str, /, **values: object) -> None:
        """Note a mistake at a field; the first one of a field is kept."""
        self.errors.setdefault(name, BadInput(sentence, field=name, **values))

    def text(self, name: str, limit: int) -> str:
        """One line that must be there, at most `limit` characters."""
        found = self.optional_text(name, limit)
        if not found:
            self.refuse(name, N_("Please fill this in."))
        return found

    def optional_text(self, name: str, limit: int) -> str:
        """One line, or ''."""
        return self._bounded(name, " ".join(clean(self.typed(name)).split()), limit)

    def long_text(self, name: str, limit: int) -> str:
        """Several lines, or ''; line ends become single newlines."""
        lines = self.typed(name).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._bounded(name, "\n".join(clean(line).rstrip() for line in lines).strip("\n"), limit)

    def email(self, name: str) -> str:
        """An e-mail address that must be there, as typed but for spaces around it."""
        found = self.text(name, 254)
        if found and not _EMAIL.fullmatch(found):
            self.refuse(name, N_("“{typed}” is not an e-mail address. Write it as name@example.org."), typed=found)
            return ""
        return found

    def money(self, name: str, currency: str) -> Money:
        """An amount that must be there; nought in `currency` after a mistake."""
        try:
            return parse_amount(self.text(name, 40) or "0", currency, field=name)
        except BadInput as mistake:
            self.errors.setdefault(name, mistake)
            return Money(0, currency)

    def optional_money(self, name: str, currency: str) -> Money:
        """An amount, nought if the field is empty."""
        return self.money(name, currency) if self.typed(name).strip() else Money(0, currency)

    def count(self, name: str, most: int) -> int:
        """A whole number from 0 to `most`; 0 if the field is empty or wrong."""
        typed = self.typed(name).strip() or "0"
        if not _COUNT.fullmatch(typed):
            self.refuse(name, N_("Write a whole number from 0 to {most}."), most=most)
            return 0
        if len(typed.lstrip("0")) > _COUNT_DIGITS or int(typed) > most:
            self.refuse(name, N_("This is too large: at most {most} is possible."), most=most)
            return 0
        return int(typed)

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of `choices`; '' after a mistake."""
        typed = self.typed(name)
        if typed not in choices:
            self.refuse(name, N_("Please choose one of the answers."))
            return ""
        return typed

    def request_key(self) -> str:
        """The key that makes a repeated post the same post; raises BadInput if the page sent none."""
        typed = self.typed(REQUEST_KEY)
        if not _REQUEST_KEY.fullmatch(typed):
            raise BadInput(N_("This form is incomplete. Reload the page and send it again."), field=REQUEST_KEY)
        return typed

    def upload(self, name: str) -> Upload | None:
        """The file of a field, or None if none was chosen."""
        return self._uploads.get(name)

    def _bounded(self, name: str, found: str, limit: int) -> str:
        if len(found) <= limit:
            return found
        self.refuse(
            name, N_("This is too long: {count} characters, at most {limit} fit."), count=len(found), limit=limit
        )
        return found[:limit]


def clean(text: str) -> str:
    """Plain text of one line without spaces around it."""
    return plain(text).strip()


def plain(text: str) -> str:
    """Composed (NFC), without control characters and without marks that turn the direction of text."""
    kept = (" " if unicodedata.category(mark) == "Cc" else mark for mark in text if mark not in _OVERRIDES)
    return unicodedata.normalize("NFC", "".join(kept))


Endpoint = Callable[[Request, Form], Response]
AsyncEndpoint = Callable[[Request], Awaitable[Response]]


def posted(endpoint: Endpoint, body_limit_bytes: int = BODY_LIMIT_BYTES) -> AsyncEndpoint:
    """An endpoint for POST: reads the form, then calls `endpoint(request, form)` in the thread pool."""

    async def read_and_call(request: Request) -> Response:
        form = await read(request, body_limit_bytes)
        return await run_in_threadpool(endpoint, request, form)

    return read_and_call


async def read(request: Request, body_limit_bytes: int = BODY_LIMIT_BYTES) -> Form:
    """The form in a request's body; raises BodyTooLarge, UnsupportedBody or BadInput."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise UnsupportedBody(N_("This page takes forms only. Send it from the page itself."))
    body = await _body(request, body_limit_bytes)
    return _urlencoded(body) if kind.startswith("application") else await _multipart(request.headers, body)


async def _body(request: Request, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit_bytes:
            raise BodyTooLarge(N_("This is too large: at most {limit} kB fit."), limit=limit_bytes // 1000)
        chunks.append(chunk)
    return b"".join(chunks)


def _urlencoded(body: bytes) -> Form:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT, separator="&"
        )
    except ValueError as error:
        raise _unreadable() from error
    return Form(pairs)


async def _multipart(headers: Headers, body: bytes) -> Form:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        headers, stream(), max_files=FILES_LIMIT, max_fields=FIELDS_LIMIT, max_part_size=BODY_LIMIT_BYTES
    )
    try:
        found = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise _unreadable() from error
    pairs = [(name, value) for name, value in found.multi_items() if isinstance(value, str)]
    files = {name: file for name, file in found.multi_items() if isinstance(file, UploadFile) and file.filename}
    uploads = {name: await _upload(file) for name, file in files.items()}
    await found.close()
    return Form(pairs, uploads)


async def _upload(file: UploadFile) -> Upload:
    return Upload(clean(file.filename or "")[:200], file.content_type or "", await file.read())


def _unreadable() -> BadInput:
    return BadInput(N_("What was sent is damaged and cannot be read. Reload the page and send it again."))

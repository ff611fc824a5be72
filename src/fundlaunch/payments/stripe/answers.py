"""Stripe's refusals and silences in our own words (docs.stripe.com/error-codes, docs.stripe.com/api/errors).

`changing()` goes around every call that may change something there, `reading()` around those that only look: a read
that broke off did nothing, a change that broke off may have been carried out.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import stripe

from fundlaunch.errors import N_, AnswerUnclear, FundLaunchError, ProviderBusy, ProviderOutOfReach
from fundlaunch.payments.gateway import ProviderRefused
from fundlaunch.payments.stripe.declines import CardRefused

log = logging.getLogger(__name__)

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Failures before the first byte of the request left."""

WAIT_AT_MOST_SECONDS = 3600


@contextmanager
def changing() -> Iterator[None]:
    """Raises ProviderRefused, ProviderBusy, ProviderOutOfReach or AnswerUnclear instead of the library's errors."""
    try:
        yield
    except stripe.StripeError as error:
        raise in_our_words(error) from error


@contextmanager
def reading() -> Iterator[None]:
    """As `changing`, but an unclear answer is only out of reach: looking again is always safe."""
    try:
        with changing():
            yield
    except AnswerUnclear as unclear:
        raise ProviderOutOfReach(unclear.sentence) from unclear.__cause__


def in_our_words(error: stripe.StripeError) -> FundLaunchError:
    """The error of ours that says what an error of the library means for the call."""
    status = error.http_status
    if status is None:
        return _silence(error)
    if status == 429 or word(error) == "rate_limit":
        return ProviderBusy(
            N_("The payment provider is busy just now. Nothing was done; try again in a moment."),
            retry_after_seconds=_retry_after_seconds(error.headers),
        )
    if status == 409 or not 400 <= status < 500:
        return _unclear()
    if status == 402 and isinstance(details(error).get("payment_intent"), dict):
        return CardRefused(N_("The card was declined."), code=word(error), error=details(error))
    log.info("Stripe refused a call: status %s, %s, request %s", status, word(error), error.request_id)
    return ProviderRefused(
        N_("The payment provider refuses this ({code}, {request}). Tell the people who run this site."),
        code=word(error) or f"status_{status}",
        request=error.request_id or "-",
    )


def word(error: stripe.StripeError) -> str:
    """The code of an error, else its type, else ''."""
    detail = details(error)
    return str(detail.get("code") or detail.get("type") or "")


def details(error: stripe.StripeError) -> Mapping[str, Any]:
    """The error object of the answer, {} where there is none."""
    body = error.json_body
    detail = body.get("error") if isinstance(body, dict) else None
    return detail if isinstance(detail, dict) else {}


def _silence(error: stripe.StripeError) -> ProviderOutOfReach:
    if isinstance(error.__cause__, NEVER_SENT):
        return ProviderOutOfReach(
            N_("The payment provider cannot be reached just now. Nothing was done; try again later.")
        )
    return _unclear()


def _unclear() -> AnswerUnclear:
    return AnswerUnclear(
        N_("The payment provider gave no clear answer. We will look up what happened; nothing is lost.")
    )


def _retry_after_seconds(headers: Mapping[str, str] | None) -> int:
    value = (headers or {}).get("retry-after", "")
    return min(int(value), WAIT_AT_MOST_SECONDS) if value.isascii() and value.isdigit() else 0

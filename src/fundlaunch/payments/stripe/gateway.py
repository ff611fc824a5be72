"""Stripe as `payments.gateway.Gateway`: every call of the program to the provider is one method here."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from stripe import Event, ListObject, StripeObject
from stripe.params import EventListParams
from stripe.params.checkout import SessionCreateParams

from fundlaunch.clock import Clock
from fundlaunch.errors import ProviderOutOfReach
from fundlaunch.payments.facts import ChargeDeclined, DeclineClass, Fact
from fundlaunch.payments.gateway import (
    CardCheckout,
    Charge,
    CheckoutReading,
    Giving,
    IntentReading,
    OpenedCheckout,
    PaymentCheckout,
    ProviderEvent,
    ProviderRefused,
)
from fundlaunch.payments.stripe import events, requests
from fundlaunch.payments.stripe.answers import changing, reading
from fundlaunch.payments.stripe.declines import CardRefused
from fundlaunch.payments.stripe.wire import Wire, connect

OPENING_TRIES = 3
"""A backer waits for the page: a broken connection is tried again under the same key, which opens one page only."""

OPENING_PAUSE = timedelta(seconds=1)
OPENING_PATIENCE = timedelta(seconds=8)
"""After this long the backer is told rather than kept waiting; it is shorter than one time-out."""

PAGE = 100
"""The provider's own limit of one page of a list."""

OF_ONE_CUSTOMER = 100
"""A customer belongs to one pledge, which never comes near this many sessions or intents."""

CARD_REMOVED = "card_removed"
"""Our own code for the decline of a card that the provider no longer holds."""

Opened = TypeVar("Opened")
Kept = TypeVar("Kept", bound=StripeObject)


class StripeGateway:
    """One object for the whole process; many threads may call it at once.

    `api_base` has no slash at its end; `wire` carries the requests, over HTTP unless given.
    Besides what Gateway names, wrong keys or parameters raise ProviderRefused.
    """

    def __init__(self, secret_key: str, api_base: str, *, clock: Clock, wire: Wire | None = None) -> None:
        self._clock = clock
        self._wire = wire or Wire()
        self._v1 = connect(secret_key, api_base, self._wire).v1

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def make_customer(self, *, key: str, email: str, name: str, pledge_id: str) -> str:
        params = requests.customer(email=email, name=name, pledge_id=pledge_id)
        options = requests.under(f"customer:{key}")
        return self._patiently(lambda: self._v1.customers.create(params, options).id)

    def open_card_checkout(self, wanted: CardCheckout) -> OpenedCheckout:
        return self._open(wanted.checkout_id, requests.card_checkout(wanted))

    def open_payment_checkout(self, wanted: PaymentCheckout) -> OpenedCheckout:
        return self._open(wanted.checkout_id, requests.payment_checkout(wanted))

    def _open(self, checkout_id: str, params: SessionCreateParams) -> OpenedCheckout:
        options = requests.under(f"checkout:{checkout_id}")
        session = self._patiently(lambda: self._v1.checkout.sessions.create(params, options))
        return OpenedCheckout(session.id, session.url or "", datetime.fromtimestamp(session.expires_at, UTC))

    def _patiently(self, call: Callable[[], Opened]) -> Opened:
        last_at = self._clock.now() + OPENING_PATIENCE
        for _ in range(OPENING_TRIES - 1):
            try:
                with changing():
                    return call()
            except ProviderOutOfReach:
                if self._clock.now() >= last_at:
                    raise
                self._clock.wait_until(self._clock.now() + OPENING_PAUSE, threading.Event())
        with changing():
            return call()

    def read_checkout(self, session: str) -> CheckoutReading:
        with reading():
            found = self._v1.checkout.sessions.retrieve(session, {"expand": requests.SESSION_PARTS})
        return _checkout_reading(found.to_dict())

    def expire_checkout(self, session: str) -> CheckoutReading:
        try:
            with changing():
                expired = self._v1.checkout.sessions.expire(session)
        except ProviderRefused:
            # Only an open session can be expired: this one ended by itself, or its backer was quicker.
            return self.read_checkout(session)
        return _checkout_reading(expired.to_dict())

    def find_checkout(self, *, customer: str, checkout_id: str) -> str | None:
        with reading():
            page = self._v1.checkout.sessions.list({"customer": customer, "limit": OF_ONE_CUSTOMER})
        return _first(page, lambda session: events.checkout_id_of(session) == checkout_id)

    def create_intent(self, charge: Charge) -> str:
        options = requests.under(f"create:{charge.payment_id}")
        with changing():
            return self._v1.payment_intents.create(requests.intent(charge), options).id

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        params = requests.confirmation(charge)
        options = requests.under(f"confirm:{charge.payment_id}:{attempt}")
        try:
            with changing():
                confirmed = self._v1.payment_intents.confirm(intent, params, options)
        except CardRefused as refused:
            return _declined(refused)
        except ProviderRefused as refused:
            return self._after_refusal(intent, charge, refused)
        return _intent_reading(confirmed.to_dict())

    def _after_refusal(self, intent: str, charge: Charge, refused: ProviderRefused) -> IntentReading:
        """A confirmation that can never work as asked: the card is gone, the intent is over, or we are at fault."""
        card_is_gone = self._is_gone(charge.payment_method)
        if not card_is_gone and refused.code != "payment_intent_unexpected_state":
            raise refused
        reading = self.read_intent(intent)
        if not card_is_gone or reading.status in {"succeeded", "canceled"}:
            return reading
        # No charge was even tried, so there is none to name, and no code of the bank's.
        gone = ChargeDeclined(intent, charge.payment_id, "", CARD_REMOVED, "", "", DeclineClass.NEW_CARD)
        return IntentReading(intent, reading.status, charge.payment_id, (gone,))

    def read_intent(self, intent: str) -> IntentReading:
        with reading():
            return _intent_reading(self._v1.payment_intents.retrieve(intent).to_dict())

    def cancel_intent(self, intent: str) -> IntentReading:
        try:
            with changing():
                canceled = self._v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"})
        except ProviderRefused:
            # It is over already, one way or the other.
            return self.read_intent(intent)
        return _intent_reading(canceled.to_dict())

    def find_intent(self, *, customer: str, payment_id: str) -> str | None:
        with reading():
            page = self._v1.payment_intents.list({"customer": customer, "limit": OF_ONE_CUSTOMER})
        return _first(page, lambda intent: events.payment_id_of(intent) == payment_id)

    def release_card(self, *, customer: str, payment_method: str) -> None:
        del customer
        try:
            with changing():
                self._v1.payment_methods.detach(payment_method)
        except ProviderRefused:
            if not self._is_gone(payment_method):
                raise

    def _is_gone(self, payment_method: str) -> bool:
        """True if no customer holds this card any more; a wrong key or the like still raises ProviderRefused."""
        try:
            with reading():
                return self._v1.payment_methods.retrieve(payment_method).customer is None
        except ProviderRefused as refused:
            if refused.code != "resource_missing":
                raise
            return True

    def refund(self, wanted: Giving) -> tuple[Fact, ...]:
        options = requests.under(f"refund:{wanted.refund_id}:{wanted.attempt}")
        with changing():
            return events.refund_facts(self._v1.refunds.create(requests.refund(wanted), options).to_dict())

    def refunds_of(self, intent: str) -> tuple[Fact, ...]:
        with reading():
            page = self._v1.refunds.list({"payment_intent": intent, "limit": PAGE})
        oldest_first = reversed(page.data)
        return tuple(fact for refund in oldest_first for fact in events.refund_facts(refund.to_dict()))

    def events_since(self, event_id: str | None, *, limit: int) -> Iterator[ProviderEvent]:
        """Events that can become facts, after the given one, oldest first.

        Without an id, or with one that the provider forgot (it keeps 30 days), the newest `limit` of all.
        """
        if event_id is not None:
            try:
                with reading():
                    page = self._listed(event_id)
                    yield from map(_provider_event, islice(page.auto_paging_iter(), limit))
                return
            except ProviderRefused as refused:
                if refused.code != "resource_missing":
                    raise
        with reading():
            newest = [_provider_event(event) for event in islice(self._listed(None).auto_paging_iter(), limit)]
        yield from reversed(newest)

    def _listed(self, after: str | None) -> ListObject[Event]:
        """The first page; with `after` the pages lead from that event towards the newest, else to the oldest."""
        params: EventListParams = {"types": [*events.READINGS], "limit": PAGE}
        if after is not None:
            params["ending_before"] = after
        return self._v1.events.list(params)


def _first(page: ListObject[Kept], fits: Callable[[events.Shape], bool]) -> str | None:
    shapes: Iterable[dict[str, Any]] = (found.to_dict() for found in page.data)
    return next((str(shape["id"]) for shape in shapes if fits(shape)), None)


def _checkout_reading(session: events.Shape) -> CheckoutReading:
    return CheckoutReading(
        session["id"], session["status"] or "", session.get("url") or "", events.checkout_facts(session)
    )


def _intent_reading(intent: events.Shape) -> IntentReading:
    return IntentReading(intent["id"], intent["status"], events.payment_id_of(intent), events.intent_facts(intent))


def _declined(refused: CardRefused) -> IntentReading:
    intent = refused.intent
    fact = events.refusal_fact(intent, refused.error)
    return IntentReading(intent["id"], intent["status"], events.payment_id_of(intent), (fact,))


def _provider_event(event: Event) -> ProviderEvent:
    shape = event.to_dict(for_json=True)
    made_at = datetime.fromtimestamp(shape["created"], UTC)
    return ProviderEvent(shape["id"], shape["type"], made_at, json.dumps(shape).encode())

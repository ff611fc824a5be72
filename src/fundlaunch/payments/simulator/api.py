"""The API without its transport: a request with a method, a path and pairs of parameters; an answer with JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fundlaunch.payments.simulator import charges, customers, endpoints, events, intents, schemas, sessions
from fundlaunch.payments.simulator.book import API_VERSION, Book, Shape
from fundlaunch.payments.simulator.book import Request as Cause
from fundlaunch.payments.simulator.faults import Fault, FaultPlan
from fundlaunch.payments.simulator.idempotency import Keys, fingerprint
from fundlaunch.payments.simulator.listing import expanded
from fundlaunch.payments.simulator.parameters import Group, nested
from fundlaunch.payments.simulator.refusals import Refusal, no_such_path

Run = Callable[[Book, str, Shape], Shape]


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: what it takes, what it does. `is_list` leaves expansion to the list."""

    takes: Group
    run: Run
    is_list: bool = False


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "account"): Operation(schemas.ONLY_EXPAND, endpoints.read_account),
    ("POST", "customers"): Operation(schemas.CUSTOMER, customers.create),
    ("GET", "customers"): Operation(schemas.CUSTOMER_LIST, customers.list_customers, is_list=True),
    ("GET", "customers/*"): Operation(schemas.ONLY_EXPAND, customers.read),
    ("POST", "customers/*"): Operation(schemas.CUSTOMER, customers.update),
    ("POST", "payment_methods"): Operation(schemas.METHOD, customers.create_method),
    ("GET", "payment_methods"): Operation(schemas.METHOD_LIST, customers.list_methods, is_list=True),
    ("GET", "payment_methods/*"): Operation(schemas.ONLY_EXPAND, customers.read_method),
    ("POST", "payment_methods/*/attach"): Operation(schemas.ATTACH, customers.attach),
    ("POST", "payment_methods/*/detach"): Operation(schemas.ONLY_EXPAND, customers.detach),
    ("POST", "checkout/sessions"): Operation(schemas.SESSION, sessions.create),
    ("GET", "checkout/sessions"): Operation(schemas.SESSION_LIST, sessions.list_sessions, is_list=True),
    ("GET", "checkout/sessions/*"): Operation(schemas.ONLY_EXPAND, sessions.read),
    ("POST", "checkout/sessions/*/expire"): Operation(schemas.ONLY_EXPAND, sessions.expire),
    ("GET", "setup_intents"): Operation(schemas.SETUP_LIST, intents.list_setups, is_list=True),
    ("GET", "setup_intents/*"): Operation(schemas.ONLY_EXPAND, intents.read_setup),
    ("POST", "setup_intents/*"): Operation(schemas.DESCRIBED, intents.update_setup),
    ("POST", "payment_intents"): Operation(schemas.INTENT, intents.create),
    ("GET", "payment_intents"): Operation(schemas.INTENT_LIST, intents.list_intents, is_list=True),
    ("GET", "payment_intents/*"): Operation(schemas.ONLY_EXPAND, intents.read),
    ("POST", "payment_intents/*"): Operation(schemas.DESCRIBED, intents.update),
    ("POST", "payment_intents/*/confirm"): Operation(schemas.CONFIRM, intents.confirm),
    ("POST", "payment_intents/*/cancel"): Operation(schemas.CANCEL, intents.cancel),
    ("GET", "charges"): Operation(schemas.CHARGE_LIST, charges.list_charges, is_list=True),
    ("GET", "charges/*"): Operation(schemas.ONLY_EXPAND, charges.read),
    ("GET", "balance_transactions"): Operation(schemas.TRANSACTION_LIST, charges.list_transactions, is_list=True),
    ("GET", "balance_transactions/*"): Operation(schemas.ONLY_EXPAND, charges.read_transaction),
    ("POST", "refunds"): Operation(schemas.REFUND, charges.create_refund),
    ("GET", "refunds"): Operation(schemas.REFUND_LIST, charges.list_refunds, is_list=True),
    ("GET", "refunds/*"): Operation(schemas.ONLY_EXPAND, charges.read_refund),
    ("GET", "events"): Operation(schemas.EVENT_LIST, events.list_events, is_list=True),
    ("GET", "events/*"): Operation(schemas.ONLY_EXPAND, events.read),
    ("POST", "webhook_endpoints"): Operation(schemas.ENDPOINT, endpoints.create),
    ("GET", "webhook_endpoints"): Operation(schemas.UNDATED, endpoints.list_endpoints, is_list=True),
    ("GET", "webhook_endpoints/*"): Operation(schemas.ONLY_EXPAND, endpoints.read),
}
"""Every endpoint by method and path; * stands for an object's id."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the transport read it: header names in lower case, parameters in order."""

    method: str
    path: str
    pairs: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `is_dropped` tells the transport to close the connection instead."""

    status: int
    body: bytes
    headers: dict[str, str]
    is_dropped: bool = False


DROPPED = Answer(200, b"", {}, is_dropped=True)


class Api:
    """The endpoints over one book."""

    def __init__(self, book: Book, faults: FaultPlan) -> None:
        self.book = book
        self.keys = Keys(book)
        self._faults = faults

    def call(self, request: Request) -> Answer:
        """Carry out one request; whatever is wrong with it becomes an answer in Stripe's shape."""
        with self.book.lock:
            headers = {"Request-Id": self.book.new_id("req", 14), "Stripe-Version": API_VERSION}
            fault = self._faults.draw(request.path)
        try:
            return self._answered(request, headers, fault)
        except Refusal as refusal:
            return refused(refusal, headers)

    def _answered(self, request: Request, headers: dict[str, str], fault: Fault | None) -> Answer:
        if fault is Fault.DROP_BEFORE:
            return DROPPED
        if fault in {Fault.ERROR_BEFORE, Fault.TOO_MANY}:
            raise _trouble(fault)
        _authorise(request.headers)
        operation, name = _found(request)
        params = operation.takes.read(nested(request.pairs))
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        mark = fingerprint(request.method, request.path, request.pairs) if key else ""
        with self.book.lock:
            if key and (kept := self.keys.begin(key, mark)):
                replay = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
                return _answer(kept, headers | replay)
        with self.book.lock:
            self.book.request = Cause()
            sessions.expire_due(self.book)
            self.book.request = Cause(headers["Request-Id"], key or None)
            made = self._execute(operation, name, params, fault) | {"request": headers["Request-Id"]}
            if key:
                self.keys.finish(key, mark, made)
            self.book.flush()
        return DROPPED if fault is Fault.DROP_AFTER else _answer(made, headers)

    def _execute(self, operation: Operation, name: str, params: Shape, fault: Fault | None) -> Shape:
        """Run the endpoint; gives {"status", "body"}, a refusal included: from here on every answer is kept."""
        try:
            status, shape = 200, operation.run(self.book, name, params)
            if not operation.is_list:
                shape = expanded(self.book, shape, params.get("expand", ()))
        except Refusal as refusal:
            status, shape = refusal.status, refusal.body()
        if fault is Fault.ERROR_AFTER:
            trouble = _trouble(fault)
            status, shape = trouble.status, trouble.body()
        return {"status": status, "body": _dumped(shape)}


def _found(request: Request) -> tuple[Operation, str]:
    """The endpoint that a path names, and the id in it ('' if none)."""
    steps = request.path.removeprefix("/v1/").split("/") if request.path.startswith("/v1/") else []
    exact = OPERATIONS.get((request.method, "/".join(steps)))
    if exact is not None:
        return exact, ""
    for place in range(1, len(steps)):
        pattern = "/".join((*steps[:place], "*", *steps[place + 1 :]))
        if operation := OPERATIONS.get((request.method, pattern)):
            return operation, steps[place]
    raise no_such_path(request.method, request.path)


def _authorise(headers: Mapping[str, str]) -> None:
    """Only a test key opens the simulator, and only this version of the API is spoken."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise Refusal("You did not provide an API key. Use 'Authorization: Bearer YOUR_SECRET_KEY'.", status=401)
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Refusal(f"Invalid API Key provided: {key[:7]}****. The simulator takes test keys.", status=401)
    version = headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise Refusal(f"Invalid Stripe API version: {version}. The simulator speaks {API_VERSION}.")


def _trouble(fault: Fault) -> Refusal:
    if fault is Fault.TOO_MANY:
        return Refusal("Too many requests hit the API too quickly.", status=429, code="rate_limit")
    return Refusal("An unknown error occurred.", status=500, kind="api_error")


def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Answer:
    """A refusal as an answer."""
    return _answer({"status": refusal.status, "body": _dumped(refusal.body())}, dict(headers or {}))


def _answer(made: Shape, headers: dict[str, str]) -> Answer:
    return Answer(made["status"], made["body"].encode(), headers | {"Content-Type": "application/json"})


def _dumped(shape: Any) -> str:
    return json.dumps(shape, ensure_ascii=False)

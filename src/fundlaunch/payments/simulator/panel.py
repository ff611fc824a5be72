"""The panel: a look at the provider's side, with buttons that make it behave as real life does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.errors import N_, BadInput
from fundlaunch.money import Money
from fundlaunch.payments.simulator.book import Record, Shape
from fundlaunch.payments.simulator.cards import CARDS, Card
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.templates import Templates

SHOWN_MOST = 20
STEPS_SECONDS = (3_600, 24 * 3_600, 7 * 24 * 3_600)


@dataclass(frozen=True, slots=True)
class PanelHooks:
    """What the program around the simulator lets the panel do; what is left out is not shown.

    `campaigns` gives (slug, title) of those that can be ended, `travel` takes a number of seconds to go forward.
    """

    campaigns: Callable[[], list[tuple[str, str]]] | None = None
    end_campaign: Callable[[str], None] | None = None
    travel: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A checkout session in the panel's list; `page_url` is '' once it is over."""

    id: str
    mode: str
    status: str
    amount: Money | None
    email: str
    page_url: str


@dataclass(frozen=True, slots=True)
class IntentRow:
    """A payment intent in the panel's list; `reason` is the last decline, or ''."""

    id: str
    status: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund in the panel's list; while it is pending the bank has not said that it arrived."""

    id: str
    status: str
    amount: Money


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in the panel's list; `waiting` counts the endpoints that have not taken it."""

    id: str
    kind: str
    happened_at: datetime
    waiting: int


@dataclass(frozen=True, slots=True)
class PanelPage:
    """Everything the panel shows, newest first."""

    now: datetime
    sessions: tuple[SessionRow, ...]
    intents: tuple[IntentRow, ...]
    refunds: tuple[RefundRow, ...]
    events: tuple[EventRow, ...]
    cards: tuple[Card, ...]
    campaigns: tuple[tuple[str, str], ...]
    steps_seconds: tuple[int, ...]
    is_twice: bool
    is_shuffled: bool
    lose_next: int


class Panel:
    """Endpoints of the panel. Every button is one form with a field `act`."""

    def __init__(self, simulator: Simulator, templates: Templates, hooks: PanelHooks) -> None:
        self._simulator = simulator
        self._templates = templates
        self._hooks = hooks
        self._acts: dict[str, Callable[[Form], object]] = {
            "submit": self._submit,
            "expire": lambda form: simulator.expire_checkout(form.typed("session")),
            "agree": lambda form: simulator.confirm_bank(form.typed("intent")),
            "refuse": lambda form: simulator.refuse_bank(form.typed("intent")),
            "arrived": lambda form: simulator.end_refund(form.typed("refund"), arrived=True),
            "bounced": lambda form: simulator.end_refund(form.typed("refund"), arrived=False),
            "replay": lambda form: simulator.replay(form.typed("event")),
            "twice": lambda _form: simulator.courier.toggle_twice(),
            "shuffled": lambda _form: simulator.courier.toggle_shuffled(),
            "lose": lambda _form: simulator.courier.lose_one(),
            "end": self._end_campaign,
            "travel": self._travel,
        }

    def routes(self) -> list[Route]:
        """/panel, and / which leads there."""
        return [
            Route("/", lambda _request: RedirectResponse("/panel", 303), methods=["GET"]),
            Route("/panel", self.show, methods=["GET"]),
            Route("/panel", posted(self.act), methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """The lists and the buttons."""
        self._simulator.tick()
        return self._templates.render(request, "simulator/panel.html", policy=Policy.FLOW, page=self._view())

    def act(self, request: Request, form: Form) -> Response:
        """One button was pressed; what the provider refuses shows in the lists, so the answer is the panel again."""
        del request
        act = self._acts.get(form.typed("act"))
        if act is None:
            raise BadInput(N_("The panel has no such button. Reload the page and try again."))
        try:
            act(form)
        except Refusal as refusal:
            if refusal.status != 402:
                raise BadInput(
                    N_("The simulator refused: {reason} Reload the panel to see how things stand."),
                    reason=refusal.message,
                ) from refusal
        return RedirectResponse("/panel", 303)

    def _submit(self, form: Form) -> None:
        card = form.choice("card", CARDS)
        if form.is_valid:
            self._simulator.complete_checkout(form.typed("session"), card)

    def _end_campaign(self, form: Form) -> None:
        if self._hooks.end_campaign is not None:
            self._hooks.end_campaign(form.typed("campaign"))

    def _travel(self, form: Form) -> None:
        step = form.choice("seconds", [str(seconds) for seconds in STEPS_SECONDS])
        if self._hooks.travel is not None and step:
            self._hooks.travel(int(step))

    def _view(self) -> PanelPage:
        book, manners = self._simulator.book, self._simulator.courier.manners
        can_end = self._hooks.end_campaign is not None and self._hooks.campaigns is not None
        with book.lock:
            return PanelPage(
                now=book.clock.now(),
                sessions=tuple(self._session_row(record) for record in self._newest("checkout.session")),
                intents=tuple(_intent_row(record) for record in self._newest("payment_intent")),
                refunds=tuple(_refund_row(record) for record in self._newest("refund")),
                events=tuple(_event_row(record) for record in self._newest("event")),
                cards=tuple(CARDS.values()),
                campaigns=tuple(self._hooks.campaigns()) if can_end and self._hooks.campaigns else (),
                steps_seconds=STEPS_SECONDS if self._hooks.travel else (),
                is_twice=manners.is_twice,
                is_shuffled=manners.is_shuffled,
                lose_next=manners.lose_next,
            )

    def _newest(self, kind: str) -> list[Record]:
        shelf = self._simulator.book.shelf(kind)
        return [shelf.records[name] for name in shelf.order[: -SHOWN_MOST - 1 : -1]]

    def _session_row(self, record: Record) -> SessionRow:
        shape = record.shape
        customer = self._simulator.book.find(shape["customer"] or "")
        return SessionRow(
            id=record.id,
            mode=shape["mode"],
            status=shape["status"],
            amount=_money(shape, "amount_total") if shape["mode"] == "payment" else None,
            email=(customer.shape["email"] if customer else "") or "",
            page_url=shape["url"] or "",
        )


def _intent_row(record: Record) -> IntentRow:
    error = record.shape["last_payment_error"] or {}
    reason = error.get("decline_code") or error.get("code") or ""
    return IntentRow(record.id, record.shape["status"], _money(record.shape, "amount"), reason)


def _refund_row(record: Record) -> RefundRow:
    return RefundRow(record.id, record.shape["status"], _money(record.shape, "amount"))


def _event_row(record: Record) -> EventRow:
    shape = record.shape
    happened_at = datetime.fromtimestamp(shape["created"], UTC)
    return EventRow(record.id, shape["type"], happened_at, shape["pending_webhooks"])


def _money(shape: Shape, name: str) -> Money:
    return Money(shape[name], shape["currency"].upper())

"""The hosted pages: where a backer saves a card or pays, and where the bank asks. They work without scripts."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.errors import N_, NotFound
from fundlaunch.money import Money
from fundlaunch.payments.simulator.book import Record, Shape
from fundlaunch.payments.simulator.cards import CARDS, Card
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.templates import Templates

PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for."""

    title: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """A session as its page shows it. `amount` is None when a card is only saved. Addresses may be ''."""

    address: str
    status: str
    email: str
    amount: Money | None
    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    back_url: str
    done_url: str
    decline: str


@dataclass(frozen=True, slots=True)
class BankPage:
    """What the bank asks: is this charge yours?"""

    address: str
    amount: Money
    last4: str


class HostedPages:
    """Endpoints over one simulator."""

    def __init__(self, simulator: Simulator, templates: Templates) -> None:
        self._simulator = simulator
        self._templates = templates

    def routes(self) -> list[Route]:
        """/c/pay/{session} and /bank/{intent}."""
        return [
            Route("/c/pay/{session}", self.show, methods=["GET"]),
            Route("/c/pay/{session}", posted(self.submit), methods=["POST"]),
            Route("/bank/{intent}", self.show_bank, methods=["GET"]),
            Route("/bank/{intent}", posted(self.answer_bank), methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """The page of a session in whatever state it is."""
        return self._page(request, self._session(request), None)

    def submit(self, request: Request, form: Form) -> Response:
        """The button was pressed: save the card or pay with it."""
        session = self._session(request)
        card = form.choice("card", CARDS)
        if not form.is_valid:
            return self._page(request, session, form, 422)
        try:
            shape = self._simulator.complete_checkout(session.id, card)
        except Refusal as refusal:
            if session.shape["status"] == "complete":  # the button was pressed twice
                return _see(_done_url(session.shape))
            return self._page(request, self._session(request), None, refusal.status)
        if shape["status"] == "complete":
            return _see(_done_url(shape))
        return _see(f"/bank/{session.hidden['intent']}")

    def show_bank(self, request: Request) -> Response:
        """The bank's question, or onward when it is not asking any more."""
        intent = self._intent(request)
        if intent.shape["status"] != "requires_action":
            return _see(self._after_bank(intent))
        method = self._simulator.book.get("payment_method", intent.shape["payment_method"])
        page = BankPage(request.url.path, _money(intent.shape, "amount"), method.shape["card"]["last4"])
        return self._templates.render(request, "simulator/bank.html", page=page)

    def answer_bank(self, request: Request, form: Form) -> Response:
        """The card's owner agreed or refused; either way back to where the payment came from."""
        intent = self._intent(request)
        if form.choice("answer", ("agree", "refuse")) and intent.shape["status"] == "requires_action":
            act = self._simulator.confirm_bank if form.typed("answer") == "agree" else self._simulator.refuse_bank
            act(intent.id)
        return _see(self._after_bank(intent))

    def _after_bank(self, intent: Record) -> str:
        session = self._simulator.book.find(intent.hidden.get("session", ""))
        if session is None:
            return str(intent.hidden.get("return_url") or "/panel")
        if session.shape["status"] == "complete":
            return _done_url(session.shape)
        return f"/c/pay/{session.id}"

    def _page(self, request: Request, session: Record, form: Form | None, status_code: int = 200) -> Response:
        page = self._view(request, session)
        return self._templates.render(request, "simulator/checkout.html", status_code, page=page, form=form)

    def _view(self, request: Request, session: Record) -> CheckoutPage:
        shape = session.shape
        customer = self._simulator.book.find(shape["customer"] or "")
        intent = self._simulator.book.find(session.hidden.get("intent", ""))
        error = intent.shape["last_payment_error"] if intent else None
        return CheckoutPage(
            address=request.url.path,
            status=shape["status"],
            email=(customer.shape["email"] if customer else shape["customer_email"]) or "",
            amount=_money(shape, "amount_total") if shape["mode"] == "payment" else None,
            lines=tuple(_line(line) for line in session.hidden.get("lines", ())),
            cards=tuple(CARDS.values()),
            back_url=shape["cancel_url"] or "",
            done_url=_done_url(shape) if shape["status"] == "complete" else "",
            decline=_said(error) if error else "",
        )

    def _session(self, request: Request) -> Record:
        self._simulator.tick()
        found = self._simulator.book.shelf("checkout.session").records.get(request.path_params["session"])
        if found is None:
            raise NotFound(N_("There is no payment page at this address. Go back to the shop and start again."))
        _speak(request, found)
        return found

    def _intent(self, request: Request) -> Record:
        found = self._simulator.book.shelf("payment_intent").records.get(request.path_params["intent"])
        if found is None:
            raise NotFound(N_("The bank has no question at this address. Go back to the shop and start again."))
        if session := self._simulator.book.find(found.hidden.get("session", "")):
            _speak(request, session)
        return found


def _speak(request: Request, session: Record) -> None:
    """The page speaks the session's language, unless the visitor asks for another."""
    if session.shape["locale"] in i18n.LANGUAGES:
        request.state.language = session.shape["locale"]


def _money(shape: Shape, name: str) -> Money:
    return Money(shape[name], shape["currency"].upper())


def _line(line: Shape) -> Line:
    return Line(line["title"], line["quantity"], _money(line, "amount"))


def _done_url(session: Shape) -> str:
    return str(session["success_url"]).replace(PLACEHOLDER, session["id"])


_DECLINES = {
    "insufficient_funds": N_("The card has not enough money. Nothing was charged; try another card."),
    "lost_card": N_("The card was reported lost. Nothing was charged; try another card."),
    "payment_intent_authentication_failure": N_("The bank did not confirm it. Nothing was charged; try again."),
}
_DECLINED = N_("The card was declined. Nothing was charged; try another card.")


def _said(error: Shape) -> str:
    """A decline as a sentence for the page (English; the template translates it)."""
    return _DECLINES.get(error.get("decline_code") or error["code"], _DECLINED)


def _see(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)

"""The way to the provider's pages and back: the shell around the actions that needs the gateway.

Each call to the provider stands between two transactions: what is wanted is committed before it, what came of it after.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from fundlaunch.campaigns.notices import campaign_words
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.errors import N_, CampaignClosed, Conflict, OutOfReach
from fundlaunch.payments.facts import CheckoutExpired, Fact
from fundlaunch.payments.gateway import CardCheckout, Gateway, PaymentCheckout, ProviderRefused
from fundlaunch.payments.states import (
    CHECKOUT,
    CheckoutEvent,
    CheckoutPurpose,
    CheckoutState,
    PaymentEvent,
    PaymentState,
)
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges import charges, rows
from fundlaunch.pledges.actions import Started, start_checkout_again
from fundlaunch.pledges.endings import MISSING, cancel_for_good, end_checkout
from fundlaunch.pledges.learning import learn
from fundlaunch.pledges.states import IN_RECOVERY
from fundlaunch.pledges.tables import Pledge
from fundlaunch.pledges.wanted import current_payment, new_checkout

FIX_LEASE_SECONDS = 120
"""How long the worker keeps its hands off a pledge whose backer is on the way to a payment page."""


@dataclass(frozen=True)
class Desk:
    """Sends backers to the provider's pages and asks what became of them. `base_url` is the site's own address."""

    database: Database
    gateway: Gateway
    base_url: str
    clock: Clock

    def send_to_checkout(self, started: Started) -> str:
        """The address of the provider's page for a started pledge; the same page when asked again.

        Raises CampaignClosed if closing was faster, Conflict if the checkout has ended, ProviderOutOfReach (the pledge
        and its held units stay; asking again is safe).
        """
        with self.database.reading() as session:
            checkout = session.get_one(Checkout, started.checkout_id)
            pledge = session.get_one(Pledge, started.pledge_id)
        if checkout.status is CheckoutState.OPEN and checkout.url:
            return checkout.url
        if checkout.status is not CheckoutState.INTENDED:
            raise Conflict(N_("This checkout has ended. Open your pledge's page to see where it stands."))
        customer = pledge.customer or self._customer(pledge)
        if checkout.purpose is CheckoutPurpose.PAY_NOW:
            return self._open_payment(checkout)
        opened = self.gateway.open_card_checkout(
            CardCheckout(
                checkout_id=checkout.id,
                pledge_id=pledge.id,
                customer=customer,
                currency=pledge.currency,
                language=pledge.language,
                success_url=self._page(pledge, "thanks"),
                cancel_url=self._page(pledge, "resume"),
                expires_at=checkout.expires_at,
            )
        )
        self._opened(checkout.id, opened.session, opened.url)
        return opened.url

    def send_again(self, token: str) -> str:
        """The page of a checkout that was left; raises as `actions.start_checkout_again` and `send_to_checkout` do."""
        with self.database.transaction() as session:
            started = start_checkout_again(session, token, self.clock.now())
        return self.send_to_checkout(started)

    def look(self, token: str) -> None:
        """Ask the provider about the newest checkout of a pledge and apply what it says (the return page).

        The provider out of reach is no error here: the webhook or the sweeper will tell.
        """
        with self.database.reading() as session:
            pledge = rows.glance(session, token)
            checkout = _newest(session, pledge.id, CheckoutState.OPEN)
        if checkout is None or checkout.session is None:
            return
        try:
            reading = self.gateway.read_checkout(checkout.session)
        except OutOfReach:
            return
        self._learn(reading.facts)

    def fix(self, token: str) -> str:
        """A payment page for a failed charge: a new card and a bank's confirmation alike.

        The old intent is canceled at the provider first, so that only one can ever succeed. Raises NotFound, Conflict
        (nothing to fix, or being charged this moment), ProviderOutOfReach.
        """
        old, customer = self._hold_for_fix(token)
        if old is not None and old.is_checkout:
            url = self._still_open(old)
            if url:
                return url
        elif old is not None:
            self._learn(cancel_for_good(self.gateway, old, customer))
        checkout = self._want_payment(token)
        try:
            return self._open_payment(checkout)
        except ProviderRefused as refused:
            if refused.code != MISSING:
                raise
        # The customer was deleted at the provider: the page is wanted again, for a new one.
        self._learn((CheckoutExpired(session="", checkout_id=checkout.id),))
        self._replace_customer(token)
        return self._open_payment(self._want_payment(token))

    def _customer(self, pledge: Pledge) -> str:
        customer = self.gateway.make_customer(key=pledge.id, email=pledge.email, name=pledge.name, pledge_id=pledge.id)
        with self.database.transaction() as session:
            fresh = rows.by_id(session, pledge.id)
            fresh.customer = fresh.customer or customer
            session.add(fresh)
        return customer

    def _replace_customer(self, token: str) -> None:
        with self.database.reading() as session:
            old = rows.glance(session, token)
        key = f"{old.id}:{old.version}"
        customer = self.gateway.make_customer(key=key, email=old.email, name=old.name, pledge_id=old.id)
        with self.database.transaction() as session:
            pledge = rows.by_token(session, token)
            pledge.customer = customer
            session.add(pledge)

    def _opened(self, checkout_id: str, provider_session: str, url: str) -> None:
        with self.database.transaction() as session:
            checkout = session.get_one(Checkout, checkout_id)
            rows.by_id(session, checkout.pledge_id)
            session.refresh(checkout)
            checkout.status = CHECKOUT.move(checkout.status, CheckoutEvent.OPENED)
            checkout.session = provider_session
            checkout.url = url
            session.add(checkout)
            closed = checkout.status is CheckoutState.EXPIRED
            payment = session.get(Payment, checkout.payment_id) if checkout.payment_id else None
            if payment is not None and payment.status is PaymentState.INTENDED:
                charges.move(session, payment, PaymentEvent.CREATED)
        if closed:
            # Closing gave this checkout up while it was being opened: nobody may save a card there now.
            self._learn(self.gateway.expire_checkout(provider_session).facts)
            raise CampaignClosed(N_("This campaign has just ended and takes no pledges any more."))

    def _hold_for_fix(self, token: str) -> tuple[Payment | None, str]:
        now = self.clock.now()
        with self.database.transaction() as session:
            pledge = rows.by_token(session, token)
            if pledge.status not in IN_RECOVERY or pledge.window_ends_at is None or now >= pledge.window_ends_at:
                raise Conflict(N_("There is nothing to pay for this pledge now. Its page says how it stands."))
            if session.get_one(Campaign, pledge.campaign_id).status is not CampaignState.SUCCESSFUL:
                raise Conflict(N_("This campaign was stopped and charges nobody any more."))
            payment = current_payment(session, pledge.id)
            if pledge.lease_until is not None and now < pledge.lease_until and not (payment and payment.is_checkout):
                raise Conflict(N_("Your card is being tried this very moment. Look again in a minute."))
            pledge.lease_until = now + timedelta(seconds=FIX_LEASE_SECONDS)
            session.add(pledge)
            return payment, pledge.customer

    def _still_open(self, payment: Payment) -> str:
        """The page that was opened for this payment, if it still takes money; '' once it is over."""
        with self.database.reading() as session:
            checkout = session.exec(select(Checkout).where(Checkout.payment_id == payment.id)).one()
            customer = session.get_one(Pledge, payment.pledge_id).customer
        if checkout.is_stale(self.clock.now()):
            self._learn(end_checkout(self.gateway, checkout, customer))
            return ""
        if checkout.status is CheckoutState.INTENDED:
            return self._open_payment(checkout)
        assert checkout.session is not None  # noqa: S101 - only a page that was opened can still take money
        reading = self.gateway.read_checkout(checkout.session)
        self._learn(reading.facts)
        return reading.url if reading.status == "open" else ""

    def _want_payment(self, token: str) -> Checkout:
        now = self.clock.now()
        with self.database.transaction() as session:
            pledge = rows.by_token(session, token)
            if pledge.status not in IN_RECOVERY:
                raise Conflict(N_("There is nothing to pay for this pledge now. Its page says how it stands."))
            if current_payment(session, pledge.id) is not None:
                # The provider could not cancel the old charge: it is still under way there.
                raise Conflict(N_("Your card is being tried this very moment. Look again in a minute."))
            return new_checkout(session, pledge, CheckoutPurpose.FIX_PAYMENT, now)

    def _open_payment(self, checkout: Checkout) -> str:
        with self.database.reading() as session:
            pledge = session.get_one(Pledge, checkout.pledge_id)
            campaign = session.get_one(Campaign, checkout.campaign_id)
            payment = session.get_one(Payment, checkout.payment_id)
        is_first = checkout.purpose is CheckoutPurpose.PAY_NOW
        opened = self.gateway.open_payment_checkout(
            PaymentCheckout(
                checkout_id=checkout.id,
                pledge_id=pledge.id,
                payment_id=payment.id,
                customer=pledge.customer,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                title=campaign_words(campaign, pledge.language)["title"],
                language=pledge.language,
                success_url=self._page(pledge, "thanks"),
                cancel_url=self._page(pledge, "resume" if is_first else "fix"),
                expires_at=checkout.expires_at,
                # Only a failed charge may have to be tried again without its backer.
                keeps_card=not is_first,
            )
        )
        self._opened(checkout.id, opened.session, opened.url)
        return opened.url

    def _learn(self, facts: tuple[Fact, ...]) -> None:
        learn(self.database, facts, self.clock.now())

    def _page(self, pledge: Pledge, name: str) -> str:
        return f"{self.base_url}/pledges/{pledge.token}/{name}?lang={pledge.language}"


def _newest(session: Session, pledge_id: str, status: CheckoutState) -> Checkout | None:
    statement = select(Checkout).where(Checkout.pledge_id == pledge_id, Checkout.status == status)
    return session.exec(statement.order_by(col(Checkout.created_at).desc())).first()

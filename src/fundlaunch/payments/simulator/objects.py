"""The shapes of Stripe's objects in API 2026-10-28.endive, as far as this program meets them.

Each function gives a new object with every field of its kind; fields that never carry anything here are null. Times
are whole seconds since 1970, amounts whole minor units, currencies lower case.
"""

from typing import Any

from fundlaunch.payments.simulator.book import ACCOUNT, API_VERSION, Shape
from fundlaunch.payments.simulator.cards import Card, Decline

NOBODY: Shape = {
    "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    "email": None,
    "name": None,
    "phone": None,
}
CARD_EXPIRY_MONTH = 12
CARD_EXPIRY_YEAR = 2034


def _shape(kind: str, name: str, created: int, empty: str, /, **known: Any) -> Shape:
    return {"id": name, "object": kind, "created": created, **dict.fromkeys(empty.split()), **known}


def account() -> Shape:
    """The account that all keys belong to."""
    return {
        "id": ACCOUNT,
        "object": "account",
        "business_type": "individual",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": 0,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "simulator@example.org",
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def customer(name: str, created: int, /, **known: Any) -> Shape:
    empty = "address currency default_source description discount email name phone shipping test_clock"
    fixed = {
        "balance": 0,
        "delinquent": False,
        "invoice_prefix": name[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    return _shape("customer", name, created, empty, **(fixed | known))


def payment_method(name: str, created: int, card: Card, /, *, fingerprint: str, **known: Any) -> Shape:
    fixed = {
        "allow_redisplay": "limited",
        "billing_details": NOBODY | {"tax_id": None},
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": card.brand,
            "exp_month": CARD_EXPIRY_MONTH,
            "exp_year": CARD_EXPIRY_YEAR,
            "fingerprint": fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return _shape("payment_method", name, created, "customer customer_account", **(fixed | known))


def setup_intent(name: str, created: int, /, *, secret: str, **known: Any) -> Shape:
    empty = (
        "application automatic_payment_methods cancellation_reason customer description excluded_payment_method_types "
        "flow_directions last_setup_error latest_attempt mandate next_action on_behalf_of payment_method "
        "payment_method_configuration_details single_use_mandate"
    )
    fixed = {
        "client_secret": f"{name}_secret_{secret}",
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card", "link"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    return _shape("setup_intent", name, created, empty, **(fixed | known))


def payment_intent(name: str, created: int, /, *, secret: str, **known: Any) -> Shape:
    empty = (
        "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason customer "
        "customer_account description excluded_payment_method_types last_payment_error latest_charge next_action "
        "on_behalf_of payment_method payment_method_configuration_details processing receipt_email review "
        "setup_future_usage shipping source statement_descriptor statement_descriptor_suffix transfer_data "
        "transfer_group"
    )
    fixed = {
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": f"{name}_secret_{secret}",
        "confirmation_method": "automatic",
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card", "link"],
        "status": "requires_payment_method",
    }
    return _shape("payment_intent", name, created, empty, **(fixed | known))


def charge(name: str, intent: Shape, method: Shape, created: int, decline: Decline | None) -> Shape:
    """The try to take the money of `intent` from `method`; it failed if there is a decline."""
    empty = (
        "application application_fee application_fee_amount balance_transaction failure_balance_transaction "
        "on_behalf_of receipt_email receipt_number receipt_url refunds review shipping source source_transfer "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
    )
    paid = decline is None
    return _shape(
        "charge",
        name,
        created,
        empty,
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="SIMULATOR",
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        fraud_details={},
        livemode=False,
        metadata=dict(intent["metadata"]),
        outcome=_outcome(decline),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_card_details(intent["amount"], method["card"]),
        refunded=False,
        status="succeeded" if paid else "failed",
    )


def _outcome(decline: Decline | None) -> Shape:
    if decline is None:
        said = {"network_status": "approved_by_network", "seller_message": "Payment complete.", "type": "authorized"}
    else:
        said = {"network_status": "declined_by_network", "seller_message": decline.message, "type": "issuer_declined"}
    advice = decline.advice_code or None if decline else None
    reason = decline.decline_code or None if decline else None
    unsaid = {"network_advice_code": None, "network_decline_code": None}
    return {"advice_code": advice, "reason": reason, **unsaid, **said}


def _card_details(amount: int, card: Shape) -> Shape:
    known = {name: card[name] for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint")}
    known |= {name: card[name] for name in ("funding", "last4", "regulated_status", "wallet")}
    empty = dict.fromkeys(("installments", "mandate", "three_d_secure", "authorization_code"))
    return {"type": "card", "card": {"amount_authorized": amount, "network": card["brand"], **known, **empty}}


def balance_transaction(name: str, created: int, /, **known: Any) -> Shape:
    fixed = {"available_on": created, "exchange_rate": None, "status": "available", "balance_type": "payments"}
    return _shape("balance_transaction", name, created, "description", **(fixed | known))


def refund(name: str, created: int, /, **known: Any) -> Shape:
    empty = "customer customer_account reason receipt_number source_transfer_reversal transfer_reversal"
    fixed = {"destination_details": {"card": {"type": "refund"}, "type": "card"}, "metadata": {}, "status": "succeeded"}
    return _shape("refund", name, created, empty, **(fixed | known))


def session(name: str, created: int, /, **known: Any) -> Shape:
    empty = (
        "after_expiration allow_promotion_codes amount_subtotal amount_total billing_address_collection cancel_url "
        "client_reference_id client_secret collected_information consent consent_collection currency "
        "currency_conversion customer customer_account customer_creation customer_details customer_email discounts "
        "integration_identifier invoice invoice_creation locale origin_context payment_intent payment_link "
        "payment_method_collection payment_method_configuration_details permissions recovered_from "
        "saved_payment_method_options setup_intent shipping_address_collection shipping_cost submit_type subscription "
        "success_url total_details url wallet_options"
    )
    fixed = {
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "livemode": False,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card", "link"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
    }
    return _shape("checkout.session", name, created, empty, **(fixed | known))


def event(name: str, created: int, kind: str, snapshot: Shape, /, **known: Any) -> Shape:
    fixed = {"api_version": API_VERSION, "data": {"object": snapshot}, "livemode": False, "type": kind}
    return _shape("event", name, created, "", **(fixed | known))


def webhook_endpoint(name: str, created: int, /, **known: Any) -> Shape:
    fixed = {"livemode": False, "metadata": {}, "status": "enabled"}
    return _shape("webhook_endpoint", name, created, "api_version application description", **(fixed | known))


def page(address: str, data: list[Shape], *, has_more: bool) -> Shape:
    """One page of a list."""
    return {"object": "list", "url": address, "has_more": has_more, "data": data}

"""Which parameters each endpoint takes, with their kinds: the part of API 2026-10-28.endive that is simulated.

Names that the real API has but this program never sends are left out on purpose; they are refused as unknown.
"""

from fundlaunch.payments.simulator.listing import EXPAND, PAGE, UNDATED_PAGE
from fundlaunch.payments.simulator.parameters import (
    Address,
    Choice,
    Flag,
    Group,
    Kind,
    Many,
    Metadata,
    Text,
    Whole,
)

WANTED_EVENTS_MOST = 300
TYPES_MOST = 20
LINE_ITEMS_MOST = 100

METHOD_TYPES = Many(Choice(("card", "link")))
RETIRED = {"payment_method_types": "payment_method_types_no_longer_supported"}
LOCALES = Choice(
    (
        *("auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA"),
        *("hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR"),
        *("ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW"),
    )
)
USAGE = Choice(("off_session", "on_session"))
POSTAL: dict[str, Kind] = {
    name: Text(clearable=True) for name in ("city", "country", "line1", "line2", "postal_code", "state")
}

ONLY_EXPAND = Group(EXPAND)
UNDATED = Group(UNDATED_PAGE)

CUSTOMER = Group(
    {
        "address": Group(POSTAL),
        "description": Text(clearable=True),
        "email": Text(512, clearable=True),
        "metadata": Metadata(),
        "name": Text(256, clearable=True),
        "phone": Text(20, clearable=True),
        "preferred_locales": Many(Text(20)),
        **EXPAND,
    }
)
CUSTOMER_LIST = Group({"email": Text(512), **PAGE})

METHOD = Group(
    {
        "type": Choice(("card",)),
        "card": Group(
            {"number": Text(30), "exp_month": Whole(1, 12), "exp_year": Whole(2000, 2100), "cvc": Text(4)},
            ("number",),
        ),
        "metadata": Metadata(),
        **EXPAND,
    },
    ("type",),
)
METHOD_LIST = Group({"customer": Text(), "type": Choice(("card", "link")), **UNDATED_PAGE})
ATTACH = Group({"customer": Text(), **EXPAND}, ("customer",))

_LINE_ITEM = Group(
    {
        "price_data": Group(
            {
                "currency": Text(3),
                "product_data": Group(
                    {"name": Text(), "description": Text(), "images": Many(Address(), 8), "metadata": Metadata()},
                    ("name",),
                ),
                "unit_amount": Whole(0),
            },
            ("currency", "product_data", "unit_amount"),
        ),
        "quantity": Whole(1),
    },
    ("price_data",),
)
SESSION = Group(
    {
        "adaptive_pricing": Group({"enabled": Flag()}),
        "allowed_payment_method_types": METHOD_TYPES,
        "cancel_url": Address(),
        "client_reference_id": Text(200),
        "currency": Text(3),
        "customer": Text(),
        "customer_email": Text(512),
        "expires_at": Whole(),
        "line_items": Many(_LINE_ITEM, LINE_ITEMS_MOST),
        "locale": LOCALES,
        "metadata": Metadata(),
        "mode": Choice(("payment", "setup")),
        "payment_intent_data": Group(
            {
                "description": Text(1_000),
                "metadata": Metadata(),
                "setup_future_usage": USAGE,
                "receipt_email": Text(512),
            }
        ),
        "setup_intent_data": Group({"description": Text(1_000), "metadata": Metadata()}),
        "submit_type": Choice(("auto", "book", "donate", "pay")),
        "success_url": Address(),
        "ui_mode": Choice(("hosted_page",)),
        **EXPAND,
    },
    ("mode",),
    RETIRED,
)
SESSION_LIST = Group(
    {
        "customer": Text(),
        "payment_intent": Text(),
        "status": Choice(("complete", "expired", "open")),
        **PAGE,
    }
)

SETUP_LIST = Group({"customer": Text(), **PAGE})
DESCRIBED = Group({"description": Text(1_000, clearable=True), "metadata": Metadata(), **EXPAND}, retired=RETIRED)

_CONFIRMING: dict[str, Kind] = {
    "allowed_payment_method_types": METHOD_TYPES,
    "error_on_requires_action": Flag(),
    "excluded_payment_method_types": Many(Text(40)),
    "off_session": Choice(("true", "false", "one_off", "recurring")),
    "payment_method": Text(),
    "return_url": Address(),
    "receipt_email": Text(512, clearable=True),
    "setup_future_usage": USAGE,
    **EXPAND,
}
INTENT = Group(
    {
        "amount": Whole(1),
        "automatic_payment_methods": Group(
            {"allow_redirects": Choice(("always", "never")), "enabled": Flag()}, ("enabled",)
        ),
        "capture_method": Choice(("automatic", "automatic_async")),
        "confirm": Flag(),
        "currency": Text(3),
        "customer": Text(),
        "description": Text(1_000),
        "metadata": Metadata(),
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        **_CONFIRMING,
    },
    ("amount", "currency"),
    RETIRED,
)
INTENT_LIST = Group({"customer": Text(), **PAGE})
CONFIRM = Group(_CONFIRMING, retired=RETIRED)
CANCEL = Group(
    {
        "cancellation_reason": Choice(("abandoned", "duplicate", "fraudulent", "requested_by_customer")),
        **EXPAND,
    }
)

CHARGE_LIST = Group({"customer": Text(), "payment_intent": Text(), **PAGE})
TRANSACTION_LIST = Group({"currency": Text(3), "source": Text(), "type": Text(40), **PAGE})
REFUND = Group(
    {
        "amount": Whole(1),
        "charge": Text(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
        **EXPAND,
    }
)
REFUND_LIST = Group({"charge": Text(), "payment_intent": Text(), **PAGE})
EVENT_LIST = Group({"delivery_success": Flag(), "type": Text(100), "types": Many(Text(100), TYPES_MOST), **PAGE})
ENDPOINT = Group(
    {
        "api_version": Text(40),
        "description": Text(clearable=True),
        "enabled_events": Many(Text(100), WANTED_EVENTS_MOST),
        "metadata": Metadata(),
        "url": Address(),
        **EXPAND,
    },
    ("enabled_events", "url"),
)

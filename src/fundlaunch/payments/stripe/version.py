"""The version of Stripe's API that this program speaks: pinned here and at the webhook endpoint."""

API_VERSION = "2026-10-28.endive"

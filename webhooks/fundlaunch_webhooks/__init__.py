"""Receives the payment provider's webhooks: bound, verify, keep, acknowledge. It stands alone and knows no campaign."""

from fundlaunch_webhooks.receiver import Delivery, Receiver

__all__ = ["Delivery", "Receiver"]

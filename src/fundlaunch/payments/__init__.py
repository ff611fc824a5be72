"""Payments: the gateway protocol, the life of a payment, the pace of calls. payments/stripe speaks Stripe."""

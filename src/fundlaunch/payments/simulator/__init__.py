"""A local stand-in for Stripe: the part of its API that this program uses, with a hosted checkout page and webhooks.

It answers as API version 2026-10-28.endive does, keeps its own books, and knows nothing of campaigns. The demo, the
rehearsal, the tests and the load runs talk to it over HTTP exactly as they would to Stripe. Start with
`machine.Simulator` (in the same process) or `server.Served` (at an address of its own).
"""

"""Campaigns: goals, tiers, items, add-ons, stretch goals, shipping, the pitch, campaign files."""

"""Pledges: what backers promise, the stock they hold, and how it is collected."""

"""What visitors may do before a launch, and how much of it. Pure."""

from datetime import timedelta

NAME_LIMIT = 120
REMARK_LIMIT = 2000
MOST_REMARKS = 1000
"""Remarks on one draft; nobody reads more, and anybody with the link could go on for ever."""

LIMIT_WINDOW = timedelta(hours=1)
KEEP_POSTS = timedelta(days=1)
"""How long it is kept what visitors sent from where: it serves the limits only."""

KEEP_UNCONFIRMED = timedelta(days=30)
"""How long an address waits to be confirmed before it is forgotten."""

TOLD_AT_ONCE = 100
"""Followers told in one transaction after a launch."""

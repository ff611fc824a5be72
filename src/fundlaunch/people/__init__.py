"""People: accounts, sign-in, roles, sessions."""

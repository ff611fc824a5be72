"""The creator's studio: what a campaign says, how it stands, who backs it."""

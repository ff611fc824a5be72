"""Editing a campaign in sections: each is a form of its own that writes and reads its part of the draft."""

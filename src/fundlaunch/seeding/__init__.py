"""Campaigns and pledges that begin life with a saved card: loaded from a file, or planted by the demo."""

from fundlaunch.seeding.files import Loaded, seed_file

__all__ = ["Loaded", "seed_file"]

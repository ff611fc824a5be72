"""What a campaign can be about: one category of these, or none. Pure.

They are those of the field's best known site, so that people look where they are used to look.
"""

from collections.abc import Mapping

from fundlaunch.errors import N_

CATEGORIES: Mapping[str, str] = {
    "art": N_("Art"),
    "comics": N_("Comics"),
    "crafts": N_("Crafts"),
    "dance": N_("Dance"),
    "design": N_("Design"),
    "fashion": N_("Fashion"),
    "film": N_("Film & video"),
    "food": N_("Food"),
    "games": N_("Games"),
    "journalism": N_("Journalism"),
    "music": N_("Music"),
    "photography": N_("Photography"),
    "publishing": N_("Publishing"),
    "technology": N_("Technology"),
    "theater": N_("Theater"),
}
"""What stands in the address and in campaign files, and the name to translate."""


def name(category: str) -> str:
    """The name of a category, to be translated; '' for none and for one that is not known."""
    return CATEGORIES.get(category, "")

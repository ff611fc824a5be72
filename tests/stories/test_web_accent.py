"""A campaign's colour is refused when its text could not be read, in the light and in the dark."""

import pytest

from fundlaunch.errors import BadInput
from fundlaunch.web import accent, assets


@pytest.mark.parametrize("colour", ["#1f3fd0", "#1f6b43", "#A03030", "#e0912f", "#000000", "#5b2a86", "#ffb000"])
def test_a_readable_colour_is_kept_in_small_letters(colour: str) -> None:
    assert accent.check(colour) == colour.lower()


@pytest.mark.parametrize("colour", ["#ffffff", "#fffbe0", "#f4f4f4"])
def test_a_colour_that_vanishes_on_white_is_refused(colour: str) -> None:
    with pytest.raises(BadInput, match="too light"):
        accent.check(colour)


def test_a_colour_on_which_neither_white_nor_black_reads_well_is_refused() -> None:
    with pytest.raises(BadInput, match="Neither white nor black"):
        accent.check("#7b7b7b")


@pytest.mark.parametrize("typed", ["", "red", "#fff", "#12345g", "1f3fd0", "#1f3fd0;}", "#1f3fd0\n", "#１f3fd0"])
def test_anything_but_six_digits_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="six digits"):
        accent.check(typed)


def test_contrast_is_that_of_the_standard() -> None:
    assert round(accent.contrast("#ffffff", "#000000"), 1) == 21.0
    assert round(accent.contrast("#777777", "#ffffff"), 2) == 4.48
    assert accent.contrast("#123456", "#123456") == 1.0


def test_every_accepted_colour_can_be_read_in_both_themes() -> None:
    accepted = 0
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            for blue in range(0, 256, 51):
                colour = f"#{red:02x}{green:02x}{blue:02x}"
                try:
                    accent.check(colour)
                except BadInput:
                    continue
                accepted += 1
                assert accent.contrast(accent.text_on(colour), colour) >= accent.TEXT_CONTRAST
                assert accent.readable_in_the_dark(colour)
    assert accepted > 100


def test_the_style_sheet_sets_colour_and_text() -> None:
    assert accent.style_sheet("#1f3fd0") == (
        "@layer tokens{:root{--accent:#1f3fd0;--on-fill:light-dark(#ffffff,#050608)}}\n"
    )


def test_the_address_of_an_accent_holds_nothing_but_the_colour() -> None:
    assert assets.accent_url("#1F3FD0") == assets.accent_url("#1f3fd0")

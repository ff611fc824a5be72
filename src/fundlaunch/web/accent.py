"""A campaign's one colour: may it be used, which text stands on it, and the style sheet that sets it.

The style sheet of the house derives everything from the accent in OKLCH, for a light and a dark page; the same sums are
done here, so that a colour that cannot be read is refused when it is saved. Contrast is WCAG 2.2's (1.4.3, 1.4.11);
OKLCH is Björn Ottosson's (https://bottosson.github.io/posts/oklab/).
"""

import math
import re

from fundlaunch.errors import N_, BadInput

PAPER_LIGHT = "#ffffff"
INK = "#050608"
WHITE = "#ffffff"
TEXT_CONTRAST = 4.5
LINE_CONTRAST = 3.0
FILL_CONTRAST = 1.5
"""A button's ground must be told from the page; its word, not its edge, carries the meaning."""

DARK_FILL_LIGHTNESS = 0.66
LIGHT_LINE_LIGHTNESS = 0.58
HOVER_STEP = 0.06

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def written(accent: str) -> str:
    """A colour as it is kept, '#rrggbb' in small letters; raises BadInput for anything else."""
    if not _COLOUR.fullmatch(accent):
        raise BadInput(N_("Write the colour as # and six digits, for example #2457d6."), field="accent")
    return accent.lower()


def check(accent: str) -> str:
    """The colour as it is kept; raises BadInput with what to choose instead if it cannot be read."""
    colour = written(accent)
    if contrast(colour, PAPER_LIGHT) < FILL_CONTRAST:
        raise BadInput(N_("This colour is too light to be seen on white. Choose a darker one."), field="accent")
    if contrast(_with_lightness(colour, at_most=LIGHT_LINE_LIGHTNESS), PAPER_LIGHT) < LINE_CONTRAST:
        raise BadInput(N_("A line in this colour cannot be seen on white. Choose a darker one."), field="accent")
    if not (readable_in_the_light(colour) and readable_in_the_dark(colour)):
        raise BadInput(
            N_("Neither white nor black text can be read well on this colour. Choose a darker or a lighter one."),
            field="accent",
        )
    return colour


def readable_in_the_light(colour: str) -> bool:
    """The text on a button, also while a pointer is over it."""
    fills = (colour, _with_lightness(colour, at_most=_oklab(colour)[0] - HOVER_STEP))
    return all(contrast(text_on(colour), fill) >= TEXT_CONTRAST for fill in fills)


def readable_in_the_dark(colour: str) -> bool:
    """The same on a dark page, where the fill is lifted and gets lighter under the pointer."""
    lifted = max(_oklab(colour)[0], DARK_FILL_LIGHTNESS)
    fills = (_with_lightness(colour, at_least=lifted), _with_lightness(colour, at_least=lifted + HOVER_STEP))
    return all(contrast(text_on_dark_fill(colour), fill) >= TEXT_CONTRAST for fill in fills)


def text_on(colour: str) -> str:
    """White or near-black, whichever is read better on `colour`; white where both pass."""
    return WHITE if contrast(WHITE, colour) >= TEXT_CONTRAST else INK


def text_on_dark_fill(colour: str) -> str:
    """The text on the fill of a dark page, where the fill is never darker than DARK_FILL_LIGHTNESS."""
    return text_on(_with_lightness(colour, at_least=DARK_FILL_LIGHTNESS))


def style_sheet(accent: str) -> str:
    """The style sheet that makes `accent` the colour of a page."""
    return (
        "@layer tokens{:root{"
        f"--accent:{accent};--on-fill:light-dark({text_on(accent)},{text_on_dark_fill(accent)})"
        "}}\n"
    )


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours '#rrggbb', from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance, from 0 to 1."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_to_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _from_linear(channel: float) -> int:
    bounded = min(max(channel, 0.0), 1.0)
    encoded = 12.92 * bounded if bounded <= 0.0031308 else 1.055 * bounded ** (1 / 2.4) - 0.055
    return round(encoded * 255)


def _with_lightness(colour: str, *, at_least: float = 0.0, at_most: float = 1.0) -> str:
    """The same hue and chroma with its OKLCH lightness brought into a range; channels outside sRGB are clipped."""
    lightness, a, b = _oklab(colour)
    return _from_oklab(min(max(lightness, at_least), at_most), a, b)


def _oklab(colour: str) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> str:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = _from_linear(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short)
    green = _from_linear(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short)
    blue = _from_linear(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)
    return f"#{red:02x}{green:02x}{blue:02x}"

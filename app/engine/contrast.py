"""How well two colours can be told apart, and colours that are made to be.

After WCAG 2.2, https://www.w3.org/TR/WCAG22/: text asks for a contrast of 4.5, signs and lines for 3.
"""

from functools import lru_cache

SIGN = 3.0
TEXT = 4.5
"""The least contrast of signs and of text (success criteria 1.4.11 and 1.4.3)."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours "#rrggbb", from 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=1024)
def readable(colour: str, ground: str, least: float = SIGN) -> str:
    """Return the colour "#rrggbb" if it has this contrast to the ground, or the nearest shade of it that has.

    It is mixed with black on a light ground and with white on a dark one, in hundredths.
    """
    end = 0 if _luminance(ground) > 0.18 else 255  # 0.18: as far from black as from white
    mixed = (_mixed(colour, end, share / 100) for share in range(101))
    return next((shade for shade in mixed if contrast(shade, ground) >= least), f"#{3 * f'{end:02x}'}")


def _mixed(colour: str, end: int, share: float) -> str:
    if not share:
        return colour
    return "#" + "".join(f"{round(value + share * (end - value)):02x}" for value in _channels(colour))


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour, in [0, 1]."""
    shares = [value / 255 for value in _channels(colour)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

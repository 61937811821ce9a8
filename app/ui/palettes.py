"""The colours of the window, once for each theme."""

from dataclasses import dataclass
from typing import Literal

Theme = Literal["dark", "light"]


@dataclass(frozen=True)
class Palette:
    """Colours "#rrggbb" by what they are for. Text reads on every ground, at a contrast of 4.5 and more."""

    BACKGROUND: str
    """Behind everything."""
    PANEL: str
    """Panels and panes."""
    SURROUND: str
    """Around pictures: neutral, so that their colours are judged fairly."""
    RAISED: str
    """Buttons, fields, and the empty part of a bar."""
    HOVER: str
    BORDER: str
    TRACK: str
    """The empty part of a slider."""
    TEXT: str
    MUTED: str
    DISABLED: str
    ACCENT: str
    """Behind what is chosen."""
    ON_ACCENT: str
    """Text on it."""
    HIGHLIGHT: str
    """Thin lines: a slider's filled part, the current tab, the keyboard focus, the chosen pane."""
    KEPT: str
    """The class is kept (a shade of Okabe-Ito's bluish green)."""
    FLIPPED: str
    """The class is flipped (a shade of Okabe-Ito's vermillion)."""
    SHADOW: str


PALETTES: dict[Theme, Palette] = {
    "dark": Palette(
        BACKGROUND="#1e1f22",
        PANEL="#26282c",
        SURROUND="#262626",
        RAISED="#303338",
        HOVER="#3a3e45",
        BORDER="#3a3d43",
        TRACK="#44484f",
        TEXT="#e6e6e6",
        MUTED="#9aa0a8",
        DISABLED="#666b73",
        ACCENT="#3d6fa8",
        ON_ACCENT="#ffffff",
        HIGHLIGHT="#5b9bd5",
        KEPT="#12b886",
        FLIPPED="#f97617",
        SHADOW="#121315",
    ),
    "light": Palette(
        BACKGROUND="#e6e7ea",
        PANEL="#fbfbfc",
        SURROUND="#d6d6d6",
        RAISED="#e9ebee",
        HOVER="#dde1e6",
        BORDER="#c6cad0",
        TRACK="#b3b8c0",
        TEXT="#1c1e21",
        MUTED="#53585f",
        DISABLED="#989da5",
        ACCENT="#3d6fa8",
        ON_ACCENT="#ffffff",
        HIGHLIGHT="#2468a8",
        KEPT="#006b50",
        FLIPPED="#a83e00",
        SHADOW="#8a8f97",
    ),
}

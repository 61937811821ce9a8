"""How the pictures are looked at: one plain value, which can be stored and shown again."""

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["side by side", "wipe", "blink", "difference"]
MODES: tuple[Mode, ...] = get_args(Mode)
Channel = Literal["all", "red", "green", "blue", "luma"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

MOST_GAIN = 32.0
BLINK_RATES = (0.5, 6.0)
"""Slowest and fastest, changes a second. Six changes are three flashes, the most that WCAG 2.3.1 allows."""


@dataclass(frozen=True)
class Viewing:
    """The mode of comparing with all its settings."""

    mode: Mode = "side by side"
    first: int = 0
    """Number of the pane whose picture is the first of the two: left, and what is subtracted. 0 is the
    original."""
    second: int | None = None
    """Number of the other pane; None is the one that is selected."""
    split: float = 0.5
    """Where the line of the wipe is, in shares of the view's width."""
    blinking: bool = True
    """Whether the pictures alternate by themselves."""
    blink_rate: float = 1.0
    """Changes a second."""
    signed: bool = True
    """Whether the difference shows its sign: grey is none, lighter is more in the second picture."""
    gain: float = 4.0
    """What differences are multiplied by, 1 to 32."""
    channel: Channel = "all"
    """What of the pixels is compared. Luma is that of ITU-R BT.601, on the pixels' own values."""
    smooth: bool = True
    """Whether enlarged pixels are blended (True) or shown as squares (False)."""
    loupe: bool = False
    """Whether a magnifier follows the pointer in every view."""

"""What a view can draw: one picture, two with a line between them, or the difference of two."""

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from keepsight.app.ui.pyramid import Pixels, Pyramid, paint
from keepsight.app.ui.viewing import Channel

_BT601 = np.array([[0.299, 0.587, 0.114]], np.float32)
"""Weights of R, G and B in luma (ITU-R BT.601)."""
_PLACES: dict[Channel, int] = {"red": 0, "green": 1, "blue": 2}


class Picture(Protocol):
    """Draws a part of itself, and tells what stands at a position."""

    width: int
    height: int

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        """Draw the part in `visible`, where the whole would fill `whole`; see `Pyramid.draw`."""

    def read(self, x: float, y: float) -> list[str]:
        """Return one or two readings at shares of width and height in [0, 1)."""


class Wipe:
    """The first picture left of a line, the second one right of it."""

    def __init__(self, first: Pyramid, second: Pyramid) -> None:
        self._first, self._second = first, second
        self.width, self.height = first.width, first.height
        self.split = 0.5
        """Where the line is, in shares of the picture's width; may lie outside of it."""

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        """Draw both sides."""
        at = round((whole.left() + self.split * whole.width()) * ratio) / ratio
        left, right = QRectF(visible), QRectF(visible)
        left.setRight(min(max(at, visible.left()), visible.right()))
        right.setLeft(left.right())
        for picture, side in ((self._first, left), (self._second, right)):
            if side.width() > 0:
                painter.save()
                # Both are drawn by the same grid of pixels, so that they meet without a seam.
                painter.setClipRect(side, Qt.ClipOperation.IntersectClip)
                picture.draw(painter, whole, side, ratio=ratio, smooth=smooth)
                painter.restore()

    def read(self, x: float, y: float) -> list[str]:
        """Return the pixel of either picture."""
        return [*self._first.read(x, y), *self._second.read(x, y)]


class Difference:
    """The second picture minus the first one.

    It is made of what is on the screen: of reduced pictures where the view shows them reduced.
    """

    def __init__(
        self, first: Pyramid, second: Pyramid, *, signed: bool, gain: float, channel: Channel
    ) -> None:
        """Compare two pictures of one size; the settings are those of `Viewing`."""
        self._first, self._second = first, second
        self._signed, self._gain, self._channel = signed, gain, channel
        self.width, self.height = first.width, first.height

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        """Draw the difference."""
        first = self._first.part(whole, visible, ratio)
        second = self._second.part(whole, visible, ratio)
        if first is not None and second is not None:
            shown = difference(
                first[0], second[0], signed=self._signed, gain=self._gain, channel=self._channel
            )
            paint(painter, shown, first[1], smooth=smooth or self._first.scale(whole, ratio) < 1)

    def read(self, x: float, y: float) -> list[str]:
        """Return the pixel of the first picture, and the difference without the gain."""
        by = self._second.pixel(x, y).astype(int) - self._first.pixel(x, y)
        words = "  ".join(f"{name} {value:+d}" for name, value in zip("RGB", by, strict=True))
        return [*self._first.read(x, y), f"difference  {words.replace('-', '−').replace('+0', '0')}"]


def difference(first: Pixels, second: Pixels, *, signed: bool, gain: float, channel: Channel) -> Pixels:
    """Return `second - first` as pixels, (h, w, 3) or (h, w) uint8, clipped where it exceeds the range.

    Both are (h, w, 3) uint8. Signed, 128 means no difference; else 0 does. `gain` is at most 32.
    """
    if channel in _PLACES:
        place = _PLACES[channel]
        first, second = cv2.extractChannel(first, place), cv2.extractChannel(second, place)
    if channel != "luma" and signed:
        return _bytes(cv2.addWeighted(second, gain, first, -gain, 128))
    if channel != "luma":
        return _bytes(cv2.convertScaleAbs(cv2.absdiff(first, second), alpha=gain))
    # The gain comes before the weights, so that rounding is not magnified; 32 * 255 fits into 16 bits.
    by = cv2.transform(cv2.addWeighted(second, gain, first, -gain, 0, dtype=cv2.CV_16S), _BT601)
    shown = cv2.addWeighted(by, 1, by, 0, 128, dtype=cv2.CV_8U) if signed else cv2.convertScaleAbs(by)
    return _bytes(shown)


def _bytes(values: NDArray[np.generic] | cv2.typing.MatLike) -> Pixels:
    return np.asarray(values, np.uint8)

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from keepsight.app.ui.picture import Difference, Picture, Wipe, difference
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.viewing import CHANNELS, Channel

Pixels = NDArray[np.uint8]


def noise(seed: int, shape: tuple[int, int] = (40, 60)) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


def drawn(picture: Picture, width: int, height: int, whole: QRectF | None = None) -> Pixels:
    """Draw a picture onto (height, width), one pixel on one if `whole` is as large."""
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    area = QRectF(0, 0, width, height)
    picture.draw(painter, whole or area, area, ratio=1.0, smooth=False)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return rows[:, : 3 * width].reshape(height, width, 3).copy()


@pytest.mark.parametrize("gain", [1.0, 4.0, 32.0])
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("signed", [True, False])
def test_difference_is_the_second_minus_the_first(signed: bool, channel: Channel, gain: float) -> None:
    first, second = noise(1), np.clip(noise(1).astype(int) + noise(2) // 16 - 8, 0, 255).astype(np.uint8)
    by = second.astype(float) - first
    weights = {
        "red": [1, 0, 0],
        "green": [0, 1, 0],
        "blue": [0, 0, 1],
        "luma": [0.299, 0.587, 0.114],
    }
    if channel in weights:
        by = by @ np.array(weights[channel])
    expected = np.clip(128 + gain * by if signed else np.abs(gain * by), 0, 255)
    shown = difference(first, second, signed=signed, gain=gain, channel=channel)
    assert shown.dtype == np.uint8
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).max() <= 0.51


def test_no_difference_is_grey_or_black() -> None:
    pixels = noise(3)
    for channel in CHANNELS:
        for signed, value in ((True, 128), (False, 0)):
            shown = difference(pixels, pixels, signed=signed, gain=32.0, channel=channel)
            assert (shown == value).all()


def test_difference_is_drawn_and_read() -> None:
    first, second = noise(4), noise(5)
    picture = Difference(Pyramid(first), Pyramid(second), signed=False, gain=1.0, channel="green")
    shown = drawn(picture, 60, 40)
    assert np.array_equal(shown[..., 0], np.abs(first[..., 1].astype(int) - second[..., 1]))
    assert np.array_equal(shown[..., 0], shown[..., 2])
    red, green, blue = second[20, 30].astype(int) - first[20, 30]
    of_first, of_both = picture.read(30.5 / 60, 20.5 / 40)
    assert of_first.split() == [
        "R",
        str(first[20, 30, 0]),
        "G",
        str(first[20, 30, 1]),
        "B",
        str(first[20, 30, 2]),
    ]
    words = of_both.replace("−", "-").split()
    assert [int(word) for word in words[2::2]] == [red, green, blue]


def test_reading_no_difference_has_no_sign() -> None:
    pyramid = Pyramid(noise(6))
    picture = Difference(pyramid, pyramid, signed=True, gain=1.0, channel="all")
    assert picture.read(0.0, 0.0)[1] == "difference  R 0  G 0  B 0"


@pytest.mark.parametrize("split", [-0.5, 0.0, 0.25, 0.9, 1.0, 2.0])
def test_wipe_shows_the_first_left_and_the_second_right_of_the_line(split: float) -> None:
    first, second = noise(7), noise(8)
    picture = Wipe(Pyramid(first), Pyramid(second))
    picture.split = split
    at = round(min(1, max(0, split)) * 60)
    expected = np.hstack([first[:, :at], second[:, at:]])
    assert np.array_equal(drawn(picture, 60, 40), expected)


def test_wipe_of_a_part_is_cut_at_the_same_pixel() -> None:
    first, second = noise(9), noise(10)
    picture = Wipe(Pyramid(first), Pyramid(second))
    picture.split = 0.5
    shown = drawn(picture, 60, 40, QRectF(-60, -40, 180, 120))
    assert np.array_equal(shown[1::3, 1::3][:13, :10], first[13:26, 20:30])
    assert np.array_equal(shown[1::3, 1::3][:13, 10:], second[13:26, 30:40])


def test_wipe_reads_both() -> None:
    first, second = np.full((4, 4, 3), 7, np.uint8), np.full((4, 4, 3), 213, np.uint8)
    readings = Wipe(Pyramid(first), Pyramid(second)).read(0.99, 0.99)
    assert [reading.split() for reading in readings] == [
        ["R", "7", "G", "7", "B", "7"],
        ["R", "213", "G", "213", "B", "213"],
    ]


@pytest.mark.parametrize("make", [lambda a, b: Wipe(a, b), lambda a, b: a])
def test_nothing_is_drawn_where_nothing_is_visible(make: Callable[[Pyramid, Pyramid], Picture]) -> None:
    picture = make(Pyramid(noise(11)), Pyramid(noise(12)))
    assert (drawn(picture, 60, 40, QRectF(500, 500, 60, 40)) == 0).all()

import io
from collections.abc import Callable

import cv2
import imagecodecs
import jpeglib
import numpy as np
import pytest
from PIL import Image

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.jpeg import Jpeg, JpegOptions
from keepsight.codecs.jpeg_coefficients import forward, standard_tables
from keepsight.codecs.jpeg_rdo import count_symbols, optimise, symbol_bits
from keepsight.codecs.jpeg_writer import ZIGZAG, write
from keepsight.codecs.weighted_jpeg import WeightedJpeg, WeightedJpegOptions

Photo = Callable[..., Pixels]

CODEC, JPEG = WeightedJpeg(), Jpeg()
LEFT = MapGuide(np.repeat(np.repeat(np.float32([[1, 0]]), 96, axis=1), 96, axis=0))


def error(one: Pixels, other: Pixels) -> float:
    return float(np.mean((one.astype(float) - other) ** 2))


def test_any_viewer_opens_it(photo: Photo) -> None:
    for height, width in ((75, 101), (8, 8), (1, 40)):
        data = CODEC.encode(photo(height, width), CODEC.options())
        assert b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03" in data  # baseline
        ours = CODEC.decode(data)
        others = (
            np.asarray(Image.open(io.BytesIO(data))),
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1],
            imagecodecs.jpeg8_decode(data),
        )
        for other in others:
            assert np.abs(ours.astype(int) - other).max() <= 2


@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("shape", [(1, 1), (33, 47), (100, 9), (224, 224)])
def test_the_writer_loses_nothing(photo: Photo, chroma: str, shape: tuple[int, int], tmp_path) -> None:
    """Another library reads back the levels that were written: noise with large values and long runs of 0."""
    rng = np.random.default_rng(1)
    planes = forward(photo(*shape), chroma)
    levels = [rng.integers(-1023, 1024, plane.shape) >> rng.integers(0, 11, plane.shape) for plane in planes]
    levels = [(plane * (rng.random(plane.shape) < 0.2)).astype(np.int16) for plane in levels]
    steps = standard_tables(30)
    file = tmp_path / "levels.jpg"
    file.write_bytes(write(tuple(levels), tuple(step[ZIGZAG] for step in steps), shape, chroma))
    back = jpeglib.read_dct(str(file))
    for plane, read in zip(levels, (back.Y, back.Cb, back.Cr), strict=True):
        np.testing.assert_array_equal(read.reshape(plane.shape)[..., ZIGZAG], plane)
    np.testing.assert_array_equal(back.qt.reshape(2, 64), np.stack(steps))


def test_the_same_levels_take_fewer_bytes_than_from_libjpeg(photo: Photo) -> None:
    pixels = photo(224, 224)
    steps = standard_tables(13)
    planes = forward(pixels, "4:2:0")
    levels = [
        np.rint(plane / (16 * steps[min(i, 1)])).astype(np.int16)[..., ZIGZAG]
        for i, plane in enumerate(planes)
    ]
    data = write(tuple(levels), tuple(step[ZIGZAG] for step in steps), (224, 224), "4:2:0")
    plain = JPEG.encode(pixels, JpegOptions(quality=13))
    assert len(data) < 0.99 * len(plain)
    assert error(JPEG.decode(data), pixels) == pytest.approx(error(JPEG.decode(plain), pixels), rel=0.03)


def test_optimise_finds_the_cheapest_levels() -> None:
    """On blocks of three candidates, against trying every choice."""
    rng = np.random.default_rng(3)
    bits = symbol_bits(rng.integers(0, 50, 256))
    for _ in range(20):
        scaled = np.zeros((1, 64), np.float32)
        places = np.sort(rng.choice(np.arange(1, 64), 3, replace=False))
        scaled[0, places] = rng.uniform(0.6, 3.4, 3) * rng.choice([-1, 1], 3)
        weights = rng.uniform(0.5, 2, (1, 64)).astype(np.float32)

        def cost(levels: np.ndarray, scaled=scaled, weights=weights) -> float:
            counts = count_symbols(levels)
            sizes = (np.abs(levels[0, 1:])[..., None] >= 2 ** np.arange(10)).sum()
            return float((weights * (scaled - levels) ** 2).sum() + 0.1 * ((counts * bits).sum() + sizes))

        found = optimise(scaled, weights, np.zeros(1, np.int64), [bits], 0.1)
        choices = [[np.floor(abs(scaled[0, p]) + 0.5) - k for k in (0, 1)] + [0] for p in places]
        best = np.inf
        for choice in np.stack(np.meshgrid(*choices), axis=-1).reshape(-1, 3):
            levels = np.zeros((1, 64), np.int16)
            levels[0, places] = np.sign(scaled[0, places]) * choice
            best = min(best, cost(levels))
        assert cost(found) == pytest.approx(best)


def test_thrift_saves_more_than_a_lower_quality(photo: Photo) -> None:
    """At about the same size, what is dropped by its worth leaves the smaller error."""
    pixels = np.repeat(photo(224, 224)[..., :1], 3, axis=2)
    thrifty = CODEC.encode(pixels, WeightedJpegOptions(quality=45, guide=0))
    spending = CODEC.encode(pixels, WeightedJpegOptions(quality=33, guide=0, thrift=0))
    assert len(thrifty) < 1.05 * len(spending)
    assert error(CODEC.decode(thrifty), pixels) < 0.97 * error(CODEC.decode(spending), pixels)


def test_the_guide_moves_bits(photo: Photo) -> None:
    pixels = photo(96, 192)

    def errors(guide_weight: float) -> tuple[float, float]:
        options = WeightedJpegOptions(quality=30, guide=guide_weight)
        decoded = CODEC.decode(CODEC.encode(pixels, options, LEFT))
        return error(decoded[:, :88], pixels[:, :88]), error(decoded[:, 104:], pixels[:, 104:])

    plain, guided = errors(0), errors(2)
    assert guided[0] < 0.95 * plain[0]
    assert guided[1] > 1.05 * plain[1]
    options = WeightedJpegOptions(guide=0)
    assert CODEC.encode(pixels, options, LEFT) == CODEC.encode(pixels, options)

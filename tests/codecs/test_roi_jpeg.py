import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.jpeg import Jpeg, JpegOptions
from keepsight.codecs.roi_jpeg import RoiJpeg, RoiJpegOptions

Photo = Callable[..., Pixels]

CODEC, JPEG = RoiJpeg(), Jpeg()
MODES = ["coarser", "thinner", "remove"]
LEFT = MapGuide(np.repeat(np.repeat(np.float32([[1, 0]]), 96, axis=1), 96, axis=0))
NOTHING, EVERYTHING = (MapGuide(np.full((4, 4), value, np.float32)) for value in (0, 1))


def error(one: Pixels, other: Pixels) -> float:
    return float(np.mean((one.astype(float) - other) ** 2))


@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:2", "4:2:0"])
def test_is_as_good_as_jpeg_where_all_matters(photo: Photo, chroma: str) -> None:
    pixels = photo(90, 121)
    for quality in (5, 50, 90):
        plain = JPEG.encode(pixels, JpegOptions(quality=quality, chroma=chroma))
        ours = CODEC.encode(pixels, RoiJpegOptions(quality=quality, chroma=chroma), EVERYTHING)
        assert len(ours) == pytest.approx(len(plain), rel=0.02)
        assert error(CODEC.decode(ours), pixels) == pytest.approx(error(JPEG.decode(plain), pixels), rel=0.03)


@pytest.mark.parametrize("mode", MODES)
def test_spends_on_the_region(photo: Photo, mode: str) -> None:
    pixels = photo(96, 192)
    options = RoiJpegOptions(mode=mode, feather=0, strength=8)
    everything, left, nothing = (
        CODEC.encode(pixels, options, guide) for guide in (EVERYTHING, LEFT, NOTHING)
    )
    assert len(everything) > 1.3 * len(left) > 1.3 * 1.3 * len(nothing)
    # The chroma of the first pixels inside is blended with that of the last ones outside, so leave these out.
    inside, outside = np.s_[:, :88], np.s_[:, 104:]
    np.testing.assert_array_equal(CODEC.decode(left)[inside], CODEC.decode(everything)[inside])
    np.testing.assert_array_equal(CODEC.decode(left)[outside], CODEC.decode(nothing)[outside])
    assert error(CODEC.decode(left)[outside], pixels[outside]) > 1.5 * error(
        CODEC.decode(left)[inside], pixels[inside]
    )


@pytest.mark.parametrize("mode", MODES)
def test_more_strength_takes_fewer_bytes(photo: Photo, mode: str) -> None:
    pixels = photo(224, 224)
    sizes = [
        len(CODEC.encode(pixels, RoiJpegOptions(mode=mode, strength=strength), NOTHING))
        for strength in (1.5, 3, 5, 8)
    ]
    assert sizes == sorted(set(sizes), reverse=True)


def test_removed_blocks_are_flat_and_cost_little(photo: Photo) -> None:
    pixels = np.repeat(photo(224, 224)[..., :1], 3, axis=2)
    data = CODEC.encode(pixels, RoiJpegOptions(mode="remove", strength=16), NOTHING)
    blocks = CODEC.decode(data)[..., 0].reshape(28, 8, 28, 8)
    assert np.ptp(blocks, axis=(1, 3)).max() == 0
    assert len(np.unique(blocks)) > 1
    assert len(data) < 1000  # headers and less than 6 bits for each block of luma


@pytest.mark.parametrize("mode", MODES)
def test_any_viewer_opens_it(photo: Photo, mode: str) -> None:
    pixels = photo(75, 101)
    data = CODEC.encode(pixels, RoiJpegOptions(mode=mode), LEFT)
    assert data.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    assert b"\xff\xc0\x00\x11\x08\x00\x4b\x00\x65\x03" in data  # SOF0, 8 bits, 75 x 101
    ours = CODEC.decode(data)
    pillow = np.asarray(Image.open(io.BytesIO(data)))
    opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    for other in (pillow, opencv):
        assert np.abs(ours.astype(int) - other).max() <= 2


@pytest.mark.parametrize("mode", MODES)
def test_the_largest_levels_still_fit(mode: str) -> None:
    """At quality 100 with coarse steps, the extremes must stay within what baseline JPEG can hold."""
    y, x = np.mgrid[:64, :64]
    extremes = np.where((x // 4 + y) % 2 == 0, 255, 0)
    pixels = np.repeat(extremes[..., None], 3, axis=2).astype(np.uint8)
    data = CODEC.encode(pixels, RoiJpegOptions(quality=100, mode=mode, strength=31), NOTHING)
    assert CODEC.decode(data).shape == pixels.shape

"""Where the bits of a JPEG went: counted, to the bit."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from keepsight.codecs import registry
from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.jpeg import Jpeg, JpegOptions

Photo = Callable[..., Pixels]


def half(height: int, width: int) -> np.ndarray:
    inside = np.zeros((height, width), bool)
    inside[:, : width // 2] = True
    return inside


@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (45, 61), (128, 96), (17, 200)])
def test_every_bit_is_counted_once(photo: Photo, chroma: str, optimize: bool, size: tuple[int, int]) -> None:
    options = JpegOptions.parse({"chroma": chroma, "optimize": optimize, "quality": 60})
    data = Jpeg().encode(photo(*size), options)
    inside = np.random.default_rng(0).random(size) < 0.3
    share, rest = (Jpeg().share_inside(data, mask) for mask in (inside, ~inside))
    assert share is not None
    assert rest is not None
    # Exact, or there were no figure at all; only units that reach beyond the image are shared out by guess.
    assert share + rest == pytest.approx(1)
    assert Jpeg().share_inside(data, np.ones(size, bool)) == 1


@pytest.mark.parametrize("codec_id", ["jpeg", "roi-jpeg", "weighted-jpeg"])
def test_a_busy_half_takes_the_bits(photo: Photo, codec_id: str) -> None:
    pixels = photo(128, 256).copy()
    pixels[:, 128:] = 90
    codec = registry.get(codec_id)
    guide = MapGuide.of(np.ones((128, 256), np.float32))
    share = codec.share_inside(codec.encode(pixels, codec.options(), guide), half(128, 256))
    assert share is not None
    assert 0.85 < share < 1


def test_the_shares_of_halves_are_those_of_files_of_halves() -> None:
    """Against the lengths of two files of fixed codes, without their headers."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (64, 128, 3)).astype(np.uint8)
    pixels[:, 64:] = cv2.GaussianBlur(pixels[:, 64:], (9, 9), 3)
    options = JpegOptions(quality=50, optimize=False, chroma="4:4:4")
    codec = Jpeg()
    empty = len(codec.encode(np.full((8, 8, 3), 128, np.uint8), options))
    left, right = (
        len(codec.encode(np.ascontiguousarray(part), options)) - empty
        for part in (pixels[:, :64], pixels[:, 64:])
    )
    share = codec.share_inside(codec.encode(pixels, options), half(64, 128))
    assert share == pytest.approx(left / (left + right), abs=0.01)


def test_what_is_not_counted_gives_no_figure(photo: Photo) -> None:
    pixels, inside = photo(64, 64), half(64, 64)
    progressive = Jpeg().encode(pixels, JpegOptions(progressive=True))
    assert Jpeg().share_inside(progressive, inside) is None
    plain = Jpeg().encode(pixels, JpegOptions())
    assert Jpeg().share_inside(plain, half(64, 32)) is None
    for codec_id in ("webp", "png"):
        codec = registry.get(codec_id)
        assert codec.share_inside(codec.encode(pixels, codec.options()), inside) is None


def test_a_pipeline_tells_what_its_codec_tells(photo: Photo) -> None:
    pixels, inside = photo(64, 64), half(64, 64)
    blurred, smaller = registry.get("blur+jpeg"), registry.get("downscale+jpeg")
    assert blurred.share_inside(blurred.encode(pixels, blurred.options()), inside) is not None
    assert smaller.share_inside(smaller.encode(pixels, smaller.options()), inside) is None


@pytest.mark.parametrize(("chroma", "unit"), [("4:4:4", (8, 8)), ("4:2:0", (16, 16))])
def test_bits_of_blocks_add_up_to_the_file(photo: Photo, chroma: str, unit: tuple[int, int]) -> None:
    data = Jpeg().encode(photo(64, 96), JpegOptions.parse({"chroma": chroma, "quality": 60}))
    spent = Jpeg().spent(data)
    assert spent is not None
    assert spent.unit == unit
    blocks = spent.per_block()
    assert blocks.shape == (8, 12)
    assert blocks.sum() == pytest.approx(spent.bits.sum())
    assert 0.5 * len(data) < spent.bits.sum() / 8 < len(data), "all but the header"


def test_blocks_beyond_the_image_are_not_shown(photo: Photo) -> None:
    spent = Jpeg().spent(Jpeg().encode(photo(17, 41), JpegOptions(chroma="4:2:0")))
    assert spent is not None
    assert spent.bits.shape == (2, 3)
    assert spent.per_block().shape == (3, 6)

"""Layered ROI: fine where it matters, small elsewhere, whatever the region."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from keepsight.codecs import container
from keepsight.codecs.av1 import Av1
from keepsight.codecs.avif import AvifOptions
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.guide import MapGuide, RegionGuide
from keepsight.codecs.layered_roi import LayeredRoi, LayeredRoiOptions
from keepsight.codecs.patch import Patch, note

Photo = Callable[..., Pixels]
CODEC = LayeredRoi()


def region(height: int, width: int, *where: slice) -> MapGuide:
    values = np.zeros((height, width), np.float32)
    values[where] = 1
    return MapGuide.of(values)


def error(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("base", ["av1", "jpeg", "webp"])
def test_the_region_is_finer_than_the_rest(photo: Photo, base: str) -> None:
    pixels = photo(120, 160)
    guide = region(120, 160, slice(40, 80), slice(50, 100))
    options = LayeredRoiOptions.parse({"quality": 90, "base": base})
    data = CODEC.encode(pixels, options, guide)
    decoded = CODEC.decode(data)
    inside = error(decoded[40:80, 50:100], pixels[40:80, 50:100])
    assert inside < 4
    assert error(decoded[:, 120:], pixels[:, 120:]) > 1.5 * inside
    everything = MapGuide.of(np.ones((120, 160), np.float32))
    assert len(data) < 0.7 * len(CODEC.encode(pixels, options, everything))


def test_a_region_of_everything_is_the_base_codec_alone(photo: Photo) -> None:
    pixels = photo(60, 80)
    guide = MapGuide.of(np.ones((60, 80), np.float32))
    data = CODEC.encode(pixels, LayeredRoiOptions(), guide)
    alone = Av1().encode(pixels, AvifOptions())
    assert len(data) == len(alone) + 11
    np.testing.assert_array_equal(CODEC.decode(data), Av1().decode(alone))


def test_a_region_of_nothing_is_the_background_alone(photo: Photo) -> None:
    pixels = photo(60, 80)
    nothing = MapGuide(np.zeros((60, 80), np.float32))
    coarse, fine = (
        CODEC.encode(pixels, LayeredRoiOptions(scale=scale, background=40), nothing) for scale in (8, 1)
    )
    assert len(coarse) < len(fine)
    assert error(CODEC.decode(fine), pixels) < error(CODEC.decode(coarse), pixels) < 40


def test_options_reach_the_file(photo: Photo) -> None:
    pixels = photo(120, 160)
    guide = region(120, 160, slice(40, 80), slice(50, 100))
    plain = len(CODEC.encode(pixels, LayeredRoiOptions(), guide))
    for fewer in ({"background": -30}, {"scale": 8}, {"feather": 0}, {"quality": 30}):
        assert len(CODEC.encode(pixels, LayeredRoiOptions.parse(fewer), guide)) < plain
    ramp = MapGuide.of(np.linspace(0, 1, 160, dtype=np.float32)[None].repeat(120, 0))
    sizes = [len(CODEC.encode(pixels, LayeredRoiOptions(threshold=value), ramp)) for value in (0.2, 0.5, 0.8)]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 700), (700, 1), (37, 900), (256, 255)])
def test_the_patch_has_full_weight_on_the_region(height: int, width: int) -> None:
    rng = np.random.default_rng(height + width)
    for feather in (0, 3, 50):
        top, left = rng.integers(height), rng.integers(width)
        inside = np.zeros((height, width), bool)
        inside[top : top + 20, left : left + 30] = True
        patch = Patch.read(note(inside, feather), height, width)
        image = np.full((height, width, 3), 255, np.uint8)
        patch.lay(patch.cut(np.zeros_like(image)), image)
        assert not image[inside].any()
        outside = np.ones_like(inside)
        patch.cut(outside)[:] = False
        assert (image[outside] == 255).all()


def test_the_ramp_is_even_and_between_the_two() -> None:
    image = np.zeros((20, 512, 3), np.uint8)
    patch = Patch(0, 20, 100, 400, 9)
    patch.lay(np.full((20, 300, 3), 200, np.uint8), image)
    steps = [0, 0, *range(20, 201, 20), 200]
    np.testing.assert_allclose(image[5, 98:111, 0], steps, atol=1)
    np.testing.assert_array_equal(image[5, 100:250], image[5, 399:249:-1])


def test_what_the_patch_hides_costs_nothing_and_leaves_no_trace(photo: Photo) -> None:
    """Content of the region does not reach the background that is seen."""
    pixels = photo(128, 128)
    other = pixels.copy()
    other[40:90, 40:90] = np.random.default_rng(0).integers(0, 256, (50, 50, 3))
    guide = region(128, 128, slice(36, 94), slice(36, 94))
    options = LayeredRoiOptions(quality=99, background=-20, base="jpeg", scale=2)
    one, two = (CODEC.encode(image, options, guide) for image in (pixels, other))
    assert int.from_bytes(one[15:19]) == pytest.approx(int.from_bytes(two[15:19]), rel=0.05)
    assert error(CODEC.decode(one)[:20], CODEC.decode(two)[:20]) < 0.5


def test_damage_behind_a_right_checksum_is_refused_or_decodes(photo: Photo) -> None:
    rng = np.random.default_rng(1)
    guide = region(24, 31, slice(5, 12), slice(8, 20))
    files = [
        CODEC.encode(photo(24, 31), LayeredRoiOptions.parse({"base": base, "quality": quality}), guide)
        for base, quality in itertools.product(("av1", "jpeg", "webp"), (0, 60))
    ]
    outcomes = {True: 0, False: 0}
    for _ in range(400):
        file = bytearray(files[rng.integers(len(files))][:-2])
        for place in 8 + (rng.integers(0, len(file) - 8, 2) >> rng.integers(0, 6)):
            file[place] = rng.integers(256)
        try:
            assert CODEC.decode(container.seal(bytes(file[: rng.integers(8, 3 * len(file))]))).shape == (
                24,
                31,
                3,
            )
            outcomes[True] += 1
        except BitstreamError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 30


def test_both_layers_can_be_seen_with_what_they_cost(photo: Photo) -> None:
    pixels = photo(120, 160)
    data = CODEC.encode(pixels, LayeredRoiOptions(feather=0), region(120, 160, slice(40, 80), slice(50, 100)))
    rest, matters = CODEC.parts(data)
    assert rest.values.shape == (30, 40, 3)
    patch = Patch.read(data[10:15], 120, 160)
    assert error(matters.values, patch.cut(pixels)) < 8
    assert 0 < len(data) - rest.bytes - matters.bytes < 30
    assert [part.label for part in CODEC.parts(CODEC.encode(pixels, LayeredRoiOptions(threshold=0)))] == [
        "What matters"
    ]


def test_a_region_drawn_by_hand_is_taken_as_it_is(photo: Photo) -> None:
    pixels = photo(120, 160)
    inside = np.zeros((120, 160), np.float32)
    inside[20:60, 30:90] = 1
    inside[60:70, 30:90] = 0.5  # its soft edge
    for threshold in (0.0, 0.2, 1.0):
        data = CODEC.encode(pixels, LayeredRoiOptions(threshold=threshold, feather=0), RegionGuide(inside))
        patch = Patch.read(data[10:15], 120, 160)
        assert (patch.top, patch.bottom, patch.left, patch.right) == (19, 61, 29, 91)

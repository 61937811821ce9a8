import numpy as np
import pytest
from PIL import Image

from keepsight.models.preprocess import crop_box, prepare

SIZES = [(1, 1), (1, 5000), (5000, 1), (2, 3), (13, 17), (224, 224), (223, 225), (333, 500), (641, 1025)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["center", "squash"])
def test_any_size_gives_the_crop(size, mode):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    prepared = prepare(pixels, 256, 224, "bilinear", mode)
    assert prepared.shape == (224, 224, 3)
    assert prepared.dtype == np.uint8
    assert abs(float(prepared.mean()) - float(pixels.mean())) < 25


def test_a_single_pixel_fills_the_crop_with_its_colour():
    assert (prepare(np.array([[[10, 200, 30]]], np.uint8), 256, 224, "lanczos") == [10, 200, 30]).all()


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("size", [(300, 451), (451, 300), (257, 256), (90, 100)])
def test_equals_resize_and_crop_of_the_whole_photo(cat, size, interpolation):
    height, width = size
    pixels = np.asarray(Image.fromarray(cat).resize((width, height)))
    resized = (256, int(256 * height / width)) if width <= height else (int(256 * width / height), 256)
    whole = Image.fromarray(pixels).resize(resized, Image.Resampling[interpolation.upper()])
    left, top = round((resized[0] - 224) / 2), round((resized[1] - 224) / 2)
    expected = np.asarray(whole.crop((left, top, left + 224, top + 224)))
    difference = np.abs(prepare(pixels, 256, 224, interpolation).astype(int) - expected)
    assert difference.max() <= 1
    assert difference.mean() < 0.01


def test_a_large_photo_is_close_to_the_slow_way(cat):
    large = np.asarray(Image.fromarray(cat).resize((2706, 1800), Image.Resampling.BICUBIC))
    slow = Image.fromarray(large).resize((384, 256), Image.Resampling.BILINEAR).crop((80, 16, 304, 240))
    difference = np.abs(prepare(large, 256, 224, "bilinear").astype(int) - np.asarray(slow))
    assert difference.max() <= 4
    assert difference.mean() < 1


def test_a_hundred_megapixels():
    pixels = np.broadcast_to(np.array([7, 77, 177], np.uint8), (10_000, 10_000, 3))
    assert (prepare(pixels, 256, 224, "bicubic") == [7, 77, 177]).all()


def test_read_only_and_strided_pixels(cat):
    view = cat[::2, ::-1]
    view.flags.writeable = False
    assert np.array_equal(prepare(view, 256, 224, "bilinear"), prepare(view.copy(), 256, 224, "bilinear"))


def test_crop_box_is_the_centre():
    assert crop_box(256, 512, 256, 224) == (144, 16, 368, 240)
    assert crop_box(512, 512, 256, 256) == (0, 0, 512, 512)
    assert crop_box(100, 300, 64, 64, "squash") == (0, 0, 300, 100)

"""Files as classifiers read them: planes as they stand there, foreign files refused."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import idctn

from keepsight.app.engine.file_reading import (
    as_read,
    best_setting,
    packed,
    random_setting,
    read_at_random,
    readable,
)
from keepsight.app.engine.trials import run_trials
from keepsight.app.engine.types import Setting
from keepsight.codecs import block_stream, jpeg_reading, registry
from keepsight.codecs.base import BitstreamError
from keepsight.models import judges
from keepsight.models.catalog import FILE_READERS, find_card
from keepsight.models.errors import ModelError
from keepsight.models.file_inputs import BLOCKS, GRID, LENGTHS, pack_jpeg
from keepsight.models.scenes import SPLITS, label_of, render

SCENES = SPLITS["test"][:12]


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return render(SCENES[0]).pixels


@given(quality=st.integers(1, 100), chroma=st.sampled_from(["4:2:0", "4:2:2", "4:4:4"]))
@settings(max_examples=15, deadline=None)
def test_coefficients_are_those_of_the_decoded_luma(quality: int, chroma: str) -> None:
    pixels = render(SCENES[1]).pixels
    jpeg = registry.get("jpeg")
    data = jpeg.encode(pixels, jpeg.options(quality=quality, chroma=chroma))
    found = jpeg_reading.read(data)
    steps = found.tables[0].reshape(8, 8)
    blocks = idctn(found.luma.reshape(BLOCKS, BLOCKS, 8, 8) * steps, axes=(2, 3), norm="ortho") + 128
    luma = blocks.swapaxes(1, 2).reshape(224, 224)
    decoded = jpeg.decode(data).astype(float) @ (0.299, 0.587, 0.114)
    # Colours out of range are clipped when pixels are made, which planes are not.
    assert np.median(np.abs(luma.clip(0, 255) - decoded)) < 1.5


def test_block_averages_are_read_as_the_codec_decodes_them(scene: np.ndarray) -> None:
    codec = registry.get("block-average")
    data = codec.encode(scene, codec.options(block=2, dispersion=3))
    planes = block_stream.planes(data)
    vector = packed(data, "block-average")
    assert vector.shape == (LENGTHS["block-average"],)
    np.testing.assert_array_equal(vector[: GRID**2].reshape(GRID, GRID), planes.luma)
    np.testing.assert_array_equal(vector[GRID**2 : 2 * GRID**2].reshape(GRID, GRID), planes.sigma)


@pytest.mark.parametrize("reads", ["jpeg", "block-average"])
def test_what_is_learned_from_can_be_read(reads, scene: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for setting in [best_setting(reads), *(random_setting(reads, rng) for _ in range(8))]:
        vector = packed(registry.get(reads).encode(scene, setting.options), reads)
        assert vector.shape == (LENGTHS[reads],)
        assert vector.dtype == np.int16


@pytest.mark.parametrize("reads", ["jpeg", "block-average"])
def test_what_is_learned_from_is_what_stands_in_the_file(reads, scene: np.ndarray) -> None:
    for seed in range(6):
        setting = random_setting(reads, np.random.default_rng(seed))
        vector = read_at_random(scene, reads, np.random.default_rng(seed))
        np.testing.assert_array_equal(
            vector, packed(registry.get(reads).encode(scene, setting.options), reads)
        )


def test_codecs_whose_files_cannot_be_read_are_left_out_with_one_sentence() -> None:
    names = ("avif", "jpeg", "avif", "weighted-jpeg", "webp", "blur+jpeg", "downscale+jpeg")
    asked = [Setting(registry.get(name).id, registry.get(name).options()) for name in names]
    kept, sentence = readable(find_card("scenes_jpeg"), asked)
    assert [one.codec for one in kept] == [asked[place].codec for place in (1, 3, 5)]
    assert sentence.startswith("AVIF, WebP and Downscale + JPEG are left out: “Keepsight scenes, reads JPEG”")
    assert readable(find_card("scenes"), asked) == (asked, "")


def test_foreign_damaged_and_other_sized_files_are_refused(scene: np.ndarray) -> None:
    jpeg, webp = registry.get("jpeg"), registry.get("webp")
    data = jpeg.encode(scene, jpeg.options())
    with pytest.raises(BitstreamError, match="no JPEG"):
        packed(webp.encode(scene, webp.options()), "jpeg")
    with pytest.raises(BitstreamError, match="no file of block averages"):
        packed(data, "block-average")
    with pytest.raises(BitstreamError, match="cut off"):
        packed(data[: len(data) // 2], "jpeg")
    with pytest.raises(BitstreamError, match="224 × 224 pixels, and this one has 200 × 224"):
        packed(jpeg.encode(np.ascontiguousarray(scene[:, :200]), jpeg.options()), "jpeg")
    rng = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(2, len(data), 4):
            broken[place] = rng.integers(256)
        try:
            packed(bytes(broken), "jpeg")
        except BitstreamError:
            continue


def test_a_broken_header_is_refused(scene: np.ndarray) -> None:
    jpeg = registry.get("jpeg")
    data = jpeg.encode(scene, jpeg.options())
    rng = np.random.default_rng(2)
    refused = 0
    for _ in range(400):
        broken = bytearray(data)
        broken[rng.integers(2, data.index(b"\xff\xda") + 14)] = rng.integers(256)
        try:
            packed(bytes(broken), "jpeg")
        except BitstreamError:
            refused += 1
    assert refused > 100


def test_what_stands_beside_the_image_does_not_matter(scene: np.ndarray) -> None:
    jpeg = registry.get("jpeg")
    data = jpeg.encode(scene, jpeg.options())
    beside = b"".join(
        b"\xff\xff" + bytes([marker]) + (2 + 400).to_bytes(2) + bytes(400) for marker in [0xFE, 0xE1] * 30
    )
    np.testing.assert_array_equal(packed(data[:2] + beside + data[2:], "jpeg"), packed(data, "jpeg"))
    progressive = jpeg.encode(scene, jpeg.options(progressive=True))
    np.testing.assert_array_equal(packed(progressive, "jpeg"), packed(data, "jpeg"))


def test_a_grey_file_has_no_colour(scene: np.ndarray) -> None:
    grey = bytes(cv2.imencode(".jpg", scene[..., 1])[1])
    vector = packed(grey, "jpeg")
    assert vector[: 64 * BLOCKS**2].any()
    assert not vector[64 * BLOCKS**2 : -128].any()


def test_coefficients_out_of_range_are_held_at_its_ends() -> None:
    levels = np.full((BLOCKS, BLOCKS, 64), 2047, np.int16)
    levels[0] = -2047
    vector = pack_jpeg(levels, None, np.full((2, 64), 255, np.int32))
    assert (vector[: 64 * BLOCKS] == -32768).all()
    assert (vector[64 * BLOCKS : 64 * BLOCKS**2] == 32767).all()


def test_the_shipped_reader_names_scenes_from_their_files() -> None:
    card = find_card(FILE_READERS[0])
    assert card.weights is not None
    assert card.weights.stat().st_size < 3_000_000
    judge = judges.load(card, "cpu")
    right = 0
    for seed in SCENES:
        pixels = render(seed).pixels
        coarse = Setting("jpeg", registry.get("jpeg").options(quality=20))
        (trial,) = run_trials(pixels, [coarse], card, "crop")
        assert not isinstance(trial, Exception), trial
        answers = judge.predict(np.stack([as_read(card, pixels), trial.prepared]))
        np.testing.assert_allclose(answers.sum(1), 1, atol=1e-4)
        right += int((answers.argmax(1) == label_of(seed)).sum())
    assert right >= 20  # of 24


def test_a_foreign_codec_is_a_failure_of_that_setting_alone(scene: np.ndarray) -> None:
    card = find_card(FILE_READERS[0])
    asked = [Setting(name, registry.get(name).options()) for name in ("avif", "jpeg")]
    foreign, own = run_trials(scene, asked, card, "crop")
    assert isinstance(foreign, BitstreamError)
    assert not isinstance(own, Exception)


def test_pixels_are_no_files(scene: np.ndarray) -> None:
    judge = judges.load(find_card(FILE_READERS[0]), "cpu")
    with pytest.raises(ModelError, match="reads files, not pixels"):
        judge.predict(scene[None])

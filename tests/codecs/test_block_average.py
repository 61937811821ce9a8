"""Block averages: what the planes hold, what the entropy coder costs, and what the decoder makes of them."""

from collections.abc import Callable
from typing import Any

import constriction
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsight.codecs import block_average, block_stream, container, pyramid, symbols
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.block_stream import Layout

Photo = Callable[..., Pixels]
CODEC = block_average.BlockAverage()


def encoded(pixels: Pixels, **options: Any) -> bytes:
    return CODEC.encode(pixels, CODEC.options(**options))


def exact_means(pixels: Pixels, side: int) -> np.ndarray:
    """Return the mean Y, Cb, Cr of each block, (h, w, 3), in floating point; partial blocks are cut off."""
    red, green, blue = np.moveaxis(pixels.astype(np.float64), 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = np.stack([luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402], axis=2)
    height, width = pixels.shape[0] // side, pixels.shape[1] // side
    blocks = planes[: height * side, : width * side].reshape(height, side, width, side, 3)
    return blocks.mean(axis=(1, 3))


class TestPlanes:
    @pytest.mark.parametrize(("block", "chroma"), [(2, 1), (3, 2), (5, 4), (16, 1)])
    def test_at_step_1_they_hold_the_means_of_the_blocks(self, photo: Photo, block: int, chroma: int) -> None:
        pixels = photo(97, 131)
        held = block_stream.planes(encoded(pixels, block=block, chroma=chroma, step=1))
        luma = exact_means(pixels, block)[..., 0]
        assert held.luma.shape == (-(-97 // block), -(-131 // block))
        assert np.abs(held.luma[: luma.shape[0], : luma.shape[1]] - luma).max() <= 0.51
        colour = exact_means(pixels, block * chroma)[..., 1:].transpose(2, 0, 1)
        assert np.abs(held.chroma[:, : colour.shape[1], : colour.shape[2]] - colour).max() <= 0.51

    def test_dispersion_is_the_nearest_level_of_the_standard_deviation(self, photo: Photo) -> None:
        pixels = photo(96, 132)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64)
        deviation = grey.reshape(24, 4, 33, 4).std(axis=(1, 3))
        for bits in (1, 2, 3, 4):
            held = block_stream.planes(encoded(pixels, block=4, dispersion=bits))
            assert held.dispersion is not None
            assert held.sigma is not None
            levels = np.unique(block_stream.sigma_of(np.arange(2**bits, dtype=np.uint8), bits))
            nearest = np.abs(deviation[..., None] - levels).min(axis=2)
            assert (np.abs(deviation - held.sigma) <= nearest + 0.26).all()  # variances are rounded to 1/4
            assert held.dispersion.max() < 2**bits

    def test_large_planes_are_coded_like_small_ones(
        self, photo: Photo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pixels = photo(97, 131)
        by_table = encoded(pixels, block=2, dispersion=2)
        monkeypatch.setattr(pyramid, "_TABLED", 0)
        assert encoded(pixels, block=2, dispersion=2) == by_table
        held = block_stream.planes(by_table)
        monkeypatch.undo()
        np.testing.assert_array_equal(held.luma, block_stream.planes(by_table).luma)

    def test_each_part_has_its_price(self, photo: Photo) -> None:
        plain = encoded(photo(224, 224))
        held = block_stream.planes(plain)
        assert (held.dispersion, held.sigma, held.dispersion_bytes) == (None, None, 0)
        assert held.means_bytes == len(plain) - container.SIZE - 4 - container.SEAL
        prices = []
        for bits in (1, 2, 3, 4):
            data = encoded(photo(224, 224), dispersion=bits)
            both = block_stream.planes(data)
            assert both.means_bytes == held.means_bytes
            assert len(data) == len(plain) + both.dispersion_bytes
            prices.append(both.dispersion_bytes)
        assert prices == sorted(prices)

    def test_grey_costs_next_to_nothing_for_colour(self, photo: Photo) -> None:
        grey = np.repeat(photo(224, 224)[..., :1], 3, axis=2)
        fine, coarse = (len(encoded(grey, chroma=chroma)) for chroma in (1, 8))
        assert fine - coarse <= 20


@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_any_planes_come_back_within_the_step(data: st.DataObject) -> None:
    height, width = data.draw(st.tuples(*[st.integers(1, 70)] * 2))
    bits, step = data.draw(st.tuples(st.integers(0, 4), st.integers(1, 64)))
    layout = Layout(
        height=height,
        width=width,
        block=data.draw(st.integers(2, 16)),
        multiple=data.draw(st.integers(1, 8)),
        step=step,
        bits=bits,
        interpolate=data.draw(st.sampled_from(("flat", "linear", "cubic"))),
        texture=data.draw(st.booleans()),
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, 255)] * 2)))
    luma = rng.integers(low, high + 1, layout.luma_shape, np.uint8)
    chroma = rng.integers(low, high + 1, (2, *layout.chroma_shape), np.uint8)
    dispersion = rng.integers(0, 2**bits, layout.luma_shape, np.uint8) if bits else None
    held = block_stream.planes(block_stream.write(layout, luma, chroma, dispersion))
    assert held.layout == layout
    for before, after in ((luma, held.luma), (chroma, held.chroma)):
        assert after.dtype == np.uint8
        assert np.abs(after.astype(int) - before).max() <= 0.6 * step
    np.testing.assert_array_equal(held.dispersion, dispersion)


class TestEntropyCoder:
    def test_its_length_is_that_of_the_models(self) -> None:
        rng, reach = np.random.default_rng(5), 17
        for classes in (np.full(10_000, 3, np.uint8), rng.integers(0, symbols.CLASSES, 10_000, np.uint8)):
            table = np.array(
                [symbols.weights(model, -reach, reach) for model in range(symbols.CLASSES)], np.float64
            )
            table /= table.sum(axis=1, keepdims=True)
            drawn = (table.cumsum(axis=1)[classes] < rng.random(10_000)[:, None]).sum(axis=1)
            values = (drawn - reach).astype(np.int32)
            encoder = symbols.SymbolEncoder()
            encoder.put(values, classes, -reach, reach)
            coded = encoder.finish()
            entropy = -np.log2(table[classes, drawn]).sum() / 8
            assert entropy <= len(coded) + 1
            assert len(coded) <= 1.01 * entropy
            np.testing.assert_array_equal(symbols.SymbolDecoder(coded).take(classes, -reach, reach), values)

    def test_literal_words(self) -> None:
        """Files must be the same on every machine and with every version of the library."""
        values = np.array([0, -1, 2, 0, 5, -17, 0, 1, 1, 0, -3, 0], np.int32)
        classes = np.array([0, 9, 12, 3, 15, 19, 5, 8, 9, 9, 11, 1], np.uint8)
        model = constriction.stream.model.Categorical(
            np.array(symbols.weights(9, -3, 3), np.float64), perfect=False
        )
        coder = constriction.stream.queue.RangeEncoder()
        coder.encode(np.array([3, 2, 3, 6, 0, 4], np.int32), model)
        assert [f"{word:08x}" for word in coder.get_compressed()] == ["50417964"]
        encoder = symbols.SymbolEncoder()
        encoder.put(values, classes, -17, 17)
        assert encoder.finish().hex() == "d1bb248e"

    def test_short_messages_come_back(self) -> None:
        """The last bytes are left out where zeros do: then every length and carry must still decode."""
        rng = np.random.default_rng(6)
        for _ in range(500):
            classes = rng.integers(0, symbols.CLASSES, rng.integers(0, 60), np.uint8)
            values = rng.integers(-20, 21, len(classes), np.int32) // int(rng.integers(1, 20))
            encoder = symbols.SymbolEncoder()
            encoder.put(values, classes, -20, 20)
            coded = encoder.finish()
            np.testing.assert_array_equal(symbols.SymbolDecoder(coded).take(classes, -20, 20), values)


class TestDamage:
    def test_every_changed_byte_is_noticed(self, photo: Photo) -> None:
        data = encoded(photo(24, 31), dispersion=2)
        for place in range(len(data)):
            with pytest.raises(BitstreamError):
                CODEC.decode(data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :])

    def test_damage_behind_a_right_checksum_is_refused_or_decodes(self, photo: Photo) -> None:
        rng = np.random.default_rng(7)
        files = [encoded(photo(24, 31), **options) for options in ({}, {"dispersion": 2, "step": 1})]
        outcomes = {True: 0, False: 0}
        for _ in range(600):
            file = bytearray(files[rng.integers(2)][: -container.SEAL])
            for place in rng.integers(8, len(file), 3) >> rng.integers(0, 4):
                file[max(8, place)] = rng.integers(256)
            try:
                decoded = CODEC.decode(container.seal(bytes(file[: rng.integers(8, len(file) * 2)])))
            except BitstreamError:
                outcomes[False] += 1
            else:
                assert decoded.shape == (24, 31, 3)
                outcomes[True] += 1
        assert min(outcomes.values()) > 100

    @pytest.mark.parametrize(("place", "value"), [(8, 0x00), (8, 0x25), (9, 0x18), (10, 64)])
    def test_impossible_values_are_refused(self, photo: Photo, place: int, value: int) -> None:
        file = bytearray(encoded(photo(24, 31))[: -container.SEAL])
        file[place] = value
        with pytest.raises(BitstreamError, match="impossible"):
            CODEC.decode(container.seal(bytes(file)))


class TestPicture:
    def test_the_way_of_interpolation_is_in_the_file(self, photo: Photo) -> None:
        pixels = photo(96, 96)
        flat = CODEC.decode(encoded(pixels, block=6, interpolate="flat"))
        smooth = CODEC.decode(encoded(pixels, block=6))
        blocks = flat.reshape(16, 6, 16, 6, 3)
        assert (blocks == blocks[:, :1, :, :1]).all()
        assert (
            np.abs(np.diff(smooth.astype(int), axis=0)).max()
            < np.abs(np.diff(flat.astype(int), axis=0)).max()
        )

    @pytest.mark.parametrize("interpolate", ["flat", "linear", "cubic"])
    def test_texture_has_the_dispersion_that_was_stored(self, interpolate: str) -> None:
        rng = np.random.default_rng(8)
        left = rng.normal(120, 25, (192, 96, 1)).clip(0, 255)
        pixels = np.repeat(np.concatenate([left, np.full_like(left, 120)], axis=1), 3, axis=2).astype(
            np.uint8
        )
        options = {"block": 8, "dispersion": 4, "interpolate": interpolate}
        restored = CODEC.decode(encoded(pixels, **options, texture=True)).astype(int)
        plain = CODEC.decode(encoded(pixels, **options)).astype(int)
        added = (restored - plain)[..., 1]
        assert added[:, :88].std() == pytest.approx(25, rel=0.15)
        assert abs(added[:, :88].mean()) < 1
        assert not added[:, 104:].any()

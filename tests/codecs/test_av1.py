"""AV1 without its container: AVIF's pixels in fewer bytes, and no damage that gets past the reader."""

import itertools
import struct
from collections.abc import Callable

import numpy as np
import pytest

from keepsight.codecs import av1, av1_stream, container, registry
from keepsight.codecs.avif import Avif, AvifOptions
from keepsight.codecs.base import BitstreamError, EncodeError, Pixels

Photo = Callable[..., Pixels]


@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:2", "4:2:0"])
def test_the_pixels_are_those_of_avif_in_fewer_bytes(photo: Photo, chroma: str) -> None:
    avif, codec = Avif(), registry.get("av1")
    sides = [(1, 1), (1, 300), (300, 1), (33, 47), (224, 224)]
    for (height, width), quality in itertools.product(sides, (0, 50, 99)):
        pixels = photo(height, width)
        # Speeds from 6 and to 3 differ in the tools that the sequence header names; the slow ones are slow.
        for speed in (9, 6, 3) if height * width < 2000 else (9,):
            options = AvifOptions.parse({"quality": quality, "chroma": chroma, "speed": speed})
            whole, bare = avif.encode(pixels, options), codec.encode(pixels, options)
            assert 274 <= len(whole) - len(bare) <= 283
            np.testing.assert_array_equal(codec.decode(bare), avif.decode(whole))


def test_the_sequence_header_is_rebuilt_as_it_was(photo: Photo) -> None:
    """The files differ in the level alone, and the rebuilt one leaves out the size of the last OBU."""
    file = Avif().encode(photo(40, 52), AvifOptions())
    again = av1_stream.rebuild(av1_stream.strip(file, 40, 52), 40, 52)
    before, after = (data[data.index(b"\x12\x00\x0a") :] for data in (file, again))
    length = 4 + before[3]
    assert (before[4] | 0b111, before[5] | 0b11000000) == (after[4], after[5])
    assert before[6:length] == after[6:length]


def test_an_unknown_sequence_header_is_refused(photo: Photo) -> None:
    file = bytearray(Avif().encode(photo(40, 52), AvifOptions()))
    film_grain = file.index(b"\x12\x00\x0a") + 4 + file[file.index(b"\x12\x00\x0a") + 3] - 1
    file[film_grain] ^= 0x10
    with pytest.raises(EncodeError, match="Choose AVIF"):
        av1_stream.strip(bytes(file), 40, 52)


def test_damage_behind_a_right_checksum_is_refused_or_decodes(photo: Photo) -> None:
    """The checksum keeps damage from the decoder; here it has to do without."""
    rng = np.random.default_rng(1)
    payloads = [av1.encode_payload(photo(24, 31), AvifOptions(quality=quality)) for quality in (0, 60)]
    outcomes = {True: 0, False: 0}
    for _ in range(300):
        payload = bytearray(payloads[rng.integers(2)])
        for place in rng.integers(0, len(payload), 3) >> rng.integers(0, 6):
            payload[place] = rng.integers(256)
        size = (24, 31) if rng.random() < 0.7 else tuple(rng.integers(1, 100, 2).tolist())
        file = container.seal(container.pack(b"A", 1, *size) + payload[: rng.integers(1, len(payload) * 3)])
        try:
            assert registry.get("av1").decode(file).shape == (*size, 3)
            outcomes[True] += 1
        except BitstreamError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 30


def test_a_kind_of_picture_that_is_none_is_refused() -> None:
    for payload in (b"", b"\xff\x10"):
        with pytest.raises(BitstreamError, match="no kind"):
            av1.decode_payload(payload, 2, 4)


def test_a_longer_side_than_the_reader_takes_is_refused(photo: Photo) -> None:
    data = registry.get("av1").encode(photo(2, 4), AvifOptions())
    file = data[:4] + struct.pack(">HH", 39_999, 1) + data[8:-2]
    with pytest.raises(BitstreamError, match="damaged"):
        registry.get("av1").decode(container.seal(file))

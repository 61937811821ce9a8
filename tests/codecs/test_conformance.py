"""What every registered codec must do. A new codec is tested by its file alone."""

import hashlib
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepsight.codecs import base, registry
from keepsight.codecs.base import BitstreamError, Codec, EncodeError, Pixels
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.options import OptionField, Options, OptionsError

Photo = Callable[..., Pixels]

SIZES = [
    *((side, side) for side in range(1, 18)),
    *((side, 18 - side) for side in range(1, 18)),
    (37, 53),
    (101, 64),
    (1, 5000),
    (5000, 1),
]

PIPELINES = [
    "downscale:factor=1.05+roi-background:mode=quantise,strength=1+jpeg",
    "blur:sigma=0.1+colour:chroma=95+roi-background:threshold=0+avif",
    "downscale:factor=1,method=nearest+roi-background:mode=remove,threshold=0+webp",
]

# Fixtures here live as long as the session, so that they may be used with @given. The draws are the same in
# every run, because a suite that fails now and then is of no use.
repeatable = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def psnr(one: Pixels, other: Pixels) -> float:
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def values_of(field: OptionField) -> st.SearchStrategy[int | float | bool | str]:
    if field.kind == "bool":
        return st.booleans()
    if field.kind == "choice":
        return st.sampled_from(field.choices)
    assert field.low is not None
    assert field.high is not None
    if field.kind == "int":
        return st.integers(int(field.low), int(field.high))
    return st.floats(field.low, field.high)


def options_of(codec: Codec) -> st.SearchStrategy[Options]:
    fields = codec.options.fields()
    return st.fixed_dictionaries({field.name: values_of(field) for field in fields}).map(codec.options.parse)


def contents(height: int, width: int) -> dict[str, Pixels]:
    grey = np.linspace(0, 255, height * width).astype(np.uint8).reshape(height, width, 1)
    return {
        "constant": np.full((height, width, 3), (200, 30, 90), np.uint8),
        "grey": np.repeat(grey, 3, axis=2),
        "noise": np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8),
    }


def test_declarations(codec: Codec) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", codec.id) or codec.id in PIPELINES
    assert codec.label
    assert re.fullmatch(r"#[0-9A-F]{6}", codec.colour)
    assert re.fullmatch(r"\.[a-z0-9]+", codec.suffix)
    assert codec.version >= 1
    for field in codec.options.fields():
        assert field.label
        assert field.help.endswith(".")
        codec.options.parse({field.name: field.default})  # a default out of range would not pass
    if codec.rate_option is not None:
        assert codec.rate_option in {field.name for field in codec.options.fields()}
        assert 8 <= len(codec.ladder()) <= 10


def test_colours_are_told_apart() -> None:
    colours = [codec.colour for codec in registry.all_codecs().values()]
    assert len(set(colours)) == len(colours)


@pytest.fixture(scope="session", params=[*registry.all_codecs(), *PIPELINES])
def codec(request: pytest.FixtureRequest) -> Codec:
    """Each registered codec in turn, and pipelines of every prefilter, mild ones."""
    return registry.get(request.param)


@pytest.mark.parametrize("content", ["constant", "grey", "noise"])
def test_round_trip_keeps_every_shape(codec: Codec, content: str) -> None:
    settings_tried = [codec.ladder()[0], codec.options()]
    for (height, width), options in itertools.product(SIZES, settings_tried):
        pixels = contents(height, width)[content]
        decoded = codec.decode(codec.encode(pixels, options))
        assert decoded.shape == pixels.shape
        assert decoded.dtype == np.uint8
        assert decoded.flags.c_contiguous
        assert decoded.flags.writeable  # torch warns about arrays that are not
        if codec.rate_option is None:
            np.testing.assert_array_equal(decoded, pixels)


def test_a_constant_picture_stays_near_its_colour(codec: Codec) -> None:
    pixels = contents(33, 47)["constant"]
    decoded = codec.decode(codec.encode(pixels, codec.options()))
    assert np.abs(decoded.astype(int) - pixels).max() <= 16


def test_any_memory_layout_gives_the_same_file(codec: Codec, photo: Photo) -> None:
    pixels = photo(40, 52)
    views = [pixels[::-1], pixels[:, ::-1], pixels[..., ::-1], pixels.transpose(1, 0, 2), pixels[::2, ::3]]
    for view in views:
        before = view.copy()
        view.flags.writeable = False
        data = codec.encode(view, codec.options())
        assert data == codec.encode(np.ascontiguousarray(view), codec.options())
        np.testing.assert_array_equal(view, before)


def test_quality_at_the_top_of_the_ladder(codec: Codec, photo: Photo) -> None:
    pixels = photo(224, 224)
    decoded = codec.decode(codec.encode(pixels, codec.ladder()[-1]))
    assert psnr(decoded, pixels) > (90 if codec.rate_option is None else 32 if codec.fine else 26)


def test_ladder_goes_from_tiny_to_good(lossy: Codec, photo: Photo) -> None:
    pixels = photo(224, 224)
    sizes = [len(lossy.encode(pixels, options)) for options in lossy.ladder()]
    assert sizes == sorted(set(sizes))
    assert sizes[0] < 2000
    assert sizes[-1] > (8000 if lossy.fine else 2000)


def test_ladder_keeps_the_other_options(codec: Codec) -> None:
    other = {f.name: f.choices[0] if f.choices else f.low or 0 for f in codec.options.fields()}
    other.pop(codec.rate_option or "", None)
    chosen = codec.options.parse(other)
    for options in codec.ladder(chosen):
        assert {name: getattr(options, name) for name in other} == {
            name: getattr(chosen, name) for name in other
        }


def test_encoding_is_deterministic(codec: Codec, photo: Photo) -> None:
    pixels = photo(97, 131)
    for options in codec.ladder():
        assert codec.encode(pixels, options) == codec.encode(pixels.copy(), options)


def test_a_guide_moves_bytes_only_where_a_codec_asks(codec: Codec, photo: Photo) -> None:
    pixels = photo(64, 64)
    top, bottom = np.zeros((2, 64, 64), np.float32)
    top[:32], bottom[32:] = 1, 1
    options = codec.ladder()[1] if codec.rate_option else codec.options()
    files = {codec.encode(pixels, options, MapGuide.of(values)) for values in (top, bottom)}
    if not codec.guided:
        assert files == {codec.encode(pixels, options)}
    elif "threshold=0" not in codec.id:  # then everything is inside, and nothing left to the guide
        assert len(files) == 2


def test_encoding_is_the_same_in_another_process(photo: Photo) -> None:
    pixels = photo(97, 131)
    program = (
        "import sys, hashlib, numpy as np\n"
        "from keepsight.codecs import registry\n"
        "pixels = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(97, 131, 3)\n"
        "for codec in registry.all_codecs().values():\n"
        "    print(codec.id, hashlib.sha256(codec.encode(pixels, codec.options())).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", program], input=pixels.tobytes(), capture_output=True, check=True, timeout=120
    ).stdout.decode()
    here = [
        f"{codec.id} {hashlib.sha256(codec.encode(pixels, codec.options())).hexdigest()}"
        for codec in registry.all_codecs().values()
    ]
    assert there.splitlines() == here


@given(data=st.data())
@settings(repeatable, max_examples=25)
def test_any_options_go_to_json_and_back_and_encode(codec: Codec, data: st.DataObject) -> None:
    options = data.draw(options_of(codec))
    again = codec.options.parse(json.loads(options.to_json()))
    assert again == options
    assert again.to_json() == options.to_json()
    pixels = contents(16, 24)["grey"]
    assert codec.decode(codec.encode(pixels, options)).shape == pixels.shape


@given(data=st.data())
@settings(repeatable, max_examples=25)
def test_options_are_read_from_text(codec: Codec, data: st.DataObject) -> None:
    options = data.draw(options_of(codec))
    text = {name: str(value) for name, value in options.model_dump().items()}
    assert codec.options.parse(text) == options


def test_options_errors_name_the_field_and_its_range(codec: Codec) -> None:
    for field in codec.options.fields():
        wrong: list[object] = ["plenty", None, [], float("nan")]
        if field.low is not None and field.high is not None:
            wrong += [field.low - 1, field.high + 1, float("inf")]
        for value in wrong:
            with pytest.raises(OptionsError) as error:
                codec.options.parse({field.name: value})
            assert field.name in str(error.value)
            assert field.accepts in str(error.value)
    with pytest.raises(OptionsError, match="no option “nonsense”"):
        codec.options.parse({"nonsense": 1})


def test_own_files_are_recognised(codec: Codec, photo: Photo) -> None:
    for options in (codec.ladder()[0], codec.ladder()[-1]):
        data = codec.encode(photo(20, 30), options)
        readers = [c for c in registry.all_codecs().values() if c.recognises(data)]
        reader = registry.recognise(data)
        assert readers == ([reader] if reader.id in registry.all_codecs() else [])
        np.testing.assert_array_equal(reader.decode(data), codec.decode(data))


def test_no_metadata_is_written(codec: Codec, photo: Photo) -> None:
    data = codec.encode(photo(20, 30), codec.options())
    assert not re.search(rb"exif|ICC_PROFILE|iCCP|http:|version", data, re.IGNORECASE)


def test_an_empty_image_is_refused(codec: Codec) -> None:
    for shape in ((0, 5, 3), (5, 0, 3)):
        with pytest.raises(EncodeError, match="without pixels"):
            codec.encode(np.zeros(shape, np.uint8), codec.options())


def test_the_longest_side_is_the_one_that_is_named(codec: Codec) -> None:
    """The image is one row that takes no memory; longer ones than 70,000 pixels would take long to encode."""
    if codec.max_side <= 70_000:
        for shape in ((1, codec.max_side, 3), (codec.max_side, 1, 3)):
            pixels = np.zeros(shape, np.uint8)
            assert codec.decode(codec.encode(pixels, codec.options())).shape == shape
    if codec.max_side < base.MAX_PIXELS:
        with pytest.raises(EncodeError, match=f"at most {codec.max_side} pixels"):
            codec.encode(np.broadcast_to(np.uint8(0), (1, codec.max_side + 1, 3)), codec.options())


def test_too_many_pixels_are_refused(codec: Codec) -> None:
    with pytest.raises(EncodeError, match="100 megapixels"):
        codec.encode(np.broadcast_to(np.uint8(0), (10_001, 10_000, 3)), codec.options())


def test_a_file_larger_than_the_limit_is_refused(
    codec: Codec, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = codec.encode(photo(40, 52), codec.options())
    monkeypatch.setattr(base, "MAX_PIXELS", 40 * 52 - 1)
    with pytest.raises(BitstreamError, match="52 × 40 pixels"):
        codec.decode(data)


@pytest.mark.parametrize("data", [b"", b"\x00", b"Keepsight", bytes(1000)])
def test_what_is_no_image_is_refused(codec: Codec, data: bytes) -> None:
    assert not codec.recognises(data)
    with pytest.raises(BitstreamError):
        codec.decode(data)


def test_every_cut_is_noticed(codec: Codec, photo: Photo) -> None:
    data = codec.encode(photo(24, 31), codec.options())
    for length in range(len(data)):
        with pytest.raises(BitstreamError):
            codec.decode(data[:length])


@cache
def small_files(codec: Codec, photo: Photo) -> list[bytes]:
    return [codec.encode(photo(24, 31), options) for options in (codec.ladder()[0], codec.options())]


@given(data=st.data())
@settings(repeatable, max_examples=150)
def test_mutated_files_raise_nothing_else(codec: Codec, photo: Photo, data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(small_files(codec, photo))))
    near_start = st.integers(0, min(200, len(file)) - 1)
    places = st.one_of(near_start, st.integers(0, len(file) - 1))
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=12)):
        file[place] = value
    start, stop = sorted(data.draw(st.tuples(places, places)))
    if data.draw(st.booleans()):  # a part is lost or comes twice
        file[start:stop] = b"" if data.draw(st.booleans()) else file[start:stop] * 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "MAX_PIXELS", 1_000_000)  # keeps files that declare more from taking long
        try:
            decoded = codec.decode(bytes(file))
        except BitstreamError:
            return
        assert decoded.ndim == 3
        assert decoded.shape[2] == 3
        assert decoded.dtype == np.uint8

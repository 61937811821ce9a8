"""Pipelines: text, options, files, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsight.codecs import registry, saved
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.options import OptionsError
from keepsight.codecs.pipeline import Pipeline, PipelineError

Photo = Callable[..., Pixels]


def get(spec: str) -> Pipeline:
    found = registry.get(spec)
    assert isinstance(found, Pipeline)
    return found


def test_the_text_says_what_differs_from_the_defaults() -> None:
    text = "downscale:factor=2,method=lanczos + roi-background:mode=blur+avif:chroma=4:4:4"
    pipeline = get(text)
    assert pipeline.id == "downscale:factor=2+roi-background+avif:chroma=4:4:4"
    assert get(pipeline.id).id == pipeline.id
    assert pipeline.label == "Downscale 2 + ROI background + AVIF 4:4:4"
    assert pipeline.options().model_dump()["downscale.factor"] == 2
    assert pipeline.options().in_words() == "quality 50"


def test_options_are_the_codecs_and_the_prefilters() -> None:
    pipeline = get("blur+blur:sigma=3+jpeg")
    names = [field.name for field in pipeline.options.fields()]
    assert names == ["quality", "chroma", "optimize", "progressive", "blur.sigma", "blur2.sigma"]
    changed = pipeline.options().replace(**{"blur2.sigma": 5, "quality": 10})
    stages = pipeline.with_options(changed)
    assert [stage.spec for stage in stages] == ["blur", "blur:sigma=5", "jpeg:quality=10"]
    with pytest.raises(OptionsError, match=r"“blur.sigma” takes a number from 0.1 to 30"):
        pipeline.options().replace(**{"blur.sigma": 31})


def test_prefilters_run_in_their_order(photo: Photo) -> None:
    pixels = photo(60, 80)
    one, other = get("blur:sigma=4+pixelate:size=8+png"), get("pixelate:size=8+blur:sigma=4+png")
    blocks = one.decode(one.encode(pixels, one.options()))
    smooth = other.decode(other.encode(pixels, other.options()))
    assert (blocks[:56, :80].reshape(7, 8, 10, 8, 3).std((1, 3)) == 0).all()
    assert (smooth[:56, :80].reshape(7, 8, 10, 8, 3).std((1, 3)) > 0).any()


def test_without_a_resize_the_file_is_the_codecs_own(photo: Photo) -> None:
    pipeline = get("blur+jpeg")
    data = pipeline.encode(photo(40, 52), pipeline.options())
    assert registry.recognise(data).id == "jpeg"
    assert pipeline.suffix == ".jpg"


@pytest.mark.parametrize("base", [codec.id for codec in registry.all_codecs().values()])
def test_a_resized_file_decodes_alone(base: str, photo: Photo) -> None:
    pixels = photo(61, 83)
    pipeline = get(f"downscale:factor=1.7,method=bicubic+{base}")
    data = pipeline.encode(pixels, pipeline.options())
    reader = registry.recognise(data)
    assert reader.id == f"downscale+{base}"
    decoded = reader.decode(data)
    assert decoded.shape == pixels.shape
    np.testing.assert_array_equal(decoded, pipeline.decode(data))


def test_the_file_names_how_to_scale_up(photo: Photo) -> None:
    pixels = photo(61, 83)
    decoded = []
    for method in ("lanczos", "bicubic", "bilinear", "nearest"):
        pipeline = get(f"downscale:factor=3,method={method}+png")
        data = pipeline.encode(pixels, pipeline.options())
        decoded.append(registry.recognise(data).decode(data))
        assert np.abs(decoded[-1].astype(int) - pixels).mean() < 14
    assert len({picture.tobytes() for picture in decoded}) == 4


def test_a_codec_of_others_is_named_by_its_id(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(registry.get("jpeg")), "tag", b"")
    pipeline = registry.pipeline.parse("downscale+jpeg", "", registry.all_codecs(), registry.all_prefilters())
    data = pipeline.encode(photo(40, 52), pipeline.options())
    assert data[10:16] == b"\x00\x04jpeg"
    assert registry.recognise(data).decode(data).shape == (40, 52, 3)


def test_prefilters_ask_the_guide(photo: Photo) -> None:
    pixels = photo(64, 64)
    left = np.zeros((8, 8), np.float32)
    left[:, :4] = 1
    pipeline = get("roi-background:mode=remove,feather=0+png")
    decoded = pipeline.decode(pipeline.encode(pixels, pipeline.options(), MapGuide.of(left)))
    np.testing.assert_array_equal(decoded[:, :30], pixels[:, :30])
    assert (decoded[:, 36:].std((0, 1)) == 0).all()
    assert pipeline.guided
    assert not get("blur+png").guided


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("downscale+downscale+avif", "Two factors are one"),
        ("pixelate+pixelate:size=4+jpeg", "keep one of the two"),
        ("jpeg+avif", "no prefilter “jpeg”"),
        ("blur+blur", "no codec “blur”"),
        ("blur+", "no codec “”"),
        ("blur:3+jpeg", "“3” of “blur” is not NAME=VALUE"),
    ],
)
def test_what_cannot_work_is_refused(spec: str, reason: str) -> None:
    with pytest.raises(PipelineError, match=reason):
        registry.get(spec)


def test_options_out_of_range_name_stage_field_and_range() -> None:
    with pytest.raises(OptionsError, match=r"Blur: Option “sigma” takes a number from 0\.1 to 30, not “900”"):
        registry.get("blur:sigma=900+jpeg")


@given(
    mutation=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), min_size=1), cut=st.integers(0, 90)
)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_damaged_files_raise_nothing_else(mutation: list[tuple[int, int]], cut: int) -> None:
    pipeline = get("downscale+png")
    data = bytearray(pipeline.encode(np.full((9, 7, 3), 50, np.uint8), pipeline.options()))
    for place, value in mutation:
        data[place % len(data)] = value
    for reader in (pipeline.decode, lambda bytes_: registry.recognise(bytes_).decode(bytes_)):
        try:
            assert reader(bytes(data[: len(data) - cut])).ndim == 3
        except BitstreamError:
            continue


def test_a_pipeline_is_saved_named_and_found_again(home: Path) -> None:
    stages = get("downscale:factor=2+jpeg:chroma=4:4:4").stages
    path = saved.save("Small & sharp", stages)
    assert path == home / "pipelines" / "small-sharp.json"
    assert json.loads(path.read_text())["stages"][0] == {"id": "downscale", "factor": 2.0}
    registry.refresh()
    found = registry.all_codecs()["downscale:factor=2+jpeg:chroma=4:4:4"]
    assert found.label == "Small & sharp"
    assert registry.get(found.id) is found
    assert isinstance(found, Pipeline)
    saved.delete(found)
    registry.refresh()
    assert found.id not in registry.all_codecs()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "holds no pipeline: the file"),
        ('{"name": "x", "stages": []}', "stages"),
        ('{"name": "", "stages": [{"id": "jpeg"}]}', "name"),
        ('{"name": "x", "stages": [{"id": "nothing"}]}', "no codec “nothing”"),
        ('{"name": "x", "stages": [{"id": "blur", "sigma": 99}, {"id": "jpeg"}]}', "0.1 to 30"),
    ],
)
def test_a_broken_file_is_left_out_with_its_reason(home: Path, content: str, reason: str) -> None:
    (home / "pipelines").mkdir()
    (home / "pipelines" / "mine.json").write_text(content)
    registry.refresh()
    (note,) = registry.notes()
    assert "“mine”" in note
    assert reason in note
    assert "jpeg" in registry.all_codecs()


def test_a_name_without_letters_is_refused(home: Path) -> None:
    with pytest.raises(PipelineError, match="1 to 60 letters"):
        saved.save(" ", get("blur+jpeg").stages)

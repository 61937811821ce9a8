import pytest

from keepsight.app.engine.stages import default_setting, edited, form_fields, names, setting_of, stages_of
from keepsight.app.engine.types import Setting
from keepsight.codecs import registry
from keepsight.codecs.pipeline import PipelineError, Stage


def setting(spec: str, **values: object) -> Setting:
    codec = registry.get(spec)
    return Setting(codec.id, codec.options().replace(**values))


def test_stages_and_settings_are_two_ways_to_say_the_same() -> None:
    built = setting("downscale:factor=2+blur:sigma=3+blur+avif", quality=21, chroma="4:4:4")
    stages = stages_of(built)
    assert names(stages) == ["Downscale", "Blur", "Blur 2", "AVIF"]
    assert setting_of(stages) == built
    assert setting_of(stages[-1:]) == setting("avif", quality=21, chroma="4:4:4")


def test_the_prefilters_values_are_in_the_id_and_the_codecs_are_not() -> None:
    start = setting("downscale:factor=2+avif", quality=21)
    finer = edited(start, {"quality": 30})
    assert finer.codec == start.codec
    smaller = edited(finer, {"downscale.factor": 2.55, "quality": 30})
    assert smaller.codec == "downscale:factor=2.55+avif"
    assert smaller.options.model_dump()["quality"] == 30
    assert smaller.options.model_dump()["downscale.factor"] == 2.55
    # A sweep of the pane's codec goes through the pane's own setting.
    assert edited(smaller, {"quality": 21}).options in registry.get(smaller.codec).ladder()


def test_a_saved_codecs_values_stay_its_own_until_a_prefilter_changes() -> None:
    start = setting("blur+avif:chroma=4:4:4")
    assert edited(start, {"quality": 9}).codec == "blur+avif:chroma=4:4:4"
    other = edited(start, {"blur.sigma": 2.0})
    assert other.codec == "blur:sigma=2+avif"
    assert other.options.model_dump()["chroma"] == "4:4:4"


def test_every_codec_begins_with_a_setting_of_its_own() -> None:
    for codec in registry.all_codecs().values():
        assert default_setting(codec).options in codec.ladder()
    assert default_setting(registry.get("blur+avif:quality=77")).options.model_dump()["quality"] == 77


def test_the_form_has_a_heading_for_each_stage_with_options() -> None:
    fields, headings = form_fields(setting("blur:sigma=3+blur+png"))
    assert headings == {"blur.sigma": "Blur", "blur2.sigma": "Blur 2", "effort": "PNG"}
    assert [(field.name, field.label, field.default) for field in fields[:2]] == [
        ("blur.sigma", "Radius", 1.0),
        ("blur2.sigma", "Radius", 1.0),
    ]
    fields, headings = form_fields(setting("jpeg"))
    assert headings == {}
    assert list(fields) == list(registry.get("jpeg").options.fields())


def test_what_cannot_work_together_is_refused() -> None:
    pixelate = registry.all_prefilters()["pixelate"]
    stages = [Stage(pixelate, pixelate.options()), *stages_of(setting("pixelate+avif"))]
    with pytest.raises(PipelineError, match="keep one of the two"):
        setting_of(stages)

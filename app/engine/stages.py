"""The stages behind a pane's setting: a list of prefilters and the codec after them, with their values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from keepsight.app.engine.types import Setting
from keepsight.codecs import registry
from keepsight.codecs.base import Codec
from keepsight.codecs.options import OptionField, Value
from keepsight.codecs.pipeline import Pipeline, Stage


def default_setting(codec: Codec) -> Setting:
    """Return the setting that a pane begins with: a pipeline's own values, a codec's third rate."""
    if isinstance(codec, Pipeline) or codec.rate_option is None:
        return Setting(codec.id, codec.options())
    return Setting(codec.id, codec.options(**{codec.rate_option: codec.ladder_values[2]}))


def stages_of(setting: Setting) -> list[Stage]:
    """Return the stages of a setting, the codec last; of a codec alone that is all."""
    codec = registry.get(setting.codec)
    return (
        codec.with_options(setting.options)
        if isinstance(codec, Pipeline)
        else [Stage(codec, setting.options)]
    )


def spec_of(setting: Setting) -> str:
    """Return what names a setting on the command line: "jpeg:quality=10", "blur+jpeg"."""
    return "+".join(stage.spec for stage in stages_of(setting))


def setting_of(stages: Sequence[Stage]) -> Setting:
    """Return the setting of these stages. Raises `PipelineError` where they cannot work together.

    The values of the prefilters are in the codec's id, so that a sweep takes them as they are.
    """
    *before, last = stages
    codec = registry.get("+".join([*(stage.spec for stage in before), last.of.id]))
    return Setting(codec.id, codec.options.parse(last.options.model_dump()))


def edited(setting: Setting, values: Mapping[str, Value]) -> Setting:
    """Return a setting with other values; where those of prefilters change, it is of another pipeline."""
    codec = registry.get(setting.codec)
    options = setting.options.replace(**values)
    if isinstance(codec, Pipeline):
        stages = codec.with_options(options)
        if any(now.spec != old.spec for now, old in zip(stages[:-1], codec.stages, strict=False)):
            return setting_of(stages)
    return Setting(setting.codec, options)


def names(stages: Sequence[Stage]) -> list[str]:
    """Return what people call the stages: "Blur", the second one "Blur 2"."""
    labels = [stage.of.label for stage in stages]
    counts = [labels[: place + 1].count(label) for place, label in enumerate(labels)]
    return [f"{label} {n}" if n > 1 else label for label, n in zip(labels, counts, strict=True)]


def form_fields(setting: Setting) -> tuple[list[OptionField], dict[str, str]]:
    """Return the options to set, stage by stage, and the heading above the first option of each stage.

    Their defaults are those of the stages, not of this pipeline.
    """
    codec = registry.get(setting.codec)
    if not isinstance(codec, Pipeline):
        return list(codec.options.fields()), {}
    fields, headings = [], {}
    for stage, name, prefix in zip(codec.stages, names(codec.stages), codec.prefixes, strict=True):
        own = [replace(field, name=prefix + field.name) for field in stage.of.options.fields()]
        if own:
            headings[own[0].name] = name
        fields += own
    return fields, headings

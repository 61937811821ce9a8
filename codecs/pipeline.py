"""Any prefilters before any codec, as one codec: "downscale:factor=1.5+roi-background:mode=blur+avif".

The stages are joined by "+"; a stage is an id, and after ":" its options, apart by ",", where they differ
from their defaults. That text is the pipeline's id: in stored rows, on the command line, in other processes.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import create_model
from pydantic.fields import FieldInfo

from keepsight.codecs import container
from keepsight.codecs.base import BitstreamError, Codec, Part, Pixels
from keepsight.codecs.guide import Critic, Guide, Map
from keepsight.codecs.options import Options, OptionsError
from keepsight.codecs.prefilters.base import Prefilter, Resizer
from keepsight.codecs.spending import Spent

TAG = b"P"
VERSION = 1

# Beside the codecs' own colours; a pipeline has the one that its id hashes to.
_COLOURS = ("#9C6ADE", "#47C1BF", "#F49342", "#DE3618", "#50B83C", "#5C6AC4", "#EEC200", "#B98EFF")


class PipelineError(ValueError):
    """These stages cannot work together. The message is a sentence for the user."""


@dataclass(frozen=True)
class Stage:
    """A prefilter or codec with the options that it has in this pipeline."""

    of: Prefilter | Codec
    options: Options

    @property
    def spec(self) -> str:
        """The stage as text: "downscale:factor=2"."""
        changed = [f"{name}={value}" for name, value in self._changed().items()]
        return self.of.id + (":" + ",".join(changed) if changed else "")

    @property
    def words(self) -> str:
        """The stage for people: "Downscale 2"."""
        labels = {field.name: field.label.lower() for field in self.options.fields()}
        said = [
            f"{labels[name]} {'on' if text == 'true' else 'off'}" if text in ("true", "false") else text
            for name, text in self._changed().items()
        ]
        return " ".join([self.of.label, *said])

    def _changed(self) -> dict[str, str]:
        defaults = self.of.options().model_dump()
        values = self.options.model_dump()
        return {name: _text(value) for name, value in values.items() if value != defaults[name]}


class Pipeline(Codec):
    """Prefilters and the codec after them; a `Codec` in all respects.

    Its options are the codec's, by their own names, and those of each prefilter with its id before them
    ("downscale.factor"; the second of a kind is "blur2.sigma").
    """

    def __init__(self, stages: Sequence[Stage], name: str = "") -> None:
        """Stack the stages, of which the last is the codec. Raises `PipelineError`."""
        self.stages = tuple(stages)
        self.base = _checked(self.stages)
        self.id = "+".join(stage.spec for stage in stages)
        self.label = name or " + ".join(stage.words for stage in stages)
        self.colour = _COLOURS[hashlib.sha256(self.id.encode()).digest()[0] % len(_COLOURS)]
        self._resizer = next((s.of for s in stages if isinstance(s.of, Resizer)), None)
        self.suffix = ".ksp" if self._resizer else self.base.suffix
        self.version = self.base.version
        self.rate_option = self.base.rate_option
        self.ladder_values = self.base.ladder_values
        self.max_side = min(self.base.max_side, container.MAX_SIDE) if self._resizer else self.base.max_side
        self.guided = any(stage.of.guided for stage in stages)
        self.searches = self.base.searches
        self.prefixes = tuple(_prefixes(self.stages))
        """What stands before the names of each stage's options, as in `options`."""
        self.options = self._join_options()

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        pixels = self.encodable(pixels)
        height, width = pixels.shape[:2]
        *before, last = self.with_options(options)
        header = b""
        for stage in before:
            assert isinstance(stage.of, Prefilter)
            pixels = stage.of.apply(pixels, stage.options, guide)
            if isinstance(stage.of, Resizer):
                note = stage.of.tag + bytes([stage.of.note(stage.options)])
                header = container.pack(TAG, VERSION, height, width) + note + _name(self.base)
                if isinstance(guide, Critic):
                    guide = _Restored(guide, partial(stage.of.undo, height=height, width=width, note=note[1]))
        return header + self.base.encode(pixels, last.options, guide)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        if self._resizer is None:
            return self.base.decode(data)
        height, width, note, inner = self._unpack(data, self._resizer)
        return self._resizer.undo(self.base.decode(inner), height, width, note)

    def parts(self, data: bytes) -> Sequence[Part]:
        """See `Codec.parts`: those of the codec at the end."""
        return self.base.parts(data if self._resizer is None else self._unpack(data, self._resizer)[3])

    def spent(self, data: bytes) -> Spent | None:
        """See `Codec.spent`: told by the codec at the end, unless it codes another size."""
        return self.base.spent(data) if self._resizer is None else None

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        if self._resizer is None:
            return self.base.recognises(data)
        known = self._resizer.tag, _name(self.base)
        rest = data[container.SIZE :]
        return container.is_tagged(data, TAG) and (rest[:1], rest[2 : 2 + len(known[1])]) == known

    def with_options(self, options: Options) -> list[Stage]:
        """Return the stages with these values of the pipeline's options."""
        values = options.model_dump()
        stages = []
        for stage, prefix in zip(self.stages, self.prefixes, strict=True):
            own = {name: values[prefix + name] for name in type(stage.options).model_fields}
            stages.append(Stage(stage.of, stage.of.options.parse(own)))
        return stages

    def _unpack(self, data: bytes, resizer: Resizer) -> tuple[int, int, int, bytes]:
        """Return height, width, the resizer's note and the base codec's file."""
        height, width, rest = container.unpack(data, TAG, VERSION)
        name = _name(self.base)
        if rest[:1] != resizer.tag or rest[2 : 2 + len(name)] != name:
            raise BitstreamError("This file is of another pipeline, damaged or cut off. Get it anew.")
        return height, width, rest[1], bytes(rest[2 + len(name) :])

    def _join_options(self) -> type[Options]:
        """Return one class with the codec's fields first, then those of the prefilters."""
        fields: dict[str, Any] = {}
        stages = list(zip(self.stages, self.prefixes, strict=True))
        for stage, prefix in [stages[-1], *stages[:-1]]:
            for name, info in type(stage.options).model_fields.items():
                fields[prefix + name] = (info.annotation, _renamed(stage, name, info, prefix))
        joined: type[Options] = create_model("PipelineOptions", __base__=Options, **fields)
        return joined


@dataclass(frozen=True, eq=False)
class _Restored:
    """A critic of images whose size the decoder restores."""

    critic: Critic
    restore: Callable[[Pixels], Pixels]

    @property
    def memory(self) -> dict[Any, Any]:
        return {}  # the critic's is of another size

    @property
    def readers(self) -> str:
        return self.critic.readers

    def importance(self) -> Map:
        return self.critic.importance()

    def distortion(self, candidates: Sequence[Pixels]) -> NDArray[np.float64]:
        return self.critic.distortion([self.restore(candidate) for candidate in candidates])

    def keeps(self, candidates: Sequence[Pixels]) -> NDArray[np.bool_]:
        return self.critic.keeps([self.restore(candidate) for candidate in candidates])


def parse(spec: str, name: str, codecs: Mapping[str, Codec], prefilters: Mapping[str, Prefilter]) -> Pipeline:
    """Return the pipeline of a text; without a name it is called after its stages.

    Raises `PipelineError`, or `OptionsError` for a stage's options.
    """
    *before, last = spec.split("+")
    stages = [_stage(text, prefilters, "prefilter") for text in before]
    return Pipeline([*stages, _stage(last, codecs, "codec")], name)


def file_spec(data: bytes, codecs: Mapping[str, Codec], prefilters: Mapping[str, Prefilter]) -> str:
    """Return a spec whose pipeline reads this file. Raises `BitstreamError`."""
    _, _, rest = container.unpack(data, TAG, VERSION)
    resizers = [p.id for p in prefilters.values() if isinstance(p, Resizer) and p.tag == rest[:1]]
    for codec in codecs.values():
        name = _name(codec)
        if resizers and rest[2 : 2 + len(name)] == name:
            return f"{resizers[0]}+{codec.id}"
    raise BitstreamError(
        "This pipeline's file was written with a prefilter or codec that is not installed here, or it is "
        "damaged. Install what wrote it, or get the file anew."
    )


def _stage(text: str, known: Mapping[str, Any], kind: str) -> Stage:
    stage_id, _, settings = text.strip().partition(":")
    if stage_id not in known:
        place = "The last stage" if kind == "codec" else "Each stage before the last"
        raise PipelineError(f"There is no {kind} “{stage_id}”. {place} is one of: {', '.join(known)}.")
    values = {}
    for pair in filter(None, settings.split(",")):
        name, equals, value = pair.partition("=")
        if not equals:
            raise PipelineError(f"“{pair}” of “{stage_id}” is not NAME=VALUE.")
        values[name.strip()] = value.strip()
    of = known[stage_id]
    try:
        return Stage(of, of.options.parse(values))
    except OptionsError as error:
        raise OptionsError(f"{of.label}: {error}") from None


def _checked(stages: Sequence[Stage]) -> Codec:
    """Return the codec at the end, if these stages can work in this order."""
    *before, last = (stage.of for stage in stages)
    for place, stage in enumerate(before):
        if not isinstance(stage, Prefilter):
            raise PipelineError(f"{stage.label} is a codec: it can only be the last stage.")
        for later in (*before[place + 1 :], last):
            if later.id in stage.excludes:
                raise PipelineError(
                    f"{stage.label} and {later.label} do not work in one pipeline. {stage.why_excluded}"
                )
    if not isinstance(last, Codec) or isinstance(last, Pipeline):
        raise PipelineError("The last stage of a pipeline is a codec.")
    return last


def _prefixes(stages: Sequence[Stage]) -> Iterator[str]:
    """Yield what stands before the names of each stage's options."""
    seen: list[str] = []
    for stage in stages[:-1]:
        seen.append(stage.of.id)
        count = seen.count(stage.of.id)
        yield f"{stage.of.id}{count if count > 1 else ''}."
    yield ""


def _renamed(stage: Stage, name: str, info: FieldInfo, prefix: str) -> FieldInfo:
    """Return a field for the joined class: the default is this pipeline's, the label says whose it is."""
    field = copy(info)
    field.default = getattr(stage.options, name)
    if prefix:
        field.title = f"{stage.of.label}: {str(info.title).lower()}"
    return field


def _name(codec: Codec) -> bytes:
    """Return how a file names its codec: its letter, or 0, the length of the id and the id."""
    return codec.tag or bytes([0, len(codec.id)]) + codec.id.encode()


def _text(value: object) -> str:
    """Return an option's value as the command line takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")

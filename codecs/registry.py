"""Finds every codec and prefilter of these folders, and the user's own; nothing is listed by hand."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from keepsight import codecs
from keepsight.codecs import container, external, pipeline, prefilters, saved
from keepsight.codecs.base import BitstreamError, Codec
from keepsight.codecs.options import OptionsError
from keepsight.codecs.pipeline import Pipeline, PipelineError
from keepsight.codecs.prefilters.base import Prefilter


class UnknownCodecError(LookupError):
    """There is no codec of that id. The message lists the ids."""

    def __str__(self) -> str:
        """Return the sentence itself, without the quotes that LookupError adds."""
        return str(self.args[0])


def all_codecs() -> dict[str, Codec]:
    """Return every codec by id: lossy ones by label, the lossless anchors, the user's saved pipelines."""
    return _find()[0]


def groups() -> tuple[list[Codec], list[Codec], list[Codec]]:
    """Return all codecs: standard formats, Keepsight's own, and the user's (plug-ins, cards, pipelines)."""
    standard: list[Codec] = []
    own: list[Codec] = []
    yours: list[Codec] = []
    for codec in all_codecs().values():
        (yours if codec.id not in _find()[2] else standard if codec.standard else own).append(codec)
    return standard, own, yours


def notes() -> list[str]:
    """Return a sentence for each of the user's own codecs and pipelines that is left out, and why."""
    return _find()[1]


def refresh() -> None:
    """Look again at what the user has saved."""
    _find.cache_clear()
    _pipeline.cache_clear()


@cache
def _find() -> tuple[dict[str, Codec], list[str], frozenset[str]]:
    built_in = [kind() for kind in _classes(codecs, Codec)]
    others, left_out = external.find([codec.id for codec in built_in])
    ordered = sorted([*built_in, *others], key=lambda codec: (codec.rate_option is None, codec.label))
    found: dict[str, Codec] = {codec.id: codec for codec in ordered}
    known = dict(found)
    for path in saved.saved():
        try:
            own = pipeline.parse(*saved.read(path), known, all_prefilters())
        except (PipelineError, OptionsError) as error:
            left_out.append(f"The saved pipeline “{path.stem}” is left out. {error}")
        else:
            found[own.id] = own
    return found, left_out, frozenset(codec.id for codec in built_in)


@cache
def all_prefilters() -> dict[str, Prefilter]:
    """Return every prefilter by id, by label."""
    found = sorted((kind() for kind in _classes(prefilters, Prefilter)), key=lambda found: found.label)
    return {prefilter.id: prefilter for prefilter in found}


def get(codec_id: str) -> Codec:
    """Return the codec of that id, or the pipeline of that text or JSON file.

    Raises `UnknownCodecError`, and `PipelineError` or `OptionsError` for a pipeline that cannot be.
    """
    known = all_codecs()
    if codec_id in known:
        return known[codec_id]
    if codec_id.endswith(".json"):
        return _pipeline(saved.read(Path(codec_id))[0])
    if "+" in codec_id or ":" in codec_id:
        return _pipeline(codec_id)
    raise UnknownCodecError(
        " ".join([f"There is no codec “{codec_id}”. Codecs: {', '.join(known)}.", *notes()])
    )


def recognise(data: bytes) -> Codec:
    """Return the codec that reads a file, by its first bytes. Raises `BitstreamError`."""
    if container.is_tagged(data, pipeline.TAG):
        return get(pipeline.file_spec(data, all_codecs(), all_prefilters()))
    for codec in sorted(all_codecs().values(), key=lambda codec: not codec.tag):  # built-in ones first
        if codec.recognises(data):
            return codec
    raise BitstreamError("This file was not written by any codec that Keepsight knows.")


@lru_cache(128)  # a slider makes one at each step
def _pipeline(spec: str) -> Pipeline:
    return pipeline.parse(spec, "", all_codecs(), all_prefilters())


def _classes(package: ModuleType, kind: Any) -> Iterator[Any]:
    """Yield the concrete classes of a package's own modules; those without an id are made from a text."""
    for module_info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{module_info.name}")
        for _, found in inspect.getmembers(module, inspect.isclass):
            own = found.__module__ == module.__name__ and hasattr(found, "id")
            if own and issubclass(found, kind) and not inspect.isabstract(found):
                yield found

"""What the window shows as commands of this program, to paste into a shell or a script."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from keepsight.app.engine.data import Item
from keepsight.app.engine.limits import Goal
from keepsight.app.engine.naming import file_stem
from keepsight.app.engine.runs import command_line
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Protocol, Setting
from keepsight.codecs import registry


def file_of(item: Item) -> Path | None:
    """Return the file of a photo; None of one that was rendered or pasted."""
    if item.path is None and item.source == "samples":
        return next((sample.path for sample in SAMPLES if sample.name == item.name), None)
    return item.path


def encode_command(item: Item, setting: Setting, classifier: str | None, region: Path | None = None) -> str:
    """Return what compresses a photo with a setting; a region's file or a classifier guides it, if asked.

    A photo that has no file is called as `results.save_results` names it.
    """
    codec = registry.get(setting.codec)
    default = codec.options().model_dump()
    changed = [
        (name, value) for name, value in setting.options.model_dump().items() if value != default[name]
    ]
    sets = [word for name, value in changed for word in ("--set", f"{name}={_text(value)}")]
    return command_line(
        *("encode", _name_of(item), f"{file_stem(item.name)}{codec.suffix}", *sets),
        codec=codec.id,
        region=region if codec.guided else None,
        guide=(classifier or "none") if codec.guided and region is None else None,
    )


def sweep_command(
    data: str | Path, codecs: Iterable[str], classifier: str, protocol: Protocol, photos: int | None
) -> str:
    """Return what measures these codecs' curves, guided and read by one classifier, as the window does."""
    names = list(dict.fromkeys(codecs))
    return command_line(
        *("sweep", str(data)),
        codecs=",".join(names),
        classifier=classifier,
        guide=_guide(names, classifier),
        protocol=protocol,
        photos=photos,
    )


def limit_command(item: Item, settings: Sequence[Setting], goal: Goal, classifier: str) -> str:
    """Return what searches for the smallest files of a photo that meet a goal."""
    names = list(dict.fromkeys(setting.codec for setting in settings))
    return command_line(
        *("limit", _name_of(item)),
        codecs=",".join(names),
        classifier=classifier,
        guide=_guide(names, classifier),
        **{goal.kind: f"{goal.value:g}"},
    )


def snapshot_command(item: Item, classifier: str, width: int, height: int) -> str:
    """Return what draws the window with this photo into a picture."""
    return command_line(
        *("snapshot", "window.png", _name_of(item)), classifier=classifier, width=width, height=height
    )


def _name_of(item: Item) -> str:
    return str(file_of(item) or f"{file_stem(item.name)}-original.png")


def _guide(codecs: Iterable[str], classifier: str) -> str | None:
    return classifier if any(registry.get(codec).guided for codec in codecs) else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""What the window shows as commands of this program, to paste into a shell or a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from keepsight.app.engine.data import Item
from keepsight.app.engine.limits import Goal
from keepsight.app.engine.naming import file_stem
from keepsight.app.engine.runs import command_line
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.stages import spec_of
from keepsight.app.engine.types import Protocol, Setting
from keepsight.codecs import registry
from keepsight.codecs.pipeline import Pipeline


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


@dataclass(frozen=True)
class WindowLook:
    """What a picture of the window shows, as the options of `keepsight snapshot`."""

    width: int
    height: int
    """In logical pixels."""
    scale: float
    """Pixels of the screen for each of them."""
    mode: str
    map: str
    """Id of a saliency map or text of a mix; "none" for none."""
    tab: str
    theme: str
    curves: bool
    """Whether anything is measured."""


def snapshot_command(item: Item, settings: Sequence[Setting], classifier: str, look: WindowLook) -> str:
    """Return what draws the window with this photo and these panes into a picture."""
    return command_line(
        *("snapshot", "window.png", _name_of(item)),
        classifier=classifier,
        codecs=",".join(map(_spec_of, settings)) or None,
        mode=look.mode.replace(" ", "-"),
        map=look.map,
        tab=look.tab,
        theme=look.theme,
        width=look.width,
        height=look.height,
        scale=f"{look.scale:g}",
        photos=None if look.curves else 0,
    )


def _spec_of(setting: Setting) -> str:
    """Return what a pane shows; a codec's name alone stands for the rate that a new pane begins with."""
    spec, codec = spec_of(setting), registry.get(setting.codec)
    rate = None if isinstance(codec, Pipeline) else codec.rate_option
    if spec == codec.id and rate is not None:
        return f"{spec}:{rate}={_text(setting.options.model_dump()[rate])}"
    return spec


def _name_of(item: Item) -> str:
    return str(file_of(item) or f"{file_stem(item.name)}-original.png")


def _guide(codecs: Iterable[str], classifier: str) -> str | None:
    return classifier if any(registry.get(codec).guided for codec in codecs) else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

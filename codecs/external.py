"""Codecs that are not Keepsight's own: those of other packages, and command lines on the user's cards."""

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keepsight.codecs.base import Codec
from keepsight.codecs.command_card import CodecCardError, CommandCard, Declared, complaint, load_card
from keepsight.codecs.command_codec import CommandCodec
from keepsight.codecs.options import Options, OptionsError
from keepsight.codecs.userfolder import folder

GROUP = "keepsight.codecs"
"""The entry-point group in which a package names its subclasses of `Codec`."""

_RESERVED = {"original"}  # stands for the uncompressed image in stored rows


class PluginError(ValueError):
    """A codec of another package is not usable. The message is a sentence for the user."""


def find(own: Collection[str]) -> tuple[list[Codec], list[str]]:
    """Return the codecs of others, and a sentence for each one that is left out.

    Args:
        own: Ids of Keepsight's own codecs, which no other may have.
    """
    codecs: dict[str, Codec] = {}
    notes = []
    for whose, load in _sources():
        try:
            codec = load()
        except (CodecCardError, PluginError) as error:
            notes.append(f"{error} It is left out.")
            continue
        if codec.id in codecs or codec.id in own or codec.id in _RESERVED:
            notes.append(f"{whose} is left out: the id “{codec.id}” is taken. Change its id.")
        else:
            codecs[codec.id] = codec
    return list(codecs.values()), notes


def add_card(path: Path, codecs: Iterable[Codec]) -> CommandCard:
    """Copy a card into the user's folder, in place of an earlier one of its id, and return it.

    Raises `CodecCardError` for a card that is not usable, or has the id of one of `codecs` without a card.
    """
    card = load_card(path)
    CommandCodec(card)  # looks for its programs
    if card.id in _RESERVED or any(c.id == card.id and not isinstance(c, CommandCodec) for c in codecs):
        raise CodecCardError(f"The id “{card.id}” is taken. Choose another in “{path}”.")
    target = _cards() / f"{card.id}.toml"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.exists() and target.samefile(path)):
            shutil.copyfile(path, target)
    except OSError as error:
        raise CodecCardError(f"The card could not be copied to “{target}”: {error.strerror}.") from None
    return card


def remove_card(codec_id: str) -> Path:
    """Delete the card of that id from the user's folder; return where it was. Raises `CodecCardError`."""
    cards = {path.stem: path for path in _card_files()}
    if codec_id not in cards:
        there = f"Cards there: {', '.join(cards)}." if cards else "There are no cards there."
        raise CodecCardError(f"There is no card “{codec_id}.toml” in “{_cards()}”. {there}")
    try:
        cards[codec_id].unlink()
    except OSError as error:
        raise CodecCardError(f"“{cards[codec_id]}” cannot be deleted: {error.strerror}.") from None
    return cards[codec_id]


def _cards() -> Path:
    return folder() / "codecs"


def _card_files() -> list[Path]:
    return sorted(_cards().glob("*.toml"))


def _sources() -> Iterator[tuple[str, Callable[[], Codec]]]:
    """Yield the name of each codec for a sentence, and what loads it, in an order that stays."""
    for entry in sorted(entry_points(group=GROUP), key=_whose):
        yield _whose(entry), partial(_plugin, entry)
    for path in _card_files():
        yield f"The card “{path}”", partial(_command_codec, path)


def _whose(entry: EntryPoint) -> str:
    package = entry.dist.name if entry.dist else entry.module
    return f"The codec “{entry.name}” of the package “{package}”"


def _command_codec(path: Path) -> Codec:
    return CommandCodec(load_card(path))


def _plugin(entry: EntryPoint) -> Codec:
    try:
        kind = entry.load()
        if not (isinstance(kind, type) and issubclass(kind, Codec)):
            raise PluginError("names something that is no subclass of keepsight.codecs.base.Codec")
        codec = kind()
        _check(codec)
    except PluginError as error:
        fault = str(error)
    except OptionsError as error:
        fault = f"is not usable: {str(error).removesuffix('.')}"
    except ValidationError as error:
        fault = complaint(error)
    # Code of others may fail in any way, or end the program; neither must keep Keepsight from starting.
    except (Exception, SystemExit) as error:
        fault = f"cannot be loaded: {type(error).__name__}: {error}"
    else:
        return codec
    raise PluginError(f"{_whose(entry)} {fault}.")


def _check(codec: Codec) -> None:
    """Raise `PluginError`, `ValidationError` or `OptionsError` unless a codec declares itself properly."""
    declared = {name: getattr(codec, name) for name in Declared.model_fields if hasattr(codec, name)}
    Declared.model_validate(declared)
    options: Any = getattr(codec, "options", None)
    if not (isinstance(options, type) and issubclass(options, Options)):
        raise PluginError("lacks “options”. It takes a subclass of keepsight.codecs.options.Options")
    fields = {field.name: field for field in options.fields()}
    options.parse({name: field.default for name, field in fields.items()})
    if codec.rate_option is not None and codec.rate_option not in fields:
        raise PluginError(f"has a “rate_option” that is none of its options: “{codec.rate_option}”")
    if not codec.ladder():
        raise PluginError("lacks “ladder_values”. It takes the values of “rate_option” for a sweep")
    if type(codec.version) is not int or codec.tag:
        raise PluginError(
            "has a “version” that is no whole number, or a “tag”, which only built-in codecs have"
        )

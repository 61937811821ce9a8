"""Finds every codec of this folder; nothing is listed by hand."""

import importlib
import inspect
import pkgutil
from functools import cache

from keepsight import codecs
from keepsight.codecs.base import BitstreamError, Codec


class UnknownCodecError(LookupError):
    """There is no codec of that id. The message lists the ids."""

    def __str__(self) -> str:
        """Return the sentence itself, without the quotes that LookupError adds."""
        return str(self.args[0])


@cache
def all_codecs() -> dict[str, Codec]:
    """Return every codec by id: lossy ones by label, then the lossless anchors."""
    found: list[Codec] = []
    for module_info in pkgutil.iter_modules(codecs.__path__):
        module = importlib.import_module(f"{codecs.__name__}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            own = kind.__module__ == module.__name__
            if own and issubclass(kind, Codec) and not inspect.isabstract(kind):
                found.append(kind())
    found.sort(key=lambda codec: (codec.rate_option is None, codec.label))
    return {codec.id: codec for codec in found}


def get(codec_id: str) -> Codec:
    """Return the codec of that id. Raises `UnknownCodecError`."""
    try:
        return all_codecs()[codec_id]
    except KeyError:
        raise UnknownCodecError(
            f"There is no codec “{codec_id}”. Codecs: {', '.join(all_codecs())}."
        ) from None


def recognise(data: bytes) -> Codec:
    """Return the codec that wrote a file, by its first bytes. Raises `BitstreamError`."""
    for codec in all_codecs().values():
        if codec.recognises(data):
            return codec
    raise BitstreamError("This file was not written by any codec that Keepsight knows.")

"""How people read codecs and settings of stored rows, also of codecs that are not installed any more."""

import json
import re
from pathlib import PurePath

from keepsight.codecs import registry
from keepsight.codecs.base import Codec
from keepsight.codecs.options import OptionsError
from keepsight.codecs.pipeline import PipelineError
from keepsight.codecs.registry import UnknownCodecError

_GREY = "#808080"


def label(codec_id: str) -> str:
    """Return the codec's label, or its id where there is no such codec here."""
    codec = find(codec_id)
    return codec.label if codec else codec_id


def colour(codec_id: str) -> str:
    """Return the codec's accent "#rrggbb", grey where there is no such codec here."""
    codec = find(codec_id)
    return codec.colour if codec else _GREY


def setting(codec_id: str, options: str) -> str:
    """Return options (JSON) in words, "quality 8 · chroma 4:4:4", or as they are where nobody reads them."""
    codec = find(codec_id)
    try:
        return codec.options.parse(json.loads(options)).in_words() if codec else options
    except OptionsError:
        return options


def photos(count: int) -> str:
    """Return "1 photo" or "1,200 photos"."""
    return f"{count:,} photo{'' if count == 1 else 's'}"


def file_stem(name: str) -> str:
    """Return a name of a photo or codec as the beginning of a file's name: "cat", "my_photo_2"."""
    stem = PurePath(name).stem if re.search(r"\.[A-Za-z0-9]{1,5}$", name) else name
    return re.sub(r"[^\w.-]+", "_", stem).strip("._")[:60] or "photo"


def find(codec_id: str) -> Codec | None:
    """Return the codec of stored rows; None where there is no such codec here."""
    try:
        return registry.get(codec_id)
    except (UnknownCodecError, PipelineError, OptionsError):
        return None

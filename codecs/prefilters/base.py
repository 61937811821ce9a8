"""What a prefilter is: an id, declared options, and pixels -> pixels."""

from abc import ABC, abstractmethod

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options


class Prefilter(ABC):
    """One step before a codec. A subclass in a module of this folder is found by the registry by itself."""

    id: str
    """Permanent name in pipelines: lower case, digits and hyphens."""
    label: str
    """Name that people read."""
    options: type[Options]
    """The declared options; `options()` is the default setting."""
    guided: bool = False
    """Whether `apply` asks the guide."""
    excludes: frozenset[str] = frozenset()
    """Ids of prefilters and codecs that make no sense after this one, this one's own id perhaps."""
    why_excluded: str = ""
    """The reason, a sentence."""

    @abstractmethod
    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """Return a new image, (h, w, 3) uint8, of the same size unless this is a `Resizer`."""


class Resizer(Prefilter):
    """A prefilter that changes the size: the decoder brings the image back to its own."""

    tag: bytes
    """One permanent letter in files."""

    @abstractmethod
    def note(self, options: Options) -> int:
        """Return what the decoder has to know beside the size, 0 to 255; stands in the file."""

    @abstractmethod
    def undo(self, pixels: Pixels, height: int, width: int, note: int) -> Pixels:
        """Return the image at its own size. Raises `BitstreamError` for a note that was never written."""

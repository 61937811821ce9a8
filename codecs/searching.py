"""A codec that tries several files of one image and keeps the best; others can look at all of them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from keepsight.codecs.base import Codec, Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options


@dataclass(frozen=True, eq=False)
class Candidate:
    """A file that was tried."""

    words: str
    """What is special about it, for people."""
    data: bytes
    """The whole file."""
    kl: float
    """KL(prediction on the original || on this), nats; NaN where no classifier was asked."""
    keeps: bool
    """Whether all classifiers that were asked still say what they said of the original; False without one."""
    loss: float
    """What is weighed against the bytes."""


@dataclass(frozen=True, eq=False)
class Found:
    """A search that has ended."""

    chosen: Candidate
    tried: Sequence[Candidate]
    """In the order in which they were tried."""
    unmet: str = ""
    """Where nothing meets what was asked, a sentence that says so; then the chosen one is the nearest."""


class SearchingCodec(Codec):
    """A codec whose `encode` asks a `Critic` which of several files loses least.

    With a guide that is none it measures pixels.
    """

    guided = searches = True

    @abstractmethod
    def search(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Found:
        """Try files of this image. Raises `EncodeError`."""

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        return self.search(pixels, options, guide).chosen.data

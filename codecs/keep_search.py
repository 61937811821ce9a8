"""Keep's search: which size, quality and background of an AV1 picture costs least for what is lost by it.

A candidate costs its bytes plus λ times what a classifier loses. Few are tried: two models (see `keep_model`)
are told of each, and say which one to try next.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.base import EncodeError, Pixels
from keepsight.codecs.guide import Critic, Guide, Map, importance
from keepsight.codecs.keep_constants import BYTES, LOSS
from keepsight.codecs.keep_model import Array
from keepsight.codecs.searching import Candidate, Found

VIEW = 224
"""Pixels of the shorter side that classifiers look at, about: sizes are relative to it."""
BLURS = (0.0, 2.0, 5.0)
"""Standard deviations of what blurs the background, in pixels of an image whose shorter side is `VIEW`."""
QUALITIES = range(4, 97, 4)
_FINE = 88
"""From this quality on, a picture of the image's own size is better as it is than mended."""
SCALES = 32
"""Sides are divided by 2 ** (k / 4), k from 0 to 31."""
_LARGEST, _SMALLEST = 512, 40
"""Coded shorter sides that are tried, unless the image itself is smaller."""
_KNOWN = -2.5, 1.25
"""Between these, the models know what the logarithm of a size does."""
_REGION = 0.15, 0.5
"""Importance at which the background ends and the region begins."""
_PIXEL_WEIGHT = 0.02
"""What a grey level of root-mean-square error adds to the loss: what is lucky for one classifier alone, but
far from the picture, is not taken."""
_PIXEL_LOSS = 0.1
"""The same where no classifier is asked."""
FLOOR = 0.02
"""Added to losses before their logarithm is taken."""
_APART = np.array([0.5, 0.6, 0.9, 0.9])
"""How far from one another the first candidates lie."""
_FIRST, _GROUP = 5, 2
"""How many candidates are tried before the models are asked, and how many at a time from then on: two
threads encode them."""
_DARING = 0.5
"""Standard deviations by which a loss may be better than expected when the next candidate is chosen."""


class Place(NamedTuple):
    """Where a candidate stands in the search."""

    scale: int
    """Sides are divided by 2 ** (scale / 4)."""
    quality: int
    """Of the AV1 picture, 0 to 99."""
    blur: int
    """Index into `BLURS`."""

    def sides(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width of the coded picture."""
        factor = 2 ** (self.scale / 4)
        return max(1, round(height / factor)), max(1, round(width / factor))

    @property
    def finest(self) -> bool:
        """Whether its picture is so good that the network at the decoder does not mend it."""
        return self.scale == 0 and self.quality >= _FINE

    @property
    def words(self) -> str:
        """What is special about it, for people."""
        background = ("as it is", "blurred", "much blurred")[self.blur]
        return f"size 1 / {2 ** (self.scale / 4):.3g} · quality {self.quality} · background {background}"


Encode = Callable[[Pixels, Place], tuple[bytes, Pixels]]
"""From the image, its background blurred already, to a file and what that decodes to."""


class Reading(NamedTuple):
    """What is known of a candidate that was read."""

    data: bytes
    """The whole file."""
    kl: float
    """See `Candidate`."""
    keeps: bool
    error: float
    """Root-mean-square, in grey levels."""


@dataclass(eq=False)
class Search:
    """The candidates of one image."""

    pixels: Pixels
    guide: Guide | None
    encode: Encode
    travels: bool
    """Whether the loss must hold for classifiers that are not asked, too."""
    most: int
    """How many candidates are tried at most."""
    known: dict[Place, Reading] = field(default_factory=dict)
    """What the same readers have read of this image before; grows."""
    tried: dict[Place, Candidate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._backgrounds: dict[int, Pixels] = {0: self.pixels}
        height, width = self.pixels.shape[:2]
        short = min(height, width)
        wanted = [k for k in range(SCALES) if _SMALLEST <= short / 2 ** (k / 4) <= _LARGEST]
        scales = wanted or [0]
        self.places = [Place(k, q, b) for k in scales for q in QUALITIES for b in range(len(BLURS))]
        self._grid = self.coordinates(self.places)
        # The models know square pictures.
        self._area = float(np.log(max(height, width) / short))

    @cached_property
    def _map(self) -> Map:
        return np.nan_to_num(importance(self.pixels, self.guide))

    def for_lambda(self, lmbda: float) -> Found:
        """Find the least bytes + λ · loss."""
        return self._search(partial(_weighed, lmbda), self.most)

    def for_size(self, size: int) -> Found:
        """Find the least loss in at most so many bytes; where nothing is so small, the smallest."""
        found = self._search(lambda needs, loss: np.where(needs <= size, loss, 1e3 + needs), self.most)
        if len(found.chosen.data) <= size:
            return found
        unmet = f"No file of at most {size:,} bytes was found; this is the smallest. Allow more bytes."
        return replace(found, unmet=unmet)

    def for_class(self) -> Found:
        """Find the smallest file that keeps the class; where none does, the one that loses least."""
        lmbda, step = 1000.0, 4.0
        last: bool | None = None
        for tries in (*range(5, self.most, 2), self.most):
            kept = self._search(partial(_weighed, lmbda), tries).chosen.keeps
            step = step if last in (None, kept) else max(1.3, step**0.5)
            lmbda, last = lmbda / step if kept else lmbda * step, kept
        tried = tuple(self.tried.values())
        keeping = [candidate for candidate in tried if candidate.keeps]
        if keeping:
            return Found(min(keeping, key=lambda one: len(one.data)), tried)
        unmet = f"None of {len(tried)} files keeps the class; this one loses least. Raise the effort."
        if not isinstance(self.guide, Critic):
            unmet = "Whether the class is kept is for a classifier to say. Name one as the guide."
        return Found(min(tried, key=lambda one: one.loss), tried, unmet)

    def _search(self, cost: Callable[[Array, Array], Array], most: int) -> Found:
        """Try candidates, a group at a time, until there are `most`; return the one of the least cost."""
        expected = cost(np.exp(self._expected_sizes()), np.exp(LOSS.expected(self._grid)) - FLOOR)
        if len(self.tried) < most:
            self.attempt(self._apart(expected)[: most - len(self.tried)])
        while len(self.tried) < min(most, len(self.places)):
            sizes, losses, doubt = self._told()
            hoped = cost(np.exp(sizes), np.exp(losses - _DARING * doubt) - FLOOR)
            hoped[[place in self.tried for place in self.places]] = np.inf
            room = most - len(self.tried)
            self.attempt([self.places[at] for at in np.argsort(hoped, kind="stable")[: min(_GROUP, room)]])
        candidates = list(self.tried.values())
        costs = cost(np.array([float(len(one.data)) for one in candidates]), self.judged())
        return Found(candidates[int(np.argmin(costs))], tuple(candidates))

    def judged(self) -> Array:
        """Return the losses by which candidates are chosen, in the order of `tried`.

        Where they must travel, half of a lucky one is not believed.
        """
        measured = np.array([one.loss for one in self.tried.values()])
        if not self.travels:
            return measured
        places = self.coordinates(list(self.tried))
        trend, _ = LOSS.told(places, places, np.log(measured + FLOOR))
        return np.asarray(np.exp((trend + np.log(measured + FLOOR)) / 2) - FLOOR)

    def _told(self) -> tuple[Array, Array, Array]:
        """Return what the models say of every place: log bytes, log loss and the doubt about that."""
        seen = self.coordinates(list(self.tried))
        sizes = np.log([float(len(one.data)) for one in self.tried.values()]) - self._area
        losses = np.log(np.array([one.loss for one in self.tried.values()]) + FLOOR)
        size, _ = BYTES.told(self._grid, seen, sizes)
        return size + self._area, *LOSS.told(self._grid, seen, losses)

    def _expected_sizes(self) -> Array:
        return BYTES.expected(self._grid) + self._area

    def _apart(self, expected: Array) -> list[Place]:
        """Return the first places to try: good ones by all that is known, but not neighbours."""
        chosen: list[int] = []
        # What the network does to a photo is not to be foreseen, so those that it leaves alone stand apart.
        finest = np.array([place.finest for place in self.places])
        for at in np.argsort(expected, kind="stable"):
            near = np.sqrt((((self._grid[at] - self._grid[chosen]) / _APART) ** 2).sum(1)) < 1
            if not (near & (finest[at] == finest[chosen])).any():
                chosen.append(int(at))
            if len(chosen) == _FIRST:
                break
        return [self.places[at] for at in chosen]

    def attempt(self, places: Iterable[Place]) -> None:
        """Encode these places, those that are new, and ask what each loses."""
        new = [place for place in places if place not in self.tried]
        self._read([place for place in new if place not in self.known])
        for place in new:
            data, kl, keeps, error = self.known[place]
            loss = _PIXEL_LOSS * error
            if isinstance(self.guide, Critic):
                # Pinsker: no event's probability moves by more than this. Unlike KL it does not count on and
                # on once the class is lost.
                loss = float(np.sqrt(kl / 2)) + (_PIXEL_WEIGHT * error if self.travels else 0)
            self.tried[place] = Candidate(place.words, data, kl, keeps, loss)

    def _read(self, places: Sequence[Place]) -> None:
        """Encode these places and note what the guide says of each."""
        if not places:
            return
        for blur in {place.blur for place in places}:
            self._backgrounds.setdefault(blur, _blurred(self.pixels, self._map, BLURS[blur]))
        with ThreadPoolExecutor(_GROUP) as pool:  # the AV1 library lets go of Python's lock
            coded = list(pool.map(lambda place: self.encode(self._backgrounds[place.blur], place), places))
        images = [decoded for _, decoded in coded]
        kls, keeps = np.full(len(places), np.nan), np.zeros(len(places), bool)
        if isinstance(self.guide, Critic):
            kls, keeps = self.guide.distortion(images), self.guide.keeps(images)
            if not np.isfinite(kls).all():
                raise EncodeError(
                    "The classifier that guides answers with values that are no numbers. Choose another one."
                )
        for place, (data, image), kl, kept in zip(places, coded, kls, keeps, strict=True):
            self.known[place] = Reading(data, float(kl), bool(kept), self._error(image))

    def _error(self, image: Pixels) -> float:
        """Return the root-mean-square error in grey levels; without a classifier, weighted by the map."""
        squares = ((image.astype(np.float32) - self.pixels) ** 2).mean(-1)
        total = float(self._map.sum())
        if isinstance(self.guide, Critic) or not total:
            return float(np.sqrt(squares.mean()))
        return float(np.sqrt((squares * self._map).sum() / total))

    def coordinates(self, places: Sequence[Place]) -> Array:
        """Return (n, 4): where places stand in the models."""
        size = np.log2(min(self.pixels.shape[:2]) / VIEW)
        return np.array(
            [
                (
                    min(max(size - scale / 4, _KNOWN[0]), _KNOWN[1]),
                    quality / 20,
                    blur > 0,
                    blur == len(BLURS) - 1,
                )
                for scale, quality, blur in places
            ],
            np.float64,
        )


def _weighed(lmbda: float, size: Array, loss: Array) -> Array:
    return size + lmbda * loss


def _blurred(pixels: Pixels, values: Map, sigma: float) -> Pixels:
    """Return the image with its background blurred; `values` is the importance, (H, W) in [0, 1]."""
    if not sigma:
        return pixels
    unit = min(pixels.shape[:2]) / VIEW
    low, high = _REGION
    inside = ((values - low) / (high - low)).clip(0, 1)
    inside = _gaussian(inside, 5 * unit)[..., None]
    mixed = pixels * inside + _gaussian(pixels, sigma * unit) * (1 - inside)
    return np.ascontiguousarray((mixed + 0.5).clip(0, 255), np.uint8)


def _gaussian(values: NDArray[np.generic], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(values), (0, 0), max(sigma, 0.1)), np.float32)

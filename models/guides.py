"""What classifiers tell an encoder about one image: what matters, what a candidate loses. No torch here."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.models.cards import Card
from keepsight.models.divergence import kl
from keepsight.models.maps.mix import blend
from keepsight.models.maps.registry import image_importance, needs_classifier
from keepsight.models.types import DEFAULT_METHOD, Importance, Judge, Map, Pixels

Draw = Callable[[Pixels, str], Importance]
"""From an image and the id of a map of the image alone to that map."""


class ClassifierGuide:
    """One image as classifiers, one or several, see it. Satisfies `keepsight.codecs.guide.Critic`.

    No label is used: each classifier is asked about the class that it predicts itself. What is not asked for
    is not computed, and what was asked once is kept. Lives in the process of its judges; to another one
    travels `keepsight.codecs.guide.MapGuide`, made of its importance.
    """

    def __init__(
        self,
        pixels: Pixels,
        judges: Sequence[Judge],
        method: str = DEFAULT_METHOD,
        *,
        cropped: bool = False,
        draw: Draw = image_importance,
    ) -> None:
        """Take an image, (H, W, 3), of any size and at least one classifier.

        Args:
            pixels: The original.
            judges: All weigh the same.
            method: Id of a map, or a mix of several; see `keepsight.models.maps.registry`.
            cropped: The image is what a classifier sees already: candidates are read as a whole, not cropped
                again.
            draw: What draws maps of the image alone: here, or in a process that has what they need.
        """
        if not judges:
            raise ValueError("A guide by classifiers needs one at least.")
        self._pixels, self._judges, self._method, self._cropped = pixels, tuple(judges), method, cropped
        self._draw = draw
        self.memory: dict[Any, Any] = {}
        """See `keepsight.codecs.guide.Critic.memory`."""
        self.readers = " ".join(
            [*(judge.card.fingerprint for judge in judges), *(["crop"] if cropped else [])]
        )
        """See `keepsight.codecs.guide.Critic.readers`."""
        self._known: list[dict[bytes, NDArray[np.float32]]] = [{} for _ in judges]

    def importance(self) -> Map:
        """Return (h, w) float32 in [0, 1], 1 where it is most; zeros where nothing matters.

        The photo's aspect, at most `LONGEST_SIDE` pixels on the long side. Maps of several classifiers are
        brought to one mean, then averaged. Raises `ModelError`.
        """
        return self._importance

    def distortion(self, candidates: Sequence[Pixels]) -> NDArray[np.float64]:
        """Return (n,): KL(prediction on the original || prediction on each candidate), nats, zero or more.

        The mean over the classifiers. Candidates are images of the original's size, (H, W, 3) uint8, else it
        raises `ValueError`. Raises `ModelError`.
        """
        read = self._read(candidates)
        each = [kl(original, rows) for original, rows in zip(self._originals, read, strict=True)]
        return np.asarray(np.mean(each, axis=0), np.float64)

    def keeps(self, candidates: Sequence[Pixels]) -> NDArray[np.bool_]:
        """Return (n,): whether every classifier names the class that it names for the original.

        Candidates as for `distortion`. Raises `ModelError`.
        """
        read = self._read(candidates)
        same = [
            rows.argmax(1) == original.argmax() for original, rows in zip(self._originals, read, strict=True)
        ]
        return np.asarray(np.all(same, axis=0), np.bool_)

    @cached_property
    def _importance(self) -> Map:
        if needs_classifier(self._method):
            maps = {
                judge.card.fingerprint: judge.explain(self._pixels, None, self._method)
                for judge in self._judges
            }
            raw = blend(maps, dict.fromkeys(maps, 1.0)).values
        else:
            raw = self._draw(self._pixels, self._method).values
        largest = np.float32(raw.max(initial=0))
        return raw / largest if largest > 0 else np.zeros_like(raw)

    @cached_property
    def _originals(self) -> list[NDArray[np.float32]]:
        """Predictions (K,) on the original, of each classifier."""
        return [rows[0] for rows in self._read([self._pixels])]

    def _read(self, images: Sequence[Pixels]) -> list[NDArray[np.float32]]:
        """Return predictions (n, K) of each classifier; what one has read already it is not asked again."""
        if any(image.shape != self._pixels.shape for image in images):
            raise ValueError("A candidate must have the size of the original.")
        found = []
        for judge, known in zip(self._judges, self._known, strict=True):
            prepared = [self._prepared(judge.card, image) for image in images]
            keys = [hashlib.sha1(image.tobytes(), usedforsecurity=False).digest() for image in prepared]
            new = {key: image for key, image in zip(keys, prepared, strict=True) if key not in known}
            if new:
                known |= zip(new, judge.predict(np.stack(list(new.values()))), strict=True)
            rows = [known[key] for key in keys]
            found.append(np.stack(rows) if rows else np.empty((0, len(judge.card.class_names)), np.float32))
        return found

    def _prepared(self, card: Card, image: Pixels) -> Pixels:
        if self._cropped:
            card = card.model_copy(update={"resize": card.crop})
        return np.ascontiguousarray(card.prepare(image))

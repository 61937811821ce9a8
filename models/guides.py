"""What classifiers tell an encoder about one image: what matters, what a candidate loses. No torch here."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from keepsight.models.cards import Card
from keepsight.models.divergence import kl
from keepsight.models.maps.mix import blend
from keepsight.models.maps.registry import image_importance, needs_classifier
from keepsight.models.types import DEFAULT_METHOD, Judge, Map, Pixels


class ClassifierGuide:
    """One image as classifiers, one or several, see it. Satisfies `keepsight.codecs.guide.Critic`.

    No label is used: each classifier is asked about the class that it predicts itself. What is not asked for
    is not computed, and what was asked once is kept. Lives in the process of its judges; to another one
    travels `keepsight.codecs.guide.MapGuide`, made of its importance.
    """

    def __init__(
        self, pixels: Pixels, judges: Sequence[Judge], method: str = DEFAULT_METHOD, *, cropped: bool = False
    ) -> None:
        """Take an image, (H, W, 3), of any size and at least one classifier.

        Args:
            pixels: The original.
            judges: All weigh the same.
            method: Id of a map, or a mix of several; see `keepsight.models.maps.registry`.
            cropped: The image is what a classifier sees already: candidates are read as a whole, not cropped
                again.
        """
        if not judges:
            raise ValueError("A guide by classifiers needs one at least.")
        self._pixels, self._judges, self._method, self._cropped = pixels, tuple(judges), method, cropped

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
        if any(candidate.shape != self._pixels.shape for candidate in candidates):
            raise ValueError("A candidate must have the size of the original.")
        total = np.zeros(len(candidates))
        if candidates:
            for judge, original in zip(self._judges, self._originals, strict=True):
                total += kl(original, judge.predict(self._prepared(judge.card, candidates)))
        return total / len(self._judges)

    @cached_property
    def _importance(self) -> Map:
        if needs_classifier(self._method):
            maps = {
                judge.card.fingerprint: judge.explain(self._pixels, None, self._method)
                for judge in self._judges
            }
            raw = blend(maps, dict.fromkeys(maps, 1.0)).values
        else:
            raw = image_importance(self._pixels, self._method).values
        largest = np.float32(raw.max(initial=0))
        return raw / largest if largest > 0 else np.zeros_like(raw)

    @cached_property
    def _originals(self) -> list[NDArray[np.float32]]:
        """Predictions (K,) on the original, of each classifier."""
        return [judge.predict(self._prepared(judge.card, [self._pixels]))[0] for judge in self._judges]

    def _prepared(self, card: Card, images: Sequence[Pixels]) -> Pixels:
        if self._cropped:
            card = card.model_copy(update={"resize": card.crop})
        return np.stack([card.prepare(image) for image in images])

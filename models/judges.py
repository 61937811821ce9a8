"""Loads a classifier to predict and to draw maps; without torch where its graph stands ready."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keepsight.models import devices, graph
from keepsight.models.cards import Card
from keepsight.models.download import Progress
from keepsight.models.errors import BrokenAnswerError
from keepsight.models.file_inputs import Inputs
from keepsight.models.types import DEFAULT_METHOD, Importance, Judge, Pixels

if TYPE_CHECKING:
    from keepsight.models.classifiers import Classifier


class GraphJudge:
    """A classifier on the CPU: predictions come from its graph, maps from its network. Satisfies `Judge`.

    The network (and with it torch) is loaded where a map asks for it. Threads take turns.
    """

    device = "cpu"

    def __init__(self, card: Card, found: graph.Graph) -> None:
        self.card = card
        self._graph = found
        self._turn = threading.Lock()

    @property
    def runtime(self) -> str:
        """See `Judge.runtime`."""
        return graph.runtime()

    def predict(self, batch: Inputs) -> NDArray[np.float32]:
        """See `Judge.predict`."""
        self.card.check_inputs(batch)
        with self._turn:
            rows = self._graph.predict(batch)
        if not np.isfinite(rows).all():
            raise BrokenAnswerError(broken(self.card))
        return rows

    def explain(self, pixels: Pixels, target: int | None = None, method: str = DEFAULT_METHOD) -> Importance:
        """See `Judge.explain`."""
        with self._turn:
            return self._network.explain(pixels, target, method)

    @cached_property
    def _network(self) -> "Classifier":
        from keepsight.models import classifiers

        return classifiers.load(self.card, self.device)


def broken(card: Card) -> str:
    """Say that a classifier's answers are no numbers."""
    return f"“{card.name}” answers with values that are no numbers: its weights are broken. Get them anew."


def load(card: Card, device: str = "auto", progress: Progress | None = None) -> Judge:
    """Load a classifier; on a CPU by its graph, which is made at the first time.

    `progress` hears of a download in bytes. Raises `ModelError`.
    """
    on_cpu = device == "cpu" or (device == "auto" and devices.surely_cpu_only())
    if on_cpu and (found := graph.find(card)):
        return GraphJudge(card, found)
    from keepsight.models import classifiers

    whole = classifiers.load(card, device, progress)
    made = whole.make_graph() if whole.device == "cpu" else None
    return GraphJudge(card, made) if made else whole

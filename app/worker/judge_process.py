"""Classifiers live in processes of their own.

Importing torch holds Python's interpreter lock for seconds and a batch for tenths of one; in another process
neither can stop the window, and a crash there (out of memory, say) costs one sentence instead of the session.
On a CPU maps are drawn in a second one: no prediction waits for torch, nor for a slow map.
"""

import logging
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.paths import Paths
from keepsight.app.worker.process_habits import step_back
from keepsight.models.cards import Card
from keepsight.models.file_inputs import Inputs
from keepsight.models.types import DEFAULT_METHOD, Importance, Judge, ModelError, Pixels

log = logging.getLogger(__name__)

DownloadProgress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all (0 where unknown)."""


@dataclass(frozen=True)
class RemoteJudge:
    """A classifier in the other process; satisfies `keepsight.models.types.Judge`."""

    process: "JudgeProcess"
    card: Card
    device: str
    runtime: str
    """See `Judge.runtime`."""

    def predict(self, batch: Inputs) -> NDArray[np.float32]:
        """Classify (n, crop, crop, 3) uint8 -> (n, K) float32. Blocks. Raises `ModelError`."""
        probabilities: NDArray[np.float32] = self.process.call("predict", self.card, self.device, batch)
        return probabilities

    def explain(self, pixels: Pixels, target: int | None = None, method: str = DEFAULT_METHOD) -> Importance:
        """Return a saliency map of a photo, see `Judge.explain`. Blocks. Raises `ModelError`."""
        process = self.process.maps if self.device == "cpu" else self.process
        importance: Importance = process.call("explain", self.card, self.device, pixels, target, method)
        return importance

    def image_map(self, pixels: Pixels, method: str) -> Importance:
        """Return a map of the image alone, drawn where torch is: the learned one needs it. Blocks."""
        process = self.process.maps if self.device == "cpu" else self.process
        importance: Importance = process.call("image_map", pixels, method)
        return importance

    def time_paths(self, data: bytes, codec: str) -> Paths | None:
        """Time from a file to its class, through pixels and without. Blocks. Raises `ModelError`.

        None where no embedded classifier of pixels has the same classes.
        """
        paths: Paths | None = self.process.call("time_paths", self.card, self.device, data, codec)
        return paths


class JudgeProcess:
    """A child process that holds classifiers. Calls from any thread take turns."""

    def __init__(self, *, only_maps: bool = False) -> None:
        """`only_maps`: for calls of `explain`, with the network itself, one step behind the others."""
        self._only_maps = only_maps
        self._turn = threading.Lock()
        self._maps: JudgeProcess | None = None
        self._process: Any = None
        self._connection: Connection | None = None
        self._closed = False

    @property
    def maps(self) -> "JudgeProcess":
        """The second process, made when it is asked for first."""
        with self._turn:
            if self._maps is None:
                self._maps = JudgeProcess(only_maps=True)
                self._maps._closed = self._closed
            return self._maps

    def start(self) -> None:
        """Start the process, so that its heavy imports are under way before the first call."""
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        serve = _serve_maps if self._only_maps else _serve_all
        self._process = context.Process(target=serve, args=(theirs,), name="keepsight-judge", daemon=True)
        self._process.start()
        theirs.close()

    def load(self, classifier_id: str, device: str, progress: DownloadProgress) -> RemoteJudge:
        """Load a classifier. Blocks; a download may run meanwhile. Raises `ModelError`."""
        card, chosen, runtime = self.call("load", classifier_id, device, progress=progress)
        return RemoteJudge(self, card, chosen, runtime)

    def devices(self) -> list[str]:
        """Return where classifiers can run on this machine. Blocks until torch is there."""
        names: list[str] = self.call("devices")
        return names

    def memory(self) -> int | None:
        """Return the process id, for the memory figure of the window."""
        return self._process.pid if self._process is not None else None

    def call(self, name: str, *args: object, progress: DownloadProgress | None = None) -> Any:
        """Run one of the functions below in the process. Raises `ModelError`."""
        with self._turn:
            if self._closed:
                raise ModelError("The program is closing.")
            if self._connection is None:
                self.start()
            assert self._connection is not None
            try:
                self._connection.send((name, args))
                while True:
                    kind, value = self._connection.recv()
                    if kind == "progress":
                        if progress is not None:
                            progress(*value)
                    elif kind == "error":
                        raise value
                    else:
                        return value
            except (EOFError, OSError):
                self._drop()
                if self._closed:
                    raise ModelError("The program is closing.") from None
                raise ModelError(
                    "The classifier's process ended by itself, most likely for want of memory. "
                    "It starts again when it is needed; close other programs or choose a smaller classifier."
                ) from None

    def close(self) -> None:
        """End the process now, also in the middle of a batch."""
        self._closed = True
        if self._process is not None:
            self._process.terminate()
        with self._turn:
            self._drop()
        if self._maps is not None:
            self._maps.close()

    def _drop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.join()
            self._process.close()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None


def _serve_all(connection: Connection) -> None:
    from keepsight.models import judges

    step_back(5)
    _serve(connection, judges.load)


def _serve_maps(connection: Connection) -> None:
    step_back(15)  # as the codecs of a sweep: its heavy imports must not stop them
    from keepsight.models import classifiers

    _serve(connection, classifiers.load)


def _serve(connection: Connection, load: "_Load") -> None:
    """Answer calls until the other side goes away. Runs in the child process."""
    server = _Server(connection, load)
    while True:
        try:
            name, args = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = ("result", getattr(server, name)(*args))
        except ModelError as error:
            answer = ("error", error)
        except Exception as error:  # a process's crash barrier: the caller gets a sentence
            log.exception("The classifier failed")
            answer = ("error", ModelError(f"The classifier failed: {error}"))
        try:
            connection.send(answer)
        except OSError:
            return


_Load = Callable[[Card, str, DownloadProgress], Judge]


class _Server:
    """What the process can be asked; keeps the classifier that was used last."""

    def __init__(self, connection: Connection, load: _Load) -> None:
        from keepsight.models import devices

        self._load = load
        self._devices = devices
        self._connection = connection
        self._loaded: Judge | None = None

    def devices(self) -> list[str]:
        return self._devices.available_devices()

    def load(self, classifier_id: str, device: str) -> tuple[Card, str, str]:
        from keepsight.models.catalog import find_card

        judge = self._get(find_card(classifier_id), device)
        return judge.card, judge.device, judge.runtime

    def predict(self, card: Card, device: str, batch: Inputs) -> NDArray[np.float32]:
        return self._get(card, device).predict(batch)

    def explain(self, card: Card, device: str, pixels: Pixels, target: int | None, method: str) -> Importance:
        return self._get(card, device).explain(pixels, target, method)

    def time_paths(self, card: Card, device: str, data: bytes, codec: str) -> Paths | None:
        from keepsight.app.engine.paths import time_paths
        from keepsight.codecs import registry
        from keepsight.models.catalog import pixel_twin

        twin = pixel_twin(card)
        if twin is None:
            return None
        reader = self._get(card, device)
        rival = self._load(twin, reader.device, self._progress)
        return time_paths([data], registry.get(codec), rival, reader)

    def image_map(self, pixels: Pixels, method: str) -> Importance:
        from keepsight.models.maps.registry import image_importance

        return image_importance(pixels, method)

    def _get(self, card: Card, device: str) -> Judge:
        device = self._devices.choose_device(device)
        if self._loaded is None or (self._loaded.card, self._loaded.device) != (card, device):
            self._loaded = None  # the old one's memory goes first
            self._loaded = self._load(card, device, self._progress)
        return self._loaded

    def _progress(self, done: int, total: int) -> None:
        self._connection.send(("progress", (done, total)))

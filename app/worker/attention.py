"""Saliency maps for the window: of the original, and of what the codecs made of it."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.types import Photo
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.latest import Latest
from keepsight.models.types import DEFAULT_METHOD, Importance


@dataclass(frozen=True, eq=False)
class MapRequest:
    """Explain a photo's class (the predicted one if `target` is None)."""

    photo: Photo
    judge: RemoteJudge
    method: str
    """Id of a saliency method, or the text of a mix."""
    target: int | None


@dataclass(frozen=True, eq=False)
class MapShown:
    """A saliency map of the original."""

    request: MapRequest
    importance: Importance


class Attention(QObject):
    """Maps of the photo that the workbench shows, by its classifier; the latest request wins."""

    shown = Signal(object)
    """`MapShown`."""
    failed = Signal(str)
    """There is no such map, as a sentence."""
    busy_changed = Signal(bool)

    def __init__(self, pool: Executor, process: JudgeProcess, parent: QObject) -> None:
        super().__init__(parent)
        self.method = DEFAULT_METHOD
        """What is asked for: id of a saliency method, or the text of a mix."""
        self.target: int | None = None
        """The class that is asked for; None is the predicted one."""
        self._process = process
        self._photo: Photo | None = None
        self._judge: RemoteJudge | None = None
        self._job = Latest(pool, explain, self)
        self._job.result.connect(self._on_map)
        self._job.failed.connect(self.failed)
        self._job.busy_changed.connect(self.busy_changed)

    @property
    def busy(self) -> bool:
        """Whether a map is being made or waits for its turn."""
        return self._job.busy

    def look_at(self, photo: Photo | None, judge: RemoteJudge | None) -> None:
        """Map this photo by this classifier from now on; what was under way is dropped."""
        self._job.cancel()
        if judge is not self._judge:
            self.target = None  # another classifier has other classes
        self._photo, self._judge = photo, judge
        self._request()

    def ask(self, method: str, target: int | None) -> None:
        """Ask for another map of the same photo, or for another class."""
        self.method, self.target = method, target
        self._request()

    def cancel(self) -> None:
        """Drop what is under way."""
        self._job.cancel()

    def _request(self) -> None:
        if self._photo is not None and self._judge is not None:
            self._job.submit(MapRequest(self._photo, self._judge, self.method, self.target))

    def _on_map(self, shown: MapShown) -> None:
        if shown.request.photo is self._photo and shown.request.judge is self._judge:
            self.shown.emit(shown)


def explain(request: MapRequest) -> Iterator[MapShown]:
    """Yield the saliency map of the original."""
    importance = request.judge.explain(request.photo.pixels, request.target, request.method)
    yield MapShown(request, importance)

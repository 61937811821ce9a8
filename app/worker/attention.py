"""Saliency maps for the window: of the original, and of what the codecs made of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.map_similarity import correlation, intersection
from keepsight.app.engine.types import Photo, Pixels
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.latest import Latest
from keepsight.models.maps.mix import blend
from keepsight.models.maps.registry import check_sees, needs_classifier, parse_mix
from keepsight.models.types import DEFAULT_METHOD, Importance, ModelError

_KEPT = 24
"""Maps of one picture that are kept, the latest ones, so that going back and forth costs nothing."""


@dataclass(frozen=True, eq=False)
class MapRequest:
    """Map a photo, and then what became of it in some panes."""

    photo: Photo
    panes: dict[int, Pixels]
    """Decoded pixels by pane number."""
    process: JudgeProcess
    judge: RemoteJudge | None
    """None: only maps of the image alone can be had."""
    method: str
    """Id of a saliency method, or the text of a mix."""
    target: int | None
    """The class to explain in every picture; None is the one predicted on the original."""


@dataclass(frozen=True, eq=False)
class MapShown:
    """The saliency map of one picture."""

    request: MapRequest
    pane: int | None
    """None: the original."""
    importance: Importance | None
    """None where there is no map of this pane's picture."""
    correlation: float | None = None
    """With the original's map, see `keepsight.app.engine.map_similarity`; None where it is not defined."""
    intersection: float | None = None
    problem: str = ""
    """Why there is no map of this pane's picture, as a sentence."""


class Attention(QObject):
    """Maps of the photo that the workbench shows, and of its panes if asked; the latest request wins."""

    shown = Signal(object)
    """`MapShown`: the original's first, then those of the panes."""
    failed = Signal(str)
    """There is no such map of the original, as a sentence."""
    busy_changed = Signal(bool)

    def __init__(self, pool: Executor, process: JudgeProcess, parent: QObject) -> None:
        super().__init__(parent)
        self.method = DEFAULT_METHOD
        """What is asked for: id of a saliency method, or the text of a mix."""
        self.target: int | None = None
        """The class that is asked for; None is the one predicted on the original."""
        self._process = process
        self._photo: Photo | None = None
        self._judge: RemoteJudge | None = None
        self._pictures: dict[int, Pixels] = {}
        self._every_picture = False
        self._job = Latest(pool, Explain(), self)
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
        if photo is not self._photo:
            self._pictures.clear()
        self._photo, self._judge = photo, judge
        self._request()

    def ask(self, method: str, target: int | None) -> None:
        """Ask for another map of the same photo, or for another class."""
        self.method, self.target = method, target
        if self._photo is not None and self._judge is None and needs_classifier(method):
            self.failed.emit(
                "This map needs a classifier, and none is loaded yet. Load one, or choose a map of the image."
            )
        self._request()

    def set_every_picture(self, every: bool) -> None:
        """Map what the panes show as well, or only the original: each map costs a look of the classifier."""
        if every != self._every_picture:
            self._every_picture = every
            self._request()

    def set_picture(self, pane: int, pixels: Pixels | None) -> None:
        """Tell what a pane shows now, decoded; None where the pane is gone."""
        if pixels is None:
            self._pictures.pop(pane, None)
        elif self._pictures.get(pane) is not pixels:
            self._pictures[pane] = pixels
            if self._every_picture:
                self._request()

    def cancel(self) -> None:
        """Drop what is under way."""
        self._job.cancel()

    def _request(self) -> None:
        """Ask for all that is wanted; what is there already comes back at once, in the worker."""
        if self._photo is None or (self._judge is None and needs_classifier(self.method)):
            return
        panes = dict(self._pictures) if self._every_picture else {}
        request = MapRequest(self._photo, panes, self._process, self._judge, self.method, self.target)
        self._job.submit(request)

    def _on_map(self, shown: MapShown) -> None:
        request, pane = shown.request, shown.pane
        if request.photo is not self._photo or request.judge is not self._judge:
            return
        if pane is None or self._pictures.get(pane) is request.panes[pane]:
            self.shown.emit(shown)


class Explain:
    """The job. Keeps the latest maps of each picture, and the parts of a mix rather than the mix.

    So a weight that moves costs a sum, and no look of the classifier.
    """

    def __init__(self) -> None:
        self._kept: dict[int | None, tuple[Pixels, dict[tuple[object, ...], Importance]]] = {}

    def __call__(self, request: MapRequest) -> Iterator[MapShown]:
        """Yield the map of the original, then those of the panes for the same class."""
        self._kept = {pane: kept for pane, kept in self._kept.items() if pane in (None, *request.panes)}
        original = self._map(request, None, request.photo.pixels, request.target)
        yield MapShown(request, None, original)
        target = request.target if original.target is None else original.target
        for pane, pixels in request.panes.items():
            try:
                own = self._map(request, pane, pixels, target)
            except ModelError as error:
                yield MapShown(request, pane, None, problem=str(error))
            else:
                both = original.values, own.values
                yield MapShown(request, pane, own, correlation(*both), intersection(*both))

    def _map(self, request: MapRequest, pane: int | None, pixels: Pixels, target: int | None) -> Importance:
        seen, maps = self._kept.get(pane, (None, {}))
        if seen is not pixels:
            maps = {}
            self._kept[pane] = pixels, maps
        by = request.judge and request.judge.card.fingerprint

        def kept(method: str, make: Callable[[], Importance]) -> Importance:
            key = (by, method, target)
            maps[key] = maps.pop(key) if key in maps else make()  # in the last place: the latest
            return maps[key]

        def mixed() -> Importance:
            weights = parse_mix(request.method)
            parts = {part: kept(part, partial(_explain, request, pixels, target, part)) for part in weights}
            return blend(parts, weights)

        importance = kept(request.method, mixed)
        while len(maps) > _KEPT:
            del maps[next(iter(maps))]
        return importance


def _explain(request: MapRequest, pixels: Pixels, target: int | None, method: str) -> Importance:
    """Make one map in the classifier's process: even one of the image alone may need its library."""
    if request.judge is not None:
        check_sees(request.judge.card, method)
        return request.judge.explain(pixels, target, method)
    importance: Importance = request.process.maps.call("image_map", pixels, method)
    return importance

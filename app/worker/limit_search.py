"""The smallest files for the photo in sight, searched behind everything else."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.file_reading import as_read
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.limits import Goal, Limit, Outcome, search
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Photo, Setting
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.latest import Latest
from keepsight.codecs import registry
from keepsight.codecs.guide import Critic, Guide, MapGuide, RegionGuide, SteeredCritic
from keepsight.models.cards import Card
from keepsight.models.file_inputs import Inputs
from keepsight.models.types import Pixels


@dataclass(frozen=True, eq=False)
class LimitRequest:
    """Search the limit of each of these settings' codecs on one photo, which is compressed whole."""

    photo: Photo
    judge: RemoteJudge
    settings: Sequence[Setting]
    """Their rate is varied, all else stays."""
    goal: Goal
    region: RegionGuide | None
    """What guides instead of the classifier."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Ends the search before its next try."""


@dataclass(frozen=True)
class LimitFound:
    """The end of one setting's search."""

    request: LimitRequest
    setting: Setting
    limit: Limit | None
    """None where the codec failed."""
    problem: str = ""
    """Why, as a sentence."""


class LimitSearch(QObject):
    """Searches for the latest request only; codecs run on processes, where they stand behind a sweep's."""

    found = Signal(object)
    """`LimitFound`, one for each setting."""
    failed = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, pool: Executor, codecs: Executor, parent: QObject) -> None:
        super().__init__(parent)
        self._request: LimitRequest | None = None
        self._job = Latest(pool, FindLimits(codecs), self)
        self._job.result.connect(self.found)
        self._job.failed.connect(self.failed)
        self._job.busy_changed.connect(self.busy_changed)

    @property
    def busy(self) -> bool:
        """Whether a search runs or waits."""
        return self._job.busy

    def search(self, request: LimitRequest) -> None:
        """Search for this from now on; what was under way is dropped."""
        self.cancel()
        self._request = request
        self._job.submit(request)

    def cancel(self) -> None:
        """Drop what is under way."""
        if self._request is not None:
            self._request.cancelled.set()
        self._job.cancel()


class _DroppedError(Exception):
    """Nobody wants the answer any more."""


class FindLimits:
    """The job."""

    def __init__(self, codecs: Executor) -> None:
        self._codecs = codecs

    def __call__(self, request: LimitRequest) -> Iterator[LimitFound]:
        """Yield the limit of each setting's codec; one that fails is a sentence, and the others go on."""
        try:
            photo = _Photo(request, self._codecs)
            for setting in request.settings:
                try:
                    limit = search(setting, request.goal, photo.measure)
                except USER_ERRORS as error:
                    yield LimitFound(request, setting, None, str(error))
                else:
                    yield LimitFound(request, setting, limit)
        except _DroppedError:
            return


class _Photo:
    """What all tries on one photo share."""

    def __init__(self, request: LimitRequest, codecs: Executor) -> None:
        self._request = request
        self._codecs = codecs
        self._kept = int(self._read(as_read(request.judge.card, request.photo.pixels)).argmax())
        self._map: MapGuide | None = request.region

    def measure(self, setting: Setting) -> Outcome:
        """Compress the photo and let the classifier read it. Raises `_DroppedError`, and as a codec does."""
        request = self._request
        if request.cancelled.is_set():
            raise _DroppedError
        codec = registry.get(setting.codec)
        guide = self._guide() if codec.guided and not codec.searches else None
        pixels, card = request.photo.pixels, request.judge.card
        try:
            if codec.searches:  # it asks the classifier itself, which the codecs' processes cannot
                size, prepared = code(pixels, setting, card, self._critic)
            else:
                size, prepared = self._codecs.submit(code, pixels, setting, card, guide).result()
        except (CancelledError, RuntimeError):
            if request.cancelled.is_set():  # the program ends, and its processes with it
                raise _DroppedError from None
            raise
        probabilities = self._read(prepared)
        kept = float(probabilities.argmax() == self._kept)
        return Outcome(1, size, kept, None, float(probabilities[self._kept]))

    def _read(self, prepared: Inputs) -> NDArray[np.float32]:
        if self._request.cancelled.is_set():
            raise _DroppedError
        probabilities: NDArray[np.float32] = self._request.judge.predict(prepared[None])[0]
        return probabilities

    def _guide(self) -> MapGuide:
        if self._map is None:
            self._map = Guiding.beside(self._request.judge, self._request.judge.image_map).map(
                self._request.photo.pixels
            )
        return self._map

    @cached_property
    def _critic(self) -> Guide:
        judge, region = self._request.judge, self._request.region
        critic = Guiding.beside(judge, judge.image_map).critic(self._request.photo.pixels)
        return SteeredCritic(critic, region) if region and isinstance(critic, Critic) else critic


def code(pixels: Pixels, setting: Setting, card: Card, guide: Guide | None) -> tuple[int, Inputs]:
    """Return a file's length, and what the classifier takes of it. Raises as `encode_decode`, `as_read`."""
    coded = encode_decode(pixels, setting, guide)
    return len(coded.data), as_read(card, coded.pixels, coded.data)

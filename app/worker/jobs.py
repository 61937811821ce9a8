"""The background jobs of the window: a request captures every input, a generator yields what can be shown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from keepsight.app.engine.data import Item, known_labels, open_data
from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.file_reading import as_read
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.metrics import psnr, ssim
from keepsight.app.engine.trials import Coded, code
from keepsight.app.engine.types import Photo, Setting
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.levels import levels
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError, Codec, Part
from keepsight.codecs.guide import Critic, Guide, RegionGuide, SteeredCritic
from keepsight.codecs.searching import Candidate, Found
from keepsight.models.types import Pixels, Prediction

Group = Literal["Samples", "Scenes", "Your photos"]
"""Where photos stand in the window's list."""

ORIGINAL = 0
"""Number of the original's pane; compressed ones count from 1."""
_LARGE = 1_500_000
"""Pixels above which a pane shows its picture before its figures are ready."""


@dataclass(frozen=True)
class PhotoRequest:
    """Load a photo and let the classifier read it."""

    item: Item
    photo: Photo | None
    """The photo itself where it is loaded already."""
    judge: RemoteJudge | None


@dataclass(frozen=True)
class PhotoShown:
    """The original as it is shown."""

    item: Item
    photo: Photo
    judge: RemoteJudge | None
    prediction: Prediction | None
    """None while the classifier still reads it, or where there is none."""
    levels: tuple[Pixels, ...]
    """Its pixels at full, half, quarter ... size."""
    label: int | None = None
    """Its true class, where its source names one that the classifier knows; with the prediction."""


@dataclass(frozen=True)
class PaneRequest:
    """Compress a photo with one setting and let the classifier read the result."""

    photo: Photo
    setting: Setting
    judge: RemoteJudge | None
    region: RegionGuide | None = None
    """What guides instead of the classifier."""
    candidate: Candidate | None = None
    """A file that the codec has tried for just this, to be shown in place of the one that it chose."""


@dataclass(frozen=True)
class PaneShown:
    """What a compressed pane shows; figures that are not ready yet are None."""

    request: PaneRequest
    coded: Coded
    levels: tuple[Pixels, ...]
    """The decoded pixels at full, half, quarter ... size."""
    psnr: float | None = None
    ssim: float | None = None
    prediction: Prediction | None = None
    parts: tuple[Part, ...] = ()
    """Planes that the file is made of, for codecs that have such."""
    guide: Guide | None = None
    """What the encoder was guided by."""
    found: Found | None = None
    """What a codec that searches has tried."""
    unread: str = ""
    """Why the classifier cannot read this file, as a sentence."""


@dataclass(frozen=True)
class OpenRequest:
    """List the photos of these sources (see `keepsight.app.engine.data.open_data`)."""

    group: Group
    """Where the photos go in the window's list."""
    specs: tuple[str | Path, ...]


@dataclass(frozen=True)
class Opened:
    """Photos for the list, and sentences about those that could not be taken."""

    group: Group
    items: list[Item]
    notes: list[str]


def open_photos(request: OpenRequest) -> Iterator[Opened]:
    """Yield the photos of all sources; one that fails is a note, and the others go on."""
    items: list[Item] = []
    notes: list[str] = []
    for spec in request.specs:
        try:
            data = open_data(spec)
        except USER_ERRORS as error:
            notes.append(str(error))
        else:
            items += [replace(item, source=spec) for item in data.items]
            notes += data.notes
    yield Opened(request.group, items, notes)


class ShowPhoto:
    """The job of the original. Keeps the labels of the source that it saw last."""

    def __init__(self) -> None:
        self._labels: tuple[tuple[object, ...], dict[str, int]] = (), {}

    def __call__(self, request: PhotoRequest) -> Iterator[PhotoShown]:
        """Yield the photo, then the photo with its prediction and its label."""
        photo = request.photo or request.item.load()
        shown = PhotoShown(request.item, photo, request.judge, None, levels(photo.pixels))
        yield shown
        if request.judge is not None:
            prediction = _read(request.judge, shown.photo.pixels, None)
            yield replace(shown, prediction=prediction, label=self._label(request.item, request.judge))

    def _label(self, item: Item, judge: RemoteJudge) -> int | None:
        if item.source is None:
            return item.label
        key = item.source, judge.card.fingerprint
        if self._labels[0] != key:
            try:
                self._labels = key, known_labels(item.source, judge.card)
            except USER_ERRORS:  # what cannot be listed any more has no labels; the photo itself is there
                self._labels = key, {}
        return self._labels[1].get(item.name)


class Compress:
    """The job of one pane.

    Keeps its last file, so that a change of classifier encodes nothing again, except where that guides.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Coded, Found | None, Guide | None] | None = None
        self._guide: tuple[tuple[object, ...], Guide] | None = None

    def __call__(self, request: PaneRequest) -> Iterator[PaneShown]:
        """Yield the decoded picture (large photos first without figures), then figures and prediction."""
        coded, guide, found = self._code(request)
        codec = registry.get(request.setting.codec)
        if request.candidate is not None:
            data = request.candidate.data
            coded = replace(coded, data=data, pixels=codec.decode(data))
        parts = tuple(codec.parts(coded.data))
        shown = PaneShown(request, coded, levels(coded.pixels), parts=parts, guide=guide, found=found)
        original = request.photo.pixels
        if original.shape[0] * original.shape[1] > _LARGE:
            yield shown
        if request.judge is not None:
            try:
                shown = replace(shown, prediction=_read(request.judge, coded.pixels, coded.data))
            except BitstreamError as error:
                shown = replace(shown, unread=str(error))
        decoded = shown.coded.pixels
        yield replace(shown, psnr=psnr(original, decoded), ssim=ssim(original, decoded))

    def _code(self, request: PaneRequest) -> tuple[Coded, Guide | None, Found | None]:
        codec = registry.get(request.setting.codec)
        asked = (request.region, request.judge) if codec.guided else None
        key = (request.photo.key, request.setting, asked)
        if self._last is None or self._last[0] != key:
            guide = self._guide_by(request, codec) if codec.guided else None
            self._last = (key, *code(request.photo.pixels, request.setting, guide), guide)
        _, coded, found, guide = self._last
        return coded, guide, found

    def _guide_by(self, request: PaneRequest, codec: Codec) -> Guide | None:
        """Ask the classifier once for each photo, not at each move of a slider."""
        judge, photo, region = request.judge, request.photo, request.region
        if judge is None or (region and not codec.searches):
            return region
        key = (photo.key, judge, region, codec.searches)
        if self._guide is None or self._guide[0] != key:
            guiding = Guiding.beside(judge, judge.image_map)
            guide: Guide = (guiding.critic if codec.searches else guiding.map)(photo.pixels)
            if region and isinstance(guide, Critic):
                guide = SteeredCritic(guide, region)
            self._guide = key, guide
        return self._guide[1]


def _read(judge: RemoteJudge, pixels: Pixels, data: bytes | None) -> Prediction:
    probabilities = judge.predict(as_read(judge.card, pixels, data)[None])[0]
    return Prediction(probabilities, judge.card.class_names)

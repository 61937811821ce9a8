"""What the window asks for and what it gets: the state behind the panes, and the threads that fill them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.data import Item
from keepsight.app.engine.types import Photo, Protocol, Setting
from keepsight.app.worker.attention import Attention
from keepsight.app.worker.codec_processes import CodecProcesses
from keepsight.app.worker.comparing import Compare
from keepsight.app.worker.jobs import (
    ORIGINAL,
    Compress,
    Group,
    OpenRequest,
    PaneRequest,
    PaneShown,
    PhotoRequest,
    PhotoShown,
    ShowPhoto,
    open_photos,
)
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.latest import Latest
from keepsight.app.worker.limit_search import LimitSearch
from keepsight.app.worker.loading import Loading, LoadRequest, load_judge
from keepsight.app.worker.sweep_runner import SweepRequest, SweepRunner
from keepsight.app.worker.training_run import TrainingRun
from keepsight.codecs import registry
from keepsight.codecs.guide import RegionGuide
from keepsight.codecs.searching import Candidate


class Workbench(QObject):
    """One photo, one classifier, any number of compressed panes, one sweep.

    Every call returns at once; answers come as signals in the thread that owns this object.
    """

    opened = Signal(object)
    """`Opened`."""
    photo_shown = Signal(object)
    """`PhotoShown`: first without, then with its prediction."""
    photo_failed = Signal(str)
    pane_shown = Signal(int, object)
    """Pane number and `PaneShown`."""
    pane_closed = Signal(int)
    """Number of a pane that is no more; none that comes later has it."""
    pane_failed = Signal(int, str)
    pane_busy = Signal(int, bool)
    """Pane number, `ORIGINAL` too, and whether its picture is on its way."""
    guide_changed = Signal()
    """Another region guides codecs, or the classifier again."""
    judge_loaded = Signal(object)
    """`RemoteJudge`."""
    judge_progress = Signal(str, object)
    """What is going on and the share done in [0, 1] (None where unknown)."""
    judge_failed = Signal(str)
    devices_found = Signal(object)
    """Where classifiers can run: list of names."""
    sweep_advanced = Signal(object)
    """`SweepState`."""
    sweep_failed = Signal(str)
    sweep_warned = Signal(str)
    codecs_lost = Signal(str)
    """A sentence: processes died, others do their work."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(4, "keepsight-pane")
        self._process = JudgeProcess()
        self.item: Item | None = None
        self.photo: Photo | None = None
        self._item_of_photo: Item | None = None
        self.judge: RemoteJudge | None = None
        self.settings: dict[int, Setting] = {}
        self._panes: dict[int, Latest] = {}
        self._told_busy: set[int] = set()
        self._next_pane = 1
        self._opening: list[Latest] = []
        self._further: list[Latest] = []
        self.region: RegionGuide | None = None
        """What guides codecs instead of the classifier."""

        self._photo = Latest(self._pool, ShowPhoto(), self)
        self._photo.result.connect(self._on_photo)
        self._photo.failed.connect(self._fail_photo)
        self._photo.busy_changed.connect(lambda _: self._tell_busy())
        self.attention = Attention(self._pool, self._process, self)
        """Saliency maps of the shown photo."""
        self._judge = Latest(self._pool, load_judge, self)
        self._judge.result.connect(self._on_judge)
        self._judge.failed.connect(self.judge_failed)
        # Processes: threads would fight with the window's for the interpreter while curves grow.
        self._codecs = CodecProcesses(self.codecs_lost.emit)
        self.comparing = self.job(Compare(self._codecs))
        """What the table compares: `CompareRequest` and `PairRequest`."""
        self.limits = LimitSearch(self._pool, self._codecs, self)
        """The smallest files for the shown photo."""
        self._sweep = SweepRunner(self._codecs, self)
        self._sweep.advanced.connect(self.sweep_advanced)
        self._sweep.failed.connect(self.sweep_failed)
        self._sweep.warned.connect(self.sweep_warned)
        self.threshold_sweep = SweepRunner(self._codecs, self)
        """A second sweep, of few settings: those of one pane at every threshold."""
        self.training = TrainingRun(self)

    # photo ---------------------------------------------------------------------------------------

    def open(self, group: Group, specs: Sequence[str | Path]) -> None:
        """List the photos of these sources for the window."""
        opening = Latest(self._pool, open_photos, self)
        self._opening.append(opening)
        opening.result.connect(self.opened)
        opening.failed.connect(self.photo_failed)
        opening.busy_changed.connect(lambda busy: None if busy else self._end_opening(opening))
        opening.submit(OpenRequest(group, tuple(specs)))

    def _end_opening(self, opening: Latest) -> None:
        self._opening.remove(opening)
        opening.retire()

    def show_photo(self, item: Item) -> None:
        """Load a photo and show it in every pane."""
        self.item = item
        self._photo.submit(PhotoRequest(item, None, self.judge))
        self._tell_busy()

    @property
    def photo_is_current(self) -> bool:
        """Whether the loaded photo is the one that was asked for last."""
        return self.photo is not None and self._item_of_photo is self.item

    def _fail_photo(self, sentence: str) -> None:
        if not self.photo_is_current:
            self.photo = None
            self._forget_results()
            self.attention.look_at(None, self.judge)
        self.photo_failed.emit(sentence)

    def _on_photo(self, shown: PhotoShown) -> None:
        if shown.item is not self.item:
            return
        if shown.prediction is not None and shown.judge is not self.judge:
            return  # its classes are others; the one in use reads the photo next
        fresh = shown.photo is not self.photo
        self.photo, self._item_of_photo = shown.photo, shown.item
        self.photo_shown.emit(shown)
        if fresh:
            self.region = None  # it was the last photo's
            self._forget_results()
            self._refresh()
        self._tell_busy()

    def _tell_busy(self) -> None:
        """Tell whose picture is on its way: everybody's while another photo is."""
        awaited = self.item is not None and not self.photo_is_current and self._photo.busy
        busy = {number for number, pane in self._panes.items() if awaited or pane.busy}
        busy |= {ORIGINAL} if awaited else set()
        changed, self._told_busy = busy ^ self._told_busy, busy
        for number in changed:
            self.pane_busy.emit(number, number in busy)

    def _forget_results(self) -> None:
        self.attention.cancel()
        self.limits.cancel()
        for pane in self._panes.values():
            pane.cancel()

    def _refresh(self) -> None:
        for number in self._panes:
            self._request(number)
        self.attention.look_at(self.photo, self.judge)

    # panes ---------------------------------------------------------------------------------------

    def add_pane(self, setting: Setting) -> int:
        """Add a compressed pane and return its number."""
        number = self._next_pane
        self._next_pane += 1
        pane = Latest(self._pool, Compress(), self)
        pane.result.connect(lambda shown: self._on_pane(number, shown))
        pane.failed.connect(lambda sentence: self.pane_failed.emit(number, sentence))
        pane.busy_changed.connect(lambda _: self._tell_busy())
        self._panes[number] = pane
        self.settings[number] = setting
        self._request(number)
        return number

    def remove_pane(self, number: int) -> None:
        """Forget a pane and what it waits for."""
        pane = self._panes.pop(number)
        self.attention.set_picture(number, None)
        pane.retire()
        del self.settings[number]
        self.pane_closed.emit(number)

    def set_setting(self, number: int, setting: Setting) -> None:
        """Compress with this setting from now on."""
        self.settings[number] = setting
        self._request(number)

    def show_candidate(self, number: int, tried: PaneRequest, candidate: Candidate | None) -> None:
        """Show a file that a pane's codec tried for the request `tried`; None goes back to the chosen one.

        Nothing happens where the pane asks for something else by now.
        """
        now = (self.settings.get(number), self.judge, self.region)
        if tried.photo is self.photo and (tried.setting, tried.judge, tried.region) == now:
            self._panes[number].submit(replace(tried, candidate=candidate))

    @property
    def showing(self) -> bool:
        """Whether anything of what is to be seen of the photo is still on its way."""
        photo = self._photo.busy or bool(self._opening) or self.panes_busy or self.attention.busy
        return photo or self.judge_is_coming

    @property
    def judge_is_coming(self) -> bool:
        """Whether another classifier is still being loaded."""
        return self._judge.busy

    @property
    def panes_busy(self) -> bool:
        """Whether a pane still waits for its picture or its figures."""
        return any(pane.busy for pane in self._panes.values())

    def guide_by(self, region: RegionGuide | None) -> None:
        """Let a region of the shown photo guide the codecs that ask; None goes back to the classifier."""
        if region is not self.region:
            self.region = region
            self.guide_changed.emit()
            for number, setting in self.settings.items():
                if registry.get(setting.codec).guided:
                    self._request(number)

    def job(self, work: Callable[[Any], Iterator[object]]) -> Latest:
        """Return a place for background work of one kind, which counts as this workbench's."""
        job = Latest(self._pool, work, self)
        self._further.append(job)
        return job

    def _request(self, number: int) -> None:
        if self.photo is not None and self.photo_is_current:  # else all panes are asked for with the next one
            request = PaneRequest(self.photo, self.settings[number], self.judge, self.region)
            self._panes[number].submit(request)

    def _on_pane(self, number: int, shown: PaneShown) -> None:
        if number in self._panes and shown.request.photo is self.photo:
            self.pane_shown.emit(number, shown)
            self.attention.set_picture(number, shown.coded.pixels)

    # classifier ----------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Start the processes for sweeps and let them load what they need, before the first sweep asks."""
        for _ in range(os.cpu_count() or 1):
            self._codecs.submit(registry.all_codecs)

    def use_judge(self, classifier_id: str, device: str = "auto") -> None:
        """Load a classifier and read everything again with it; until then the old one stays."""
        self._judge.submit(LoadRequest(self._process, classifier_id, device, self.judge_progress.emit))

    def _on_judge(self, loading: Loading) -> None:
        self.judge = loading.judge
        self.devices_found.emit(loading.devices)
        self.judge_loaded.emit(loading.judge)
        if self.item is not None:
            loaded = self.photo if self.item is self._item_of_photo else None
            self._photo.submit(PhotoRequest(self.item, loaded, self.judge))
        self._forget_results()
        self._refresh()

    # sweep ---------------------------------------------------------------------------------------

    def start_sweep(
        self,
        specs: Sequence[str | Path | Item],
        settings: Sequence[Setting],
        protocol: Protocol,
        store: Path | None,
        photos: int | None = None,
    ) -> None:
        """Sweep the photos of these sources (at most `photos`) with the classifier, which must be loaded.

        A sweep that runs is stopped first.
        """
        assert self.judge is not None
        self._sweep.start(SweepRequest(specs, settings, self.judge, protocol, store, photos))

    def stop_sweep(self) -> None:
        """End the sweep after the batch in hand; a later start goes on where it stopped."""
        self._sweep.stop()

    def pause_sweep(self, paused: bool) -> None:
        """Let the sweep stand still after the batch in hand, or go on."""
        if paused:
            self._sweep.pause()
        else:
            self._sweep.resume()

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits, the sweep included."""
        jobs = (self._photo, self._judge, *self._opening, *self._further, *self._panes.values())
        sweeps = (self._sweep, self.threshold_sweep)
        shown = self.attention.busy or self.limits.busy or any(job.busy for job in jobs)
        return shown or any(sweep.running for sweep in sweeps)

    def close(self) -> None:
        """End every thread and process; waits for codec calls in hand."""
        self._forget_results()
        sweeps = (self._sweep, self.threshold_sweep)
        for sweep in sweeps:
            sweep.stop()
        self.training.stop()  # it ends while the others do
        self._process.close()
        for sweep in sweeps:
            sweep.join()
        self._codecs.shutdown(wait=True, cancel_futures=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.training.close()

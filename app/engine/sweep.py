"""Many photos times many settings, each encoded, decoded, classified and compared.

Photos come in a seeded random order in the outer loop and settings in the inner one, so that every curve
exists after the first photo and its interval shrinks from then on.
"""

import os
import random
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine import rows
from keepsight.app.engine.data import Item
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.keeping import Keeper
from keepsight.app.engine.rows import Key, Reading, Study
from keepsight.app.engine.store import Store
from keepsight.app.engine.trials import Source, Trial, load_source, run_trials
from keepsight.app.engine.types import Measurement, Protocol, Setting
from keepsight.app.engine.workers import WorkersLostError
from keepsight.codecs import registry
from keepsight.codecs.guide import MapGuide
from keepsight.models.errors import BrokenAnswerError, ModelError
from keepsight.models.file_inputs import Inputs
from keepsight.models.types import Judge

_FLUSH_S = 0.1
"""Trials that are ready wait for a full batch this long at most."""
_POLL_S = 0.05
"""How long it takes at most until a cancellation is seen while nothing else happens."""
_GROUP_S = 0.05
"""Settings of one photo go to the executor together as long as they should not take longer than this."""


def default_settings(codecs: Iterable[str]) -> list[Setting]:
    """Return every codec's own ladder, smallest files first. Raises `UnknownCodecError`."""
    found = [registry.get(name) for name in codecs]
    return [Setting(codec.id, options) for codec in found for options in codec.ladder()]


def shuffled(items: Sequence[Item], seed: int) -> list[Item]:
    """Return the items in the order in which a sweep of this seed visits them."""
    order = list(items)
    random.Random(seed).shuffle(order)
    return order


def sweep(
    items: Sequence[Item],
    settings: Sequence[Setting],
    judge: Judge,
    *,
    protocol: Protocol,
    seed: int,
    guide: Guiding | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    store: Store | None = None,
    warn: Callable[[str], object] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    batch: int = 32,
) -> Generator[list[Measurement], None, None]:
    """Measure every setting on every photo and yield the rows in small lists, as they are ready.

    Each photo first gets a row of the codec `rows.ORIGINAL`, the prediction on the uncompressed image. Rows
    that the store holds are yielded, not measured again; new ones are added to it before they are yielded. A
    photo that cannot be read gives one row with an `error`, and so does every codec or guide that fails and
    every answer of the classifier that is no number; the rest goes on.

    Args:
        items: The photos.
        settings: What to do to each of them.
        judge: Who reads the results; called in the thread that iterates.
        protocol: What the codec is given.
        seed: Of the order of the photos.
        guide: Who tells guided codecs what matters; without one they look at the photo alone.
        executor: Where photos are loaded, encoded, decoded and compared; threads of its own if None.
        workers: How many of these tasks can run at once; as many as there are cores if None.
        store: Where rows stand already and new ones are kept.
        warn: Hears a sentence where the store fails; the sweep goes on and keeps the rows when that works
            again. Without it the failure ends the sweep.
        cancelled: Asked at least once a batch: no more rows come once it is true.
        batch: The largest number of images that are classified at once.

    Raises:
        ModelError: The classifier failed.
        StoreError: The store failed, and there is no `warn`.
        WorkersLostError: The executor's processes died, or its cluster is gone.
    """
    workers = workers or os.cpu_count() or 1
    with ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(ThreadPoolExecutor(workers, "keepsight-codec"))
        keeper = Keeper(store, warn)
        stack.callback(keeper.close)
        run = _Run(shuffled(items, seed), settings, judge, guide, protocol, executor, workers, keeper, batch)
        stack.callback(run.stop)
        try:
            yield from run.rows(cancelled)
        except (BrokenExecutor, CancelledError):
            raise WorkersLostError(
                "What runs the codecs ended by itself, most likely for want of memory or of the network. "
                "Start the sweep again; what a store holds is not measured anew."
            ) from None


@dataclass
class _PhotoState:
    """What the trials of one photo share."""

    source: Source
    write_reference: bool
    """Whether the uncompressed image still needs its row."""
    reference: NDArray[np.float32] | ModelError | None = None
    """Probabilities (K,) of the uncompressed image, or why there are none; None before it was read."""


@dataclass(frozen=True)
class _Pending:
    """Settings on their way; without any, the uncompressed image, which needs no codec."""

    state: _PhotoState
    settings: Sequence[Setting] = ()
    future: Future[list[Trial | Exception]] | None = None

    @property
    def done(self) -> bool:
        return self.future is None or self.future.done()


@dataclass(frozen=True)
class _Image:
    """What waits for the classifier: a trial, or the uncompressed image."""

    state: _PhotoState
    setting: Setting | None = None
    trial: Trial | None = None

    @property
    def prepared(self) -> Inputs:
        return self.trial.prepared if self.trial else self.state.source.prepared


class _Run:
    """The state of one sweep.

    Photos in `_loading` feed trials in `_pending`, both bounded and in order; finished trials gather in
    `_ready` until the classifier reads them as a batch; `_rows` are waiting to be yielded.
    """

    def __init__(
        self,
        items: Sequence[Item],
        settings: Sequence[Setting],
        judge: Judge,
        guide: Guiding | None,
        protocol: Protocol,
        executor: Executor,
        workers: int,
        keeper: Keeper,
        batch: int,
    ) -> None:
        self._items = deque(items)
        self._settings = settings
        self._judge = judge
        self._guide = guide
        self._protocol: Protocol = protocol
        self._study = Study(protocol, judge.card.fingerprint, guide.name if guide else "")
        self._executor = executor
        # A search asks the classifiers that guide, and they are in this process.
        self._searcher = ThreadPoolExecutor(1, "keepsight-search")
        self._keeper = keeper
        self._batch = batch
        self._workers = workers
        self._loading: deque[tuple[Item, Future[Source]]] = deque()
        self._todo: Iterator[_Pending] = iter(())
        self._pending: deque[_Pending] = deque()
        self._pending_settings = 0
        self._seconds: dict[Setting, float] = {}
        self._ready: list[_Image] = []
        self._rows: list[Measurement] = []

    def rows(self, cancelled: Callable[[], bool]) -> Iterator[list[Measurement]]:
        """Run until all is done or cancelled."""
        flushed = time.monotonic()
        while not cancelled():
            self._refill()
            if len(self._ready) < self._batch:
                if self._pending and self._pending[0].done:
                    self._take(self._pending.popleft())
                elif waiting_for := self._head():
                    wait([waiting_for], timeout=_POLL_S)
            finished = not (self._pending or self._loading)
            due = finished or time.monotonic() - flushed >= _FLUSH_S
            if len(self._ready) >= self._batch or (due and (self._ready or self._rows)):
                yield self._flush()
                flushed = time.monotonic()
            elif finished:
                return

    def stop(self) -> None:
        """Give up what has not begun and wait for what has."""
        futures: list[Future[Any]] = [future for _, future in self._loading]
        futures += [pending.future for pending in self._pending if pending.future]
        wait([future for future in futures if not future.cancel()])
        self._searcher.shutdown()

    def _head(self) -> Future[Any] | None:
        """Return what has to be finished before anything else can be taken."""
        if self._pending:
            return self._pending[0].future
        return self._loading[0][1] if self._loading else None

    def _refill(self) -> None:
        """Keep the executor busy as far as the look-ahead goes."""
        while self._items and len(self._loading) < 2 + self._workers // 8:
            item = self._items.popleft()
            future = self._executor.submit(load_source, item, self._judge.card, self._protocol)
            self._loading.append((item, future))
        while self._pending_settings < self._batch or len(self._pending) < 2 * self._workers:
            following = next(self._todo, None)
            if following:
                self._pending.append(following)
                self._pending_settings += len(following.settings)
            elif self._loading and self._loading[0][1].done():
                self._todo = self._trials(*self._loading.popleft())
            else:
                return

    def _trials(self, item: Item, loaded: Future[Source]) -> Iterator[_Pending]:
        """Submit the photo's trials group by group, except those that the store holds."""
        if error := _failure(loaded):
            self._rows.append(rows.failed("", item.name, item.label, None, error, self._study))
            return
        source = loaded.result()
        stored = self._stored(source)
        self._rows += stored.values()
        missing = [s for s in self._settings if self._study.key(s) not in stored]
        state = _PhotoState(source, write_reference=self._study.key(None) not in stored)
        if missing or state.write_reference:
            yield _Pending(state)
        searching = [s for s in missing if registry.get(s.codec).searches]
        missing = [s for s in missing if s not in searching]
        guided = [s for s in missing if registry.get(s.codec).guided]
        guide: MapGuide | None = None
        if self._guide and guided:
            try:
                guide = self._guide.map(source.pixels)
            except ModelError as error:
                for setting in guided:
                    self._fail(source, setting, error)
                missing = [s for s in missing if s not in guided]
        for group in self._groups(missing):
            asked = guide if any(s in guided for s in group) else None
            trials = self._executor.submit(
                run_trials, source.pixels, group, self._judge.card, self._protocol, asked
            )
            yield _Pending(state, group, trials)
        for setting in searching:
            # A guide of its own for each: what an earlier setting has asked must not shorten this one's time.
            critic = (
                self._guide.critic(source.pixels, cropped=self._protocol == "crop") if self._guide else None
            )
            trials = self._searcher.submit(
                run_trials, source.pixels, [setting], self._judge.card, self._protocol, critic
            )
            yield _Pending(state, [setting], trials)

    def _groups(self, settings: Sequence[Setting]) -> Iterator[list[Setting]]:
        """Put neighbours together by the time that they took before; what was never tried stands alone."""
        group: list[Setting] = []
        seconds = 0.0
        for setting in settings:
            expected = self._seconds.get(setting, _GROUP_S)
            if group and seconds + expected > _GROUP_S:
                yield group
                group, seconds = [], 0.0
            group.append(setting)
            seconds += expected
        if group:
            yield group

    def _stored(self, source: Source) -> dict[Key, Measurement]:
        """Return the rows that need no measuring, in the order of the settings."""
        kept = self._keeper.get(source.key, self._study.protocol, self._study.classifier)
        found = {
            (r.codec, r.codec_version, r.options, r.guide): replace(r, name=source.name)
            for r in kept
            if r.label == source.label
        }
        wanted = [self._study.key(setting) for setting in (None, *self._settings)]
        return {key: found[key] for key in wanted if key in found}

    def _take(self, pending: _Pending) -> None:
        """Pass finished trials on to the classifier, or note their errors."""
        if pending.future is None:
            self._ready.append(_Image(pending.state))
            return
        self._pending_settings -= len(pending.settings)
        error = _failure(pending.future)
        trials = [error] * len(pending.settings) if error else pending.future.result()
        for setting, trial in zip(pending.settings, trials, strict=True):
            if isinstance(trial, Trial):
                self._seconds[setting] = trial.encode_s + trial.decode_s
                self._ready.append(_Image(pending.state, setting, trial))
            else:
                self._fail(pending.state.source, setting, trial)

    def _fail(self, source: Source, setting: Setting | None, error: BaseException) -> None:
        """Note that there is no measurement, and why."""
        self._rows.append(rows.failed(source.key, source.name, source.label, setting, error, self._study))

    def _flush(self) -> list[Measurement]:
        """Classify what is ready, keep the new rows and return all that wait."""
        batch, self._ready = self._ready[: self._batch], self._ready[self._batch :]
        measured: list[Measurement] = []
        if batch:
            started = time.perf_counter()
            answers = self._read(np.stack([image.prepared for image in batch]))
            classify_s = (time.perf_counter() - started) / len(batch)
            for image, answer in zip(batch, answers, strict=True):
                state, setting = image.state, image.setting
                if setting is None:
                    state.reference = answer
                reference = state.reference
                assert reference is not None, "the uncompressed image comes before its trials"
                if isinstance(answer, ModelError) or isinstance(reference, ModelError):
                    error = answer if isinstance(answer, ModelError) else reference
                    assert isinstance(error, ModelError)
                    self._fail(state.source, setting, error)
                elif setting or state.write_reference:
                    reading = Reading(answer, reference, classify_s)
                    measured.append(rows.measured(state.source, setting, image.trial, reading, self._study))
        self._keeper.add(measured)
        waiting, self._rows = self._rows, []
        return waiting + measured

    def _read(self, images: Inputs) -> list[NDArray[np.float32] | ModelError]:
        """Return the classifier's probabilities (K,) of each image, or why there are none."""
        try:
            return list(self._judge.predict(images))
        except BrokenAnswerError as error:
            if len(images) == 1:
                return [error]
            return [answer for image in images for answer in self._read(image[None])]


def _failure(future: Future[Any]) -> BaseException | None:
    """Return what the task raised. Raises `BrokenExecutor` where that was none of its doing."""
    error = future.exception()
    if isinstance(error, BrokenExecutor):
        raise error
    return error

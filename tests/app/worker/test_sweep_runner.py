"""Classifiers in their own process, and sweeps in their own thread, for real."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keepsight.app.engine import photos
from keepsight.app.engine.data import Item
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import default_settings
from keepsight.app.engine.types import Photo
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.sweep_runner import SweepRequest, SweepRunner, SweepState
from keepsight.models.types import ModelError

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def process() -> Iterator[JudgeProcess]:
    process = JudgeProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def judge(process: JudgeProcess) -> RemoteJudge:
    return process.load("imagenet", "cpu", lambda done, total: None)


@pytest.fixture(scope="module")
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def items() -> list[Item]:
    return [Item(sample.name, partial(photos.load, sample.path, None, sample.name)) for sample in SAMPLES[:3]]


def run(runner: SweepRunner, request: SweepRequest, qtbot) -> list[SweepState]:
    states: list[SweepState] = []
    runner.advanced.connect(states.append)
    runner.start(request)
    qtbot.waitUntil(lambda: bool(states) and not states[-1].running, timeout=WAIT_MS)
    runner.join()
    runner.advanced.disconnect(states.append)
    return states


def test_the_judge_in_the_process_is_the_judge_itself(judge):
    from keepsight.models import classifiers
    from keepsight.models.catalog import find_card

    here = classifiers.load(find_card("imagenet"), "cpu")
    prepared = judge.card.prepare(photos.load(SAMPLES[0].path).pixels)[None]
    np.testing.assert_allclose(judge.predict(prepared), here.predict(prepared), atol=1e-5)
    assert judge.card == here.card
    photo = photos.load(SAMPLES[0].path).pixels
    for method in ("grad-cam", "edges", "layer-cam+edges*0.5"):
        far, near = (one.explain(photo, 282, method) for one in (judge, here))
        assert far.method == near.method
        np.testing.assert_allclose(far.values, near.values, atol=1e-4)
    with pytest.raises(ModelError, match="There is no map “nonsense”"):
        judge.explain(photo, method="nonsense")


def test_an_unknown_classifier_is_a_sentence_and_the_process_lives_on(process, judge):
    with pytest.raises(ModelError, match="nothing-of-the-kind"):
        process.load("nothing-of-the-kind", "cpu", lambda done, total: None)
    assert judge.predict(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 1000)


def test_a_process_that_dies_is_a_sentence_and_is_replaced(process, judge):
    process._process.kill()
    with pytest.raises(ModelError, match="starts again"):
        judge.predict(np.zeros((1, 224, 224, 3), np.uint8))
    assert judge.predict(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 1000)


def test_closing_ends_a_call_that_is_under_way():
    process = JudgeProcess()
    errors: list[ModelError] = []
    entered = threading.Event()

    def call() -> None:
        entered.set()
        try:
            process.load("imagenet", "cpu", lambda done, total: None)
        except ModelError as error:
            errors.append(error)

    process.start()
    thread = threading.Thread(target=call)
    thread.start()
    entered.wait()
    process.close()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert "closing" in str(errors[0])


def test_a_sweep_reports_curves_and_a_second_one_measures_nothing(judge, items, tmp_path, executor, qtbot):
    settings = default_settings(["jpeg", "png"])
    request = SweepRequest(items, settings, judge, "crop", tmp_path / "new" / "rows.sqlite", None)
    runner = SweepRunner(executor)
    first = run(runner, request, qtbot)[-1]
    assert first.photos_done == first.photos_total == 3
    assert [curve.codec for curve in first.curves] == ["jpeg", "png"]
    assert sum(len(curve.points) for curve in first.curves) == len(settings)
    assert all(point.photos == 3 for curve in first.curves for point in curve.points)
    assert first.reference is None
    with Store(request.store) as store:
        rows = store.rows("crop", judge.card.fingerprint)
    again = run(runner, request, qtbot)[-1]
    assert again.curves == first.curves
    assert again.photos_done == again.photos_total == 3
    with Store(request.store) as store:
        assert store.rows("crop", judge.card.fingerprint) == rows


def test_a_folder_that_cannot_hold_the_store_is_a_warning_and_the_sweep_goes_on(
    judge, items, tmp_path, executor, qtbot
):
    (tmp_path / "file").write_text("in the way")
    request = SweepRequest(
        items[:1], default_settings(["png"]), judge, "crop", tmp_path / "file" / "a.sqlite", None
    )
    runner = SweepRunner(executor)
    warnings: list[str] = []
    runner.warned.connect(warnings.append)
    state = run(runner, request, qtbot)[-1]
    assert "not kept" in warnings[0]
    assert f"“{tmp_path / 'file'}” cannot be written" in warnings[0]
    assert state.photos_done == 1


def test_a_photo_that_cannot_be_read_is_named_and_the_others_go_on(judge, items, tmp_path, executor, qtbot):
    bad = Item("gone", partial(photos.load, Path("gone.jpg"), None, "gone"))
    request = SweepRequest([bad, *items[:1]], default_settings(["png"]), judge, "crop", None, None)
    state = run(SweepRunner(executor), request, qtbot)[-1]
    assert any("gone" in error for error in state.errors)
    assert state.curves[0].points[0].photos == 1


def test_a_source_without_photos_is_named_and_the_others_go_on(judge, tmp_path, executor, qtbot):
    full, empty = tmp_path / "full", tmp_path / "empty"
    for folder in (full, full / "more", empty):
        folder.mkdir()
    for i, name in enumerate(("cat.png", "more/dog.png", "dog.png")):
        Image.fromarray(np.full((40, 50, 3), 60 * i, np.uint8)).save(full / name)
    settings = default_settings(["png"])
    request = SweepRequest(
        [empty, full / "cat.png", full, tmp_path / "gone"], settings, judge, "crop", None, None
    )
    state = run(SweepRunner(executor), request, qtbot)[-1]
    assert all(any(f"“{path}”" in error for error in state.errors) for path in (empty, tmp_path / "gone"))
    # Each file once, also where a source lies within another one.
    assert state.photos_done == state.photos_total == state.curves[0].points[0].photos == 3


def test_photos_of_one_name_are_counted_apart(judge, executor, qtbot):
    twins = [Item("1.png", partial(_plain, shade)) for shade in (60, 120)]
    state = run(
        SweepRunner(executor),
        SweepRequest(twins, default_settings(["png"]), judge, "crop", None, None),
        qtbot,
    )[-1]
    assert state.photos_done == state.photos_total == 2


def _plain(shade: int) -> Photo:
    return photos.from_pixels(np.full((40, 50, 3), shade, np.uint8), "1.png")


def test_sources_without_any_photo_are_a_sentence(judge, tmp_path, executor, qtbot):
    runner = SweepRunner(executor)
    with qtbot.waitSignal(runner.failed, timeout=WAIT_MS) as failed:
        runner.start(SweepRequest([tmp_path], default_settings(["png"]), judge, "crop", None, None))
    runner.join()
    assert "There are no photos" in failed.args[0]


def test_a_stopped_sweep_ends_soon(judge, items, executor, qtbot):
    states: list[SweepState] = []
    runner = SweepRunner(executor)
    runner.advanced.connect(states.append)
    runner.start(SweepRequest(items * 50, default_settings(["avif"]), judge, "crop", None, None))
    qtbot.waitUntil(lambda: bool(states), timeout=WAIT_MS)
    runner.join()
    qtbot.waitUntil(lambda: not states[-1].running, timeout=WAIT_MS)
    assert states[-1].photos_done < 100


def test_a_paused_sweep_stands_still_and_goes_on(judge, items, executor, qtbot):
    states: list[SweepState] = []
    runner = SweepRunner(executor)
    runner.advanced.connect(states.append)
    runner.start(SweepRequest(items, default_settings(["jpeg", "webp"]), judge, "crop", None, None))
    qtbot.waitUntil(lambda: bool(states), timeout=WAIT_MS)
    runner.pause()
    qtbot.waitUntil(lambda: states[-1].paused, timeout=WAIT_MS)
    count, before = len(states), states[-1]
    qtbot.wait(1500)
    assert len(states) == count
    assert runner.running
    runner.resume()
    qtbot.waitUntil(lambda: len(states) > count, timeout=WAIT_MS)
    assert not states[count].paused
    assert states[count].seconds_left < before.seconds_left + 1, "the pause counted as work"
    qtbot.waitUntil(lambda: not states[-1].running, timeout=WAIT_MS)
    runner.join()
    assert states[-1].photos_done == 3


def test_a_paused_sweep_can_be_stopped(judge, items, executor, qtbot):
    states: list[SweepState] = []
    runner = SweepRunner(executor)
    runner.advanced.connect(states.append)
    runner.start(SweepRequest(items * 50, default_settings(["avif"]), judge, "crop", None, None))
    runner.pause()
    qtbot.waitUntil(lambda: bool(states) and states[-1].paused, timeout=WAIT_MS)
    runner.stop()
    runner.pause()  # too late, it ends all the same
    qtbot.waitUntil(lambda: not states[-1].running, timeout=WAIT_MS)
    runner.join()
    assert states[-1].photos_done < 100

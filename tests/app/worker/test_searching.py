"""Codecs that search, in panes and in the search for the smallest files; the classifier is elsewhere."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from keepsight.app.engine import photos
from keepsight.app.engine.limits import Goal
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Photo, Setting
from keepsight.app.worker.jobs import Compress, PaneRequest, PaneShown
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.limit_search import FindLimits, LimitRequest
from keepsight.codecs.guide import Critic, RegionGuide
from keepsight.codecs.keep import KeepOptions

KEEP = Setting("keep", KeepOptions(effort=1))


@pytest.fixture(scope="module")
def judge() -> Iterator[RemoteJudge]:
    process = JudgeProcess()
    yield process.load("imagenet", "cpu", lambda done, total: None)
    process.close()


@pytest.fixture(scope="module")
def photo() -> Photo:
    sample = next(sample for sample in SAMPLES if sample.name == "coffee")
    found = photos.load(sample.path, None, sample.name)
    return replace(found, pixels=found.pixels[::2, ::2].copy())


def _shown(request: PaneRequest, job: Compress | None = None) -> PaneShown:
    return list((job or Compress())(request))[-1]


def test_a_pane_tells_what_was_tried(judge: RemoteJudge, photo: Photo) -> None:
    shown = _shown(PaneRequest(photo, KEEP, judge))
    assert shown.found is not None
    assert len(shown.found.tried) == 5
    assert shown.found.chosen.data == shown.coded.data
    assert isinstance(shown.guide, Critic)
    assert all(np.isfinite(one.kl) for one in shown.found.tried)


def test_what_was_tried_is_not_tried_again_for_another_weight(judge: RemoteJudge, photo: Photo) -> None:
    job = Compress()
    first = _shown(PaneRequest(photo, KEEP, judge), job)
    assert isinstance(first.guide, Critic)
    before = {key: dict(known) for key, known in first.guide.memory.items()}
    second = _shown(PaneRequest(photo, Setting("keep", KeepOptions(effort=1, lmbda=8100)), judge), job)
    assert second.guide is first.guide
    for key, known in before.items():
        assert len(known) == 5
        assert known.items() <= first.guide.memory[key].items()
    fresh = _shown(PaneRequest(photo, second.request.setting, judge))
    assert fresh.coded.data == second.coded.data


def test_a_drawn_region_and_no_classifier(judge: RemoteJudge, photo: Photo) -> None:
    region = RegionGuide(np.tri(*photo.pixels.shape[:2], dtype=np.float32))
    job = Compress()
    steered = _shown(PaneRequest(photo, KEEP, judge, region), job)
    assert isinstance(steered.guide, Critic)
    assert steered.guide.importance() is region.values
    before = {key: set(known) for key, known in steered.guide.memory.items()}
    assert all(len(known) == 5 for known in before.values())
    again = _shown(PaneRequest(photo, Setting("keep", KeepOptions(effort=1, lmbda=8100)), judge, region), job)
    assert again.guide is steered.guide, "what was tried with this region is not tried again"
    assert all(known <= again.guide.memory[key].keys() for key, known in before.items())
    other = RegionGuide(1 - region.values)
    elsewhere = _shown(PaneRequest(photo, KEEP, judge, other), job)
    assert elsewhere.coded.data == _shown(PaneRequest(photo, KEEP, judge, other)).coded.data
    alone = _shown(PaneRequest(photo, KEEP, None))
    assert alone.guide is None
    assert alone.found is not None
    assert all(np.isnan(one.kl) for one in alone.found.tried)


def test_the_smallest_file_is_searched_with_the_classifier(judge: RemoteJudge, photo: Photo) -> None:
    with ThreadPoolExecutor(1) as pool:
        (found,) = FindLimits(pool)(LimitRequest(photo, judge, (KEEP,), Goal("bytes", 2000), None))
    assert found.limit is not None
    assert found.limit.setting is not None
    shown = _shown(PaneRequest(photo, found.limit.setting, judge))
    assert len(shown.coded.data) == found.limit.outcome.bytes <= 2000


def test_the_window_s_process_needs_no_torch() -> None:
    program = """
import sys
import numpy as np
from keepsight.app.engine.photos import from_pixels
from keepsight.app.engine.types import Setting
from keepsight.app.worker.jobs import Compress, PaneRequest
from keepsight.app.worker.judge_process import JudgeProcess
from keepsight.codecs.keep import KeepOptions

if __name__ == "__main__":
    process = JudgeProcess()
    judge = process.load("scenes", "cpu", lambda done, total: None)
    photo = from_pixels(np.tile(np.arange(96, dtype=np.uint8)[:, None, None], (1, 96, 3)), "ramp", None)
    shown = list(Compress()(PaneRequest(photo, Setting("keep", KeepOptions(effort=1)), judge)))[-1]
    print(len(shown.found.tried), "torch" in sys.modules)
    process.close()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240
    )
    assert ran.stdout.split() == ["5", "False"], ran.stderr

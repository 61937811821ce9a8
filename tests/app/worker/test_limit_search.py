"""The search for the smallest files, with real codecs, the real classifier and a pool of processes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from keepsight.app.engine import photos
from keepsight.app.engine.limits import KEEPS_THE_CLASS, Goal, rungs
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Photo, Setting
from keepsight.app.worker.jobs import Compress, PaneRequest
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.app.worker.limit_search import FindLimits, LimitFound, LimitRequest, LimitSearch
from keepsight.codecs import registry

WAIT_MS = 60_000
JPEG, WEBP = (Setting(codec, registry.get(codec).options()) for codec in ("jpeg", "webp"))


@pytest.fixture(scope="module")
def judge() -> Iterator[RemoteJudge]:
    process = JudgeProcess()
    yield process.load("imagenet", "cpu", lambda done, total: None)
    process.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def photo() -> Photo:
    sample = next(sample for sample in SAMPLES if sample.name == "coffee")
    found = photos.load(sample.path, None, sample.name)
    return replace(found, pixels=found.pixels[::2, ::2].copy())


def test_what_is_found_is_what_a_pane_shows(judge, pool, photo):
    request = LimitRequest(photo, judge, (JPEG, WEBP), KEEPS_THE_CLASS, None)
    found = list(FindLimits(pool)(request))
    assert [one.setting for one in found] == [JPEG, WEBP]
    original = judge.predict(judge.card.prepare(photo.pixels)[None])[0].argmax()
    for one in found:
        shown = list(Compress()(PaneRequest(photo, one.limit.setting, judge)))[-1]
        assert len(shown.coded.data) == one.limit.outcome.bytes
        assert shown.prediction.probabilities.argmax() == original
        place = rungs(one.setting).index(one.limit.setting)
        below = list(Compress()(PaneRequest(photo, rungs(one.setting)[max(place - 1, 0)], judge)))[-1]
        assert place == 0 or below.prediction.probabilities.argmax() != original


def test_a_size_is_the_best_that_fits(judge, pool, photo):
    (found,) = FindLimits(pool)(LimitRequest(photo, judge, (JPEG,), Goal("bytes", 3000), None))
    assert 2000 < found.limit.outcome.bytes <= 3000
    (none,) = FindLimits(pool)(LimitRequest(photo, judge, (JPEG,), Goal("bytes", 100), None))
    assert none.limit.setting is None


def test_a_codec_that_fails_is_a_sentence_and_the_others_go_on(judge, pool, photo):
    lost = Setting("jpeg+gone", registry.get("jpeg").options())
    first, second = FindLimits(pool)(LimitRequest(photo, judge, (lost, JPEG), KEEPS_THE_CLASS, None))
    assert first.limit is None
    assert "no prefilter" in first.problem
    assert second.limit.setting is not None


def test_the_latest_search_wins_and_a_cancelled_one_ends(judge, pool, photo, qtbot):
    found: list[LimitFound] = []
    search = LimitSearch(pool, pool, None)
    search.found.connect(found.append)
    first = LimitRequest(photo, judge, (JPEG, WEBP), KEEPS_THE_CLASS, None)
    second = LimitRequest(photo, judge, (WEBP,), KEEPS_THE_CLASS, None)
    search.search(first)
    search.search(second)
    qtbot.waitUntil(lambda: not search.busy, timeout=WAIT_MS)
    assert first.cancelled.is_set()
    assert [(one.request, one.setting) for one in found] == [(second, WEBP)]
    search.search(LimitRequest(photo, judge, (JPEG, WEBP), KEEPS_THE_CLASS, None))
    search.cancel()
    qtbot.waitUntil(lambda: not search.busy, timeout=WAIT_MS)
    assert len(found) == 1


def test_a_pool_that_closes_ends_a_cancelled_search_without_a_word(judge, photo):
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    request = LimitRequest(photo, judge, (JPEG,), KEEPS_THE_CLASS, None)
    with pytest.raises(RuntimeError, match="shutdown"):
        list(FindLimits(closed)(request))
    request.cancelled.set()
    assert list(FindLimits(closed)(request)) == []

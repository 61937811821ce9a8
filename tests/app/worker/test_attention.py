"""Maps of the original and of what stands in the panes, by a real classifier in its process."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from keepsight.app.engine import photos
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Photo
from keepsight.app.worker.attention import Attention, Explain, MapRequest, MapShown
from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge
from keepsight.models.types import Importance, ModelError, Pixels

WAIT_MS = 150_000
"""The first map waits until its process has loaded what it needs: long where the machine is busy."""


@pytest.fixture(scope="module")
def process() -> Iterator[JudgeProcess]:
    process = JudgeProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def judge(process: JudgeProcess) -> RemoteJudge:
    return process.load("imagenet", "cpu", lambda done, total: None)


@pytest.fixture(scope="module")
def cat() -> Photo:
    sample = next(sample for sample in SAMPLES if sample.name == "cat")
    return photos.from_pixels(photos.thumbnail(photos.load(sample.path).pixels, 300), "cat")


def coarse(pixels: Pixels) -> Pixels:
    """Return what a poor codec would make of it."""
    return (pixels // 64 * 64 + 32).astype(np.uint8)


def request(process, judge, photo, panes=None, method="grad-cam", target=None) -> MapRequest:
    return MapRequest(photo, panes or {}, process, judge, method, target)


def test_a_classifier_of_files_has_maps_of_the_image_alone(process, cat):
    judge = process.load("scenes_jpeg", "cpu", lambda done, total: None)
    with pytest.raises(ModelError, match="Choose a map of the image alone"):
        next(Explain()(request(process, judge, cat)))
    (shown,) = Explain()(request(process, judge, cat, method="edges"))
    assert shown.importance.values.any()


def test_panes_are_mapped_for_the_class_that_the_original_shows(process, judge, cat):
    panes = {1: cat.pixels.copy(), 2: coarse(cat.pixels), 3: np.full_like(cat.pixels, 90)}
    first, *others = Explain()(request(process, judge, cat, panes))
    best = int(judge.predict(judge.card.prepare(cat.pixels)[None])[0].argmax())
    assert first.pane is None
    assert first.importance.target == best
    assert [shown.pane for shown in others] == [1, 2, 3]
    assert {shown.importance.target for shown in others} == {best}
    same, poorer, _ = others
    assert same.correlation == pytest.approx(1, abs=1e-4)
    assert same.intersection == pytest.approx(1, abs=1e-3)
    assert 0.2 < poorer.correlation < 0.9999
    assert poorer.importance.values.shape == first.importance.values.shape


def test_another_class_is_explained_in_every_picture(process, judge, cat):
    shown = list(Explain()(request(process, judge, cat, {1: coarse(cat.pixels)}, target=407)))
    assert [one.importance.target for one in shown] == [407, 407]


def test_what_was_made_once_comes_back_without_the_classifier(process, judge, cat):
    explain = Explain()
    pane = coarse(cat.pixels)
    asked = [
        request(process, judge, cat, {1: pane}, method) for method in ("grad-cam", "edges", "grad-cam+edges")
    ]
    before = [one.importance for each in asked for one in explain(each)]
    nobody = RemoteJudge(JudgeProcess(), judge.card, "cpu", "")
    nobody.process.close()
    again = [request(process, nobody, cat, {1: pane}, one.method) for one in asked]
    after = [one.importance for each in again for one in explain(each)]
    assert all(a is b for a, b in zip(before, after, strict=True))
    weighed = list(explain(request(process, nobody, cat, {1: pane}, "grad-cam*3+edges")))
    assert [one.problem for one in weighed] == ["", ""]
    assert not np.array_equal(weighed[0].importance.values, before[4].values)
    with pytest.raises(ModelError):
        list(explain(request(process, nobody, cat, {1: pane}, "layer-cam")))


def test_another_picture_in_a_pane_is_mapped_anew(process, judge, cat):
    explain = Explain()
    maps: list[Importance] = []
    for pixels in (coarse(cat.pixels), np.roll(cat.pixels, 60, axis=1)):
        maps.append(list(explain(request(process, judge, cat, {1: pixels})))[1].importance)
    assert not np.array_equal(maps[0].values, maps[1].values)


@pytest.mark.parametrize("method", ["edges", "edges+surroundedness*0.5", "random"])
def test_maps_of_the_image_need_no_classifier(process, cat, method):
    (shown,) = Explain()(request(process, None, cat, method=method))
    assert shown.importance.target is None
    assert shown.importance.values.max() > 0


@pytest.mark.parametrize(
    "pixels", [np.full((60, 90, 3), 128, np.uint8), np.zeros((1, 1, 3), np.uint8)], ids=["grey", "one pixel"]
)
@pytest.mark.parametrize("method", ["grad-cam", "edges", "grad-cam+edges"])
def test_a_picture_of_nothing_has_a_map_and_perhaps_no_likeness(process, judge, pixels, method):
    photo = photos.from_pixels(pixels, "nothing")
    first, other = Explain()(request(process, judge, photo, {1: pixels.copy()}, method))
    assert first.importance.values.shape == pixels.shape[:2]
    assert other.correlation is None or other.correlation == pytest.approx(1, abs=1e-3)
    assert other.problem == ""


def test_a_class_out_of_range_is_a_sentence(process, judge, cat):
    with pytest.raises(ModelError, match="There is no class 1000: this classifier has classes 0 to 999"):
        list(Explain()(request(process, judge, cat, target=1000)))


@pytest.fixture
def attention(qapp, process) -> Iterator[tuple[Attention, list[MapShown], list[str]]]:
    """An object as the workbench has it, what it shows, and its sentences."""
    with ThreadPoolExecutor(1) as pool:
        attention = Attention(pool, process, None)
        shown: list[MapShown] = []
        sentences: list[str] = []
        attention.shown.connect(shown.append)
        attention.failed.connect(sentences.append)
        yield attention, shown, sentences
        attention.cancel()


def settle(attention: Attention, qtbot) -> None:
    qtbot.waitUntil(lambda: not attention.busy, timeout=WAIT_MS)


def test_panes_are_mapped_only_while_they_are_asked_for(attention, judge, cat, qtbot):
    attention, shown, _ = attention
    attention.look_at(cat, judge)
    attention.set_picture(1, coarse(cat.pixels))
    settle(attention, qtbot)
    assert [one.pane for one in shown] == [None]
    attention.set_every_picture(True)
    settle(attention, qtbot)
    assert [one.pane for one in shown] == [None, None, 1]
    assert shown[0].importance is shown[1].importance
    attention.set_picture(2, cat.pixels.copy())
    settle(attention, qtbot)
    assert [one.pane for one in shown[3:]] == [None, 1, 2]
    assert shown[4].importance is shown[2].importance
    shown.clear()
    attention.set_picture(2, None)
    attention.set_every_picture(False)
    settle(attention, qtbot)
    assert {one.pane for one in shown} <= {None}


def test_the_latest_of_many_requests_wins(attention, judge, cat, qtbot):
    attention, shown, sentences = attention
    attention.look_at(cat, judge)
    for method in ("score-cam", "layer-cam", "eigen-cam", "activation-energy"):
        attention.ask(method, None)
    settle(attention, qtbot)
    assert shown[-1].importance.method == "activation-energy"
    assert len(shown) <= 3
    assert sentences == []


def test_maps_of_the_photo_before_are_dropped(attention, judge, cat, qtbot):
    attention, shown, _ = attention
    attention.look_at(cat, judge)
    other = photos.from_pixels(np.ascontiguousarray(cat.pixels[::-1]), "other")
    attention.look_at(other, judge)
    settle(attention, qtbot)
    assert {one.request.photo.name for one in shown} == {"other"}


def test_without_a_classifier_only_its_own_maps_are_refused(attention, cat, qtbot):
    attention, shown, sentences = attention
    attention.look_at(cat, None)
    settle(attention, qtbot)
    assert (shown, sentences) == ([], [])
    attention.ask("texture", None)
    settle(attention, qtbot)
    assert shown[-1].importance.method == "texture"
    attention.ask("grad-cam+texture", None)
    settle(attention, qtbot)
    assert len(shown) == 1
    assert "needs a classifier" in sentences[0]


def test_another_classifier_forgets_the_class(attention, judge, cat, qtbot):
    attention, shown, sentences = attention
    attention.look_at(cat, None)
    attention.ask("edges", 7)
    attention.look_at(cat, judge)
    settle(attention, qtbot)
    assert attention.target is None
    attention.ask("grad-cam", 1000)
    settle(attention, qtbot)
    assert "There is no class 1000" in sentences[0]
    assert shown[-1].importance.method == "edges"

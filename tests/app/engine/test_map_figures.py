import numpy as np
import pytest

from keepsight.app.engine.map_figures import (
    AREAS,
    Causal,
    MapRow,
    Pointing,
    Subject,
    figures,
    mean_share,
    score,
    subjects,
)
from keepsight.models.catalog import find_card
from keepsight.models.classifiers import load
from keepsight.models.scenes import SPLITS, render


@pytest.fixture(scope="module")
def judge():
    return load(find_card("scenes"), "cpu")


class Drawn:
    """A real classifier with a map that the test draws."""

    def __init__(self, judge, values) -> None:
        self.card, self.device, self.predict = judge.card, judge.device, judge.predict
        self.importance = judge.explain(np.zeros((224, 224, 3), np.uint8), 0, "random")
        self.values = values

    def explain(self, pixels, target=None, method="grad-cam"):
        return type(self.importance)(self.values.astype(np.float32), method, target)


def test_the_mask_itself_finds_the_object(judge):
    scene = render(SPLITS["tune"][3])
    subject = Subject(lambda: (scene.pixels, scene.mask))
    (row,) = score(subject, ["drawn"], Drawn(judge, scene.mask), 4)
    assert row.score.hit
    near = int(np.abs(np.array(AREAS) - scene.mask.mean()).argmin())
    assert int(np.argmax(row.score.ious)) == near
    assert max(row.score.ious) > 0.85
    (row,) = score(subject, ["drawn"], Drawn(judge, ~scene.mask), 4)
    assert not row.score.hit
    assert row.score.ious[0] == 0


def test_a_map_without_values_is_chance(judge):
    """Equal pixels come in an order that chance drew, not row by row."""
    scene = render(SPLITS["tune"][3])
    subject = Subject(lambda: (scene.pixels, scene.mask))
    (row,) = score(subject, ["flat"], Drawn(judge, np.zeros((224, 224))), 4)
    share = scene.mask.mean()
    half = row.score.ious[-1]
    assert half == pytest.approx(share / 2 / (0.5 + share / 2), rel=0.1)


def test_deleting_the_object_first_hurts_and_inserting_it_first_helps(judge):
    scene = render(SPLITS["tune"][3])
    subject = Subject(lambda: (scene.pixels, None))
    object_first, object_last = (
        score(subject, ["drawn"], Drawn(judge, mask), 8)[0].score for mask in (scene.mask, ~scene.mask)
    )
    assert object_first.deletion < object_last.deletion - 0.1
    assert object_first.insertion > object_last.insertion + 0.1


def test_areas_under_the_curves_are_means_of_probabilities(judge):
    """With two steps: the whole image, half of it, and nothing of it."""
    scene = render(SPLITS["tune"][5])
    values = np.arange(224 * 224).reshape(224, 224)
    found = score(Subject(lambda: (scene.pixels, None)), ["drawn"], Drawn(judge, values), 2)[0].score
    half = scene.pixels.copy()
    half[112:] = round(0.45 * 255)
    empty = np.full_like(half, round(0.45 * 255))
    chances = judge.predict(np.stack([scene.pixels, half, empty]))
    target = chances[0].argmax()
    assert found.deletion == pytest.approx(chances[:, target] @ [0.25, 0.5, 0.25], abs=1e-5)


def test_figures_of_rows():
    ious = [tuple(np.where(np.arange(20) == 4, best, 0.1)) for best in (0.5, 0.7)]
    rows = [
        MapRow("a", Pointing(True, ious[0]), 0.010),
        MapRow("a", Pointing(False, ious[1]), 0.030),
        MapRow("b", Causal(0.2, 0.5), 0.001),
        MapRow("b", Causal(0.4, 0.5), 0.001),
    ]
    a, b = figures(rows)
    assert (a.method, a.images, a.pointing.value) == ("a", 2, 0.5)
    assert a.iou.value == pytest.approx(0.6)
    assert a.area == AREAS[4]
    assert a.milliseconds == pytest.approx(20)
    assert a.deletion is None
    assert b.deletion.value == pytest.approx(0.3)
    assert (b.deletion.low, b.deletion.high) == pytest.approx((0.2, 0.4))
    assert (b.insertion.low, b.insertion.high) == (0.5, 0.5)
    assert b.pointing is None


def test_the_interval_of_a_mean_is_about_two_standard_errors():
    values = np.random.default_rng(0).normal(0.5, 0.1, 400)
    share = mean_share(values)
    assert share.high - share.low == pytest.approx(2 * 1.96 * 0.1 / 20, rel=0.15)
    assert share.low < share.value < share.high
    assert share == mean_share(values)


def test_scenes_are_others_than_those_of_sweeps():
    card = find_card("scenes")
    first, second = (one.load() for one in subjects("scenes", card, None, 2, seed=0)[0])
    assert np.array_equal(first[0], render(2_001_000).pixels)
    assert np.array_equal(second[1], render(2_001_001).mask)


def test_photos_are_drawn_with_the_seed():
    card = find_card("scenes")
    some = [one.load()[0].shape for one in subjects("samples", card, None, 3, seed=1)[0]]
    assert some == [one.load()[0].shape for one in subjects("samples", card, None, 3, seed=1)[0]]
    assert len(some) == 3
    assert subjects("samples", card, None, 1, seed=1)[0][0].load()[1] is None

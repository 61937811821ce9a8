"""What real classifiers tell an encoder about a photo."""

from typing import Any

import numpy as np
import pytest

from keepsight.codecs import registry
from keepsight.codecs.guide import Critic, MapGuide
from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load
from keepsight.models.divergence import kl
from keepsight.models.guides import ClassifierGuide


@pytest.fixture(scope="module")
def scenes() -> Classifier:
    return load(find_card("scenes"), "cpu")


class Counted:
    """A real classifier whose calls are counted."""

    def __init__(self, judge: Classifier) -> None:
        self.card, self.device, self.runtime = judge.card, judge.device, judge.runtime
        self.read: list[int] = []
        self.explained: list[str] = []
        self._judge = judge

    def predict(self, batch: Any) -> Any:
        self.read.append(len(batch))
        return self._judge.predict(batch)

    def explain(self, pixels: Any, target: int | None = None, method: str = "grad-cam") -> Any:
        self.explained.append(method)
        return self._judge.explain(pixels, target, method)


def _jpeg(pixels: Any, quality: int) -> Any:
    codec = registry.get("jpeg")
    return codec.decode(codec.encode(pixels, codec.options.parse({"quality": quality})))


def test_importance_of_one_classifier_is_its_map_over_its_maximum(imagenet, cat):
    raw = imagenet.explain(cat).values
    assert np.array_equal(ClassifierGuide(cat, [imagenet]).importance(), MapGuide.of(raw).values)


def test_importance_of_several_weighs_them_alike_whatever_their_scale(imagenet, scenes, cat):
    maps = [judge.explain(cat, None, "layer-cam").values for judge in (imagenet, scenes)]
    mean = sum(values / values.mean() for values in maps)
    both = ClassifierGuide(cat, [imagenet, scenes], "layer-cam").importance()
    assert both == pytest.approx(mean / mean.max(), abs=1e-5)
    assert (both.dtype, both.shape, both.max()) == (np.float32, (300, 451), 1)


@pytest.mark.parametrize("method", ["random", "edges+texture*2"])
def test_a_map_of_the_image_asks_no_classifier(imagenet, cat, method):
    judge = Counted(imagenet)
    values = ClassifierGuide(cat, [judge], method).importance()
    assert (values.min() >= 0, values.max()) == (True, 1)
    assert values[:, :30].any(), "left of the crop too"
    assert judge.read == judge.explained == []


def test_nothing_matters_in_an_image_without_anything(scenes):
    assert not ClassifierGuide(np.zeros((40, 60, 3), np.uint8), [scenes], "edges").importance().any()


def test_distortion_is_the_divergence_of_what_the_classifiers_see(imagenet, scenes, cat):
    candidates = [_jpeg(cat, 3), _jpeg(cat, 90), cat]
    guide = ClassifierGuide(cat, [imagenet, scenes])
    found = guide.distortion(candidates)
    by_hand = np.zeros(3)
    for judge in (imagenet, scenes):
        seen = judge.predict(np.stack([judge.card.prepare(image) for image in (cat, *candidates)]))
        by_hand += [float(kl(seen[0], row)) / 2 for row in seen[1:]]
    assert found == pytest.approx(by_hand, abs=1e-5)
    assert (found.dtype, found.shape) == (np.float64, (3,))
    assert found[0] > 10 * found[1]
    assert found[2] == pytest.approx(0, abs=1e-6)


def test_a_crop_is_read_as_a_whole(imagenet, cat):
    crop = imagenet.card.prepare(cat)
    candidate = _jpeg(crop, 4)
    seen = imagenet.predict(np.stack([crop, candidate]))
    found = ClassifierGuide(crop, [imagenet], cropped=True).distortion([candidate])
    assert found == pytest.approx([float(kl(seen[0], seen[1]))], abs=1e-6)
    assert ClassifierGuide(crop, [imagenet]).distortion([candidate]) != pytest.approx(found, rel=1e-3)


def test_what_is_not_asked_for_is_not_computed_and_what_was_is_kept(scenes, cat):
    judge = Counted(scenes)
    guide = ClassifierGuide(cat, [judge])
    assert judge.read == judge.explained == []
    assert guide.importance() is guide.importance()
    assert (judge.read, judge.explained) == ([], ["grad-cam"])
    assert guide.distortion([]).shape == (0,)
    poor, good = _jpeg(cat, 3), _jpeg(cat, 90)
    first = guide.distortion([poor, good, poor])
    again = guide.distortion([good])
    assert guide.keeps([good, cat]).tolist() == [True, True]
    assert judge.read == [1, 2], "the original once, candidates as batches, each once"
    assert again == first[1]
    assert judge.explained == ["grad-cam"]


def test_the_class_is_kept_where_all_classifiers_keep_it(imagenet, scenes, cat):
    candidates = [_jpeg(cat, quality) for quality in (1, 2, 5, 95)]
    both = ClassifierGuide(cat, [imagenet, scenes]).keeps(candidates)
    each = [ClassifierGuide(cat, [judge]).keeps(candidates) for judge in (imagenet, scenes)]
    assert both.tolist() == (each[0] & each[1]).tolist()
    assert not both.all()


def test_candidates_have_the_size_of_the_original(scenes, cat):
    with pytest.raises(ValueError, match="size of the original"):
        ClassifierGuide(cat, [scenes]).distortion([cat, cat[1:]])
    with pytest.raises(ValueError, match="needs one at least"):
        ClassifierGuide(cat, [])


def test_who_reads_candidates_is_told_by_type(scenes, cat):
    assert isinstance(ClassifierGuide(cat, [scenes]), Critic)
    assert not isinstance(MapGuide.of(np.ones((2, 2), np.float32)), Critic)

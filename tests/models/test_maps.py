"""One kit for every saliency method: what a map is, on any image, and that it is better than chance."""

import gc

import cv2
import numpy as np
import psutil
import pytest
import pytorch_grad_cam
import skimage.data
import torch
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection

from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load
from keepsight.models.errors import ModelError
from keepsight.models.maps.mix import blend
from keepsight.models.maps.placing import of_crop, only_seen, spread
from keepsight.models.maps.registry import (
    all_methods,
    get,
    image_importance,
    needs_classifier,
    parse_mix,
)
from keepsight.models.saliency import Inside
from keepsight.models.scenes import SPLITS, render
from keepsight.models.scenes_net import scenes_net
from keepsight.models.stages import last_stage
from keepsight.models.types import Importance

METHODS = tuple(all_methods())
SEEDS = SPLITS["tune"][:10]


@pytest.fixture(scope="module")
def judge() -> Classifier:
    return load(find_card("scenes"), "cpu")


@pytest.fixture(scope="module")
def pictures():
    return [render(seed) for seed in SEEDS]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 5000), (5000, 2), (17, 5), (600, 800)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_a_map_of_any_size(judge, method, size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    importance = judge.explain(pixels, 3, method)
    values = importance.values
    scale = min(1, 512 / max(size))
    assert values.shape == tuple(max(1, round(side * scale)) for side in size)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert importance.method == method
    assert importance.target == (3 if get(method).kind == "classifier" else None)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_photo_has_the_same_map(judge, method):
    photo = skimage.data.chelsea()[::3, ::3]
    first, second = (judge.explain(photo.copy(), 0, method).values for _ in range(2))
    assert np.array_equal(first, second)
    assert first.max() > 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_constant_image_has_a_map(judge, method, value):
    """Nothing stands out of it; what the image alone tells is that everywhere is alike."""
    values = judge.explain(np.full((60, 90, 3), value, np.uint8), 0, method).values
    assert np.isfinite(values).all()
    assert values.min() >= 0
    if get(method).kind == "image":
        assert not values.any()


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_said_of_what_the_classifier_does_not_see(imagenet, method):
    photo = skimage.data.chelsea()  # 300 x 451: left and right of the crop nothing is seen
    values = imagenet.explain(photo, None, method).values
    assert not values[:, :80].any()
    assert not values[:, -80:].any()
    assert values[:, 100:-100].any()


@pytest.mark.parametrize("method", [m for m in METHODS if get(m).kind != "control"])
def test_a_map_finds_the_object_better_than_chance(judge, pictures, method):
    """The object's share of the brightest tenth of the map, against its share of the image."""

    def share(scene) -> float:
        values = judge.explain(scene.pixels, scene.label, method).values.ravel()
        brightest = np.argsort(-values, kind="stable")[: values.size // 10]
        return float(scene.mask.ravel()[brightest].mean())

    chance = np.mean([scene.mask.mean() for scene in pictures])
    found = np.mean([share(scene) for scene in pictures])
    assert found > (4 if get(method).kind == "classifier" else 1.3) * chance


def test_the_random_map_knows_nothing_but_the_photo(judge, pictures):
    first, second = (judge.explain(scene.pixels, 0, "random").values for scene in pictures[:2])
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.5
    inside = [judge.explain(s.pixels, 0, "random").values[s.mask].mean() for s in pictures]
    assert np.mean(inside) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("method", [m for m in METHODS if getattr(get(m), "by_class", False)])
def test_a_map_of_a_class_depends_on_the_class(judge, pictures, method):
    maps = [judge.explain(pictures[0].pixels, target, method).values for target in (0, 9)]
    assert not np.allclose(*maps, rtol=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_a_class_out_of_range(judge, method):
    with pytest.raises(ModelError, match="There is no class 10: this classifier has classes 0 to 9"):
        judge.explain(np.zeros((9, 9, 3), np.uint8), 10, method)


@pytest.mark.parametrize(
    ("method", "library"),
    [
        ("grad-cam", pytorch_grad_cam.GradCAM),
        ("grad-cam-plus-plus", pytorch_grad_cam.GradCAMPlusPlus),
        ("hires-cam", pytorch_grad_cam.HiResCAM),
        ("layer-cam", pytorch_grad_cam.LayerCAM),
        ("ablation-cam", pytorch_grad_cam.AblationCAM),
    ],
)
def test_maps_are_grad_cams_before_it_scales_them(judge, pictures, method, library):
    """Up to the scale by its own extremes, which grad-cam's own classes add; here for one scene."""
    network = judge._network
    batch = judge._normalise(judge.card.prepare(pictures[0].pixels)[None])
    stage = last_stage(network, batch)
    label = pictures[0].label  # AblationCAM of a class with a negative logit turns round in grad-cam
    raw = get(method).map(Inside(network, stage, batch, label, 4))
    with library(model=network, target_layers=[stage.module]) as cam:
        theirs = cam(input_tensor=batch.requires_grad_(), targets=[ClassifierOutputTarget(label)])[0]
    ours = cv2.resize((raw - raw.min()) / (raw.max() - raw.min()), (224, 224))
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.999


def test_eigen_cam_is_the_first_component_with_the_sign_of_strong_activations(judge, pictures):
    batch = judge._normalise(judge.card.prepare(pictures[0].pixels)[None])
    inside = Inside(judge._network, last_stage(judge._network, batch), batch, 0, 4)
    projected = get_2d_projection(inside.activations[None])[0]
    sign = np.sign(np.corrcoef(projected.ravel(), get("activation-energy").map(inside).ravel())[0, 1])
    assert get("eigen-cam").map(inside) == pytest.approx((sign * projected).clip(0), abs=1e-3)


def test_methods_declare_themselves():
    assert METHODS[0] == "grad-cam"
    assert METHODS[-1] == "random"
    assert len({method.label for method in all_methods().values()}) == len(METHODS)
    for method in all_methods().values():
        assert method.help.endswith(".")
        assert method.id == method.id.lower()
    with pytest.raises(ModelError, match=r"There is no map “gradcam”\. Did you mean “grad-cam”"):
        get("gradcam")


def test_maps_of_the_image_need_no_classifier():
    photo = skimage.data.coffee()
    assert image_importance(photo, "edges").values.shape == (341, 512)
    assert not needs_classifier("edges+texture*2")
    assert needs_classifier("edges+grad-cam")
    with pytest.raises(ModelError, match="The map “Grad-CAM” needs a classifier"):
        image_importance(photo, "edges+grad-cam")


def test_a_mix_is_the_weighted_mean_of_maps_with_mean_one(judge, pictures):
    photo = pictures[0].pixels
    mixed = judge.explain(photo, 4, "grad-cam*3 + edges")
    cam, edges = (judge.explain(photo, 4, method).values for method in ("grad-cam", "edges"))
    expected = 0.75 * cam / cam.mean() + 0.25 * edges / edges.mean()
    assert mixed.values == pytest.approx(expected, rel=1e-4)
    assert mixed.values.mean() == pytest.approx(1, rel=1e-4)
    assert (mixed.method, mixed.target) == ("grad-cam*3+edges*1", 4)
    assert judge.explain(photo, 4, mixed.method).values == pytest.approx(mixed.values)


def test_a_map_without_anything_adds_nothing_to_a_mix():
    flat = Importance(np.zeros((2, 2), np.float32), "edges", None)
    hill = Importance(np.array([[0, 4], [0, 0]], np.float32), "grad-cam", 1)
    mixed = blend({"edges": flat, "grad-cam": hill}, {"edges": 1.0, "grad-cam": 1.0})
    assert mixed.values.tolist() == [[0, 2], [0, 0]]
    assert mixed.target == 1


@pytest.mark.parametrize("text", ["edges*0", "edges*-1", "edges*x", "edges*inf", "edges*nan", "edges*"])
def test_weights_are_numbers_above_zero(text):
    with pytest.raises(ModelError, match="The weight of “edges” must be a number above zero"):
        parse_mix(text)


def test_parts_of_a_mix_that_are_named_twice_add_up():
    assert parse_mix("edges + texture*0.5+edges*2") == {"edges": 3.0, "texture": 0.5}
    with pytest.raises(ModelError, match="There is no map “”"):
        parse_mix("edges+")


def test_the_crop_is_cut_out_where_it_was_put():
    card = find_card("imagenet")
    values = np.random.default_rng(0).random((7, 7), np.float32)
    whole = spread(values, card, 256, 500)
    assert of_crop(whole, card).shape == (224, 224)
    assert of_crop(whole, card) == pytest.approx(whole[16:240, 138:362])
    assert np.array_equal(only_seen(whole, card), whole)
    assert only_seen(np.ones((1, 512), np.float32), card).sum() == 1


def test_many_maps_do_not_fill_the_memory(write_card):
    torch.manual_seed(0)
    judge = Classifier(find_card(str(write_card())), scenes_net(3))
    photo = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    def draw(rounds: int) -> None:
        for _ in range(rounds):
            for method in METHODS:
                judge.explain(photo, method=method)

    draw(3)
    before, resident = tensors(), psutil.Process().memory_info().rss
    draw(10)
    assert tensors() == before
    assert psutil.Process().memory_info().rss - resident < 20e6
    assert not any(module._forward_hooks for module in judge._network.modules())

import gc

import numpy as np
import psutil
import pytest
import skimage.data
import torch

from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier
from keepsight.models.maps import registry
from keepsight.models.maps.placing import spread
from keepsight.models.saliency import Inside
from keepsight.models.scenes_net import scenes_net
from keepsight.models.stages import last_stage


def test_is_grad_cam_by_its_definition(imagenet, cat):
    """Weights are the mean gradients of the logit; the map is ReLU of the weighted sum, in its own unit."""
    batch = imagenet._normalise(imagenet.card.prepare(cat)[None])
    network = imagenet._network
    inside = Inside(network, last_stage(network, batch), batch, 285, 4)
    values = registry.get("grad-cam").map(inside)
    features = network.forward_features(batch).detach().requires_grad_()
    network.forward_head(features)[0, 285].backward()
    weighted = features.grad.mean((2, 3), keepdim=True) * features
    expected = weighted.sum(1)[0].relu().detach().numpy()
    assert inside.target == 285
    assert values.shape == (7, 7)
    assert values == pytest.approx(expected, abs=1e-6)
    assert values.max() != pytest.approx(1, abs=1e-3), "not scaled"


def test_maps_of_different_classes_share_a_scale(imagenet, cat):
    likely, unlikely = (imagenet.explain(cat, target).values.max() for target in (282, 407))
    assert likely > 2 * unlikely


def test_the_map_follows_the_object(imagenet):
    """Mirrored photo, mirrored map. The astronaut's photo is not symmetric."""
    photo = skimage.data.astronaut()
    importance = imagenet.explain(photo)
    plain, mirrored = importance.values, imagenet.explain(photo[:, ::-1], importance.target).values
    assert np.corrcoef(plain.ravel(), mirrored[:, ::-1].ravel())[0, 1] > 0.85
    assert np.corrcoef(plain.ravel(), mirrored.ravel())[0, 1] < 0.6


def test_spread_puts_the_crop_where_it_lies_in_the_photo():
    card = find_card("imagenet")
    ones = np.ones((7, 7), np.float32)
    whole = spread(ones, card, 256, 500)
    assert whole.shape == (256, 500)
    rows, columns = np.nonzero(whole)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (16, 239, 138, 361)
    assert (whole[16:240, 138:362] == 1).all()
    huge = spread(ones, card, 6000, 9000)
    assert huge.shape == (341, 512)
    assert huge.mean() == pytest.approx((224 / 256) ** 2 * 6000 / 9000, rel=0.02)
    assert spread(ones, card, 1, 5000).shape == (1, 512)
    assert spread(ones, card, 1, 5000).sum() == 1
    squashed = card.model_copy(update={"crop_mode": "squash", "crop": 256})
    np.testing.assert_allclose(spread(ones, squashed, 100, 300), 1, rtol=1e-6)


def test_many_maps_do_not_fill_the_memory(write_card):
    torch.manual_seed(0)
    card = find_card(str(write_card()))
    judge = Classifier(card, scenes_net(3))
    photo = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    for _ in range(20):
        judge.explain(photo)
    before, resident = tensors(), psutil.Process().memory_info().rss
    for _ in range(200):
        judge.explain(photo)
    assert tensors() == before
    assert psutil.Process().memory_info().rss - resident < 20e6

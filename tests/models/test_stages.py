"""The stage that maps look at, in convolutional networks and transformers, and the maps that come of it."""

import numpy as np
import pytest
import timm
import torch
import torchvision
from timm.models.volo import VOLO
from torch import nn

from keepsight.models.errors import ModelError
from keepsight.models.maps.base import ClassifierMethod
from keepsight.models.maps.registry import all_methods
from keepsight.models.saliency import Inside
from keepsight.models.scenes_net import scenes_net
from keepsight.models.stages import last_stage

SWIN = {"embed_dim": 24, "depths": (1, 1, 1, 1), "num_heads": (1, 1, 1, 1), "img_size": 96}
DEIT = {"img_size": 96, "embed_dim": 24, "depth": 2, "num_heads": 2}


def torchvision_vit():
    network = torchvision.models.VisionTransformer(96, 16, 2, 2, 24, 48)
    nn.init.normal_(network.heads.head.weight)  # untrained, it is zero: the answer depends on nothing
    return network


def torchvision_swin():
    return torchvision.models.SwinTransformer([4, 4], 12, [1, 1, 1, 1], [1, 1, 1, 1], [3, 3])


def timm_volo():
    rest = (False, False, False)
    return VOLO(
        (1, 1, 1, 1),
        img_size=96,
        stem_hidden_dim=8,
        embed_dims=(24, 48, 48, 48),
        num_heads=(2, 2, 2, 2),
        downsamples=(True, *rest),
        outlook_attention=(True, *rest),
        post_layers=("ca", "ca"),
    )


def timm_crossvit():
    sizes = {"img_size": 96, "img_scale": (1.0, 1.0), "patch_size": (12, 16), "depth": ((1, 2, 0),)}
    return timm.create_model("crossvit_tiny_240", embed_dim=(24, 48), num_heads=(2, 2), **sizes)


NETWORKS = {
    "scenes_net": (lambda: scenes_net(3), 128, 6),
    "timm efficientnet-lite": (lambda: timm.create_model("tf_efficientnet_lite0"), 1280, 3),
    "timm mobilenetv3": (lambda: timm.create_model("mobilenetv3_small_050"), 288, 3),
    "timm convnext": (lambda: timm.create_model("convnext_atto"), 320, 3),
    "timm resnet": (lambda: timm.create_model("test_resnet"), 96, 3),
    "resnet": (lambda: torchvision.models.resnet18(), 512, 3),
    "mobilenet": (lambda: torchvision.models.mobilenet_v3_small(), 576, 3),
    "squeezenet": (lambda: torchvision.models.squeezenet1_1(), 1000, 5),
    "densenet, ReLU in place": (lambda: torchvision.models.DenseNet(8, (2, 2), 8), 28, 12),
    "shufflenet": (lambda: torchvision.models.shufflenet_v2_x0_5(), 1024, 3),
    "timm deit": (lambda: timm.create_model("deit_tiny_patch16_224", **DEIT), 24, 6),
    "timm deit distilled": (lambda: timm.create_model("deit_tiny_distilled_patch16_224", **DEIT), 24, 6),
    "timm swin": (lambda: timm.create_model("swin_tiny_patch4_window7_224", **SWIN), 192, 3),
    "timm cait": (lambda: timm.create_model("cait_xxs24_224", **DEIT), 24, 6),
    "timm xcit": (lambda: timm.create_model("xcit_nano_12_p16_224", **DEIT), 24, 6),
    "timm volo": (timm_volo, 48, 6),
    "vit": (torchvision_vit, 24, 6),
    "swin": (torchvision_swin, 96, 3),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_finds_the_last_stage_and_draws_every_map(name):
    torch.manual_seed(0)
    make, channels, side = NETWORKS[name]
    network = make().eval().requires_grad_(False)
    image = torch.randn(1, 3, 96, 96)
    before = network(image)
    stage = last_stage(network, image)
    assert stage.layout.channels == channels
    inside = Inside(network, stage, image, None, 4)
    assert inside.activations.shape == inside.gradients.shape == (channels, side, side)
    assert inside.gradients.any()
    for method in all_methods().values():
        if isinstance(method, ClassifierMethod):
            values = method.map(inside)
            assert values.shape in {(side, side), (96, 96)}, method.id
            assert np.isfinite(values).all(), method.id
            assert values.min() >= 0, method.id
    assert torch.equal(network(image), before)
    assert not any(module._forward_hooks for module in network.modules())


def test_tokens_lie_where_their_patches_do():
    """A bright patch of the image is a bright cell of the grid, not one beside it."""
    torch.manual_seed(0)
    network = timm.create_model("deit_tiny_patch16_224", **DEIT).eval().requires_grad_(False)
    image = torch.zeros(1, 3, 96, 96)
    stage = last_stage(network, image)
    plain = Inside(network, stage, image, 0, 4).activations
    image[:, :, 32:48, 64:80] = 5
    moved = np.abs(Inside(network, stage, image, 0, 4).activations - plain).sum(0)
    assert np.unravel_index(moved.argmax(), moved.shape) == (2, 4)


def test_two_branches_have_every_map_but_one_that_is_refused_in_a_sentence():
    torch.manual_seed(0)
    network = timm_crossvit().eval().requires_grad_(False)
    image = torch.randn(1, 3, 96, 96)
    inside = Inside(network, last_stage(network, image), image, None, 4)
    assert inside.activations.shape == (48, 6, 6)
    for method in all_methods().values():
        if isinstance(method, ClassifierMethod) and method.id != "ablation-cam":
            assert np.isfinite(method.map(inside)).all(), method.id
    with pytest.raises(ModelError, match="AblationCAM cannot look into this classifier"):
        inside.without_channels()
    assert not any(module._forward_hooks for module in network.modules())


@pytest.mark.parametrize("name", ["timm cait", "timm xcit", "timm volo"])
def test_what_class_attention_reads_is_all_that_it_knows_of_the_image(name):
    """Nothing of the image goes past the stage: with its output held still, the answer stays the same."""
    torch.manual_seed(0)
    network = NETWORKS[name][0]().eval().requires_grad_(False)
    images = torch.randn(2, 1, 3, 96, 96)
    stage = last_stage(network, images[0])
    held = []
    with stage.module.register_forward_hook(lambda _module, _inputs, output: held.append(output)):
        answer = network(images[0])
    with stage.module.register_forward_hook(lambda _module, _inputs, _output: held[0]):
        assert torch.allclose(network(images[1]), answer, atol=1e-6)


@pytest.mark.parametrize("name", ["deit", "scenes_net"])
def test_a_channels_worth_is_what_the_logit_loses(name):
    torch.manual_seed(0)
    network = NETWORKS["timm deit" if name == "deit" else name][0]().eval().requires_grad_(False)
    image = torch.randn(1, 3, 96, 96)
    stage = last_stage(network, image)
    lost = Inside(network, stage, image, 1, 4).without_channels()

    def without_seven(_module, _inputs, output):
        output = output.clone()
        output.select(stage.layout.channel_axis, 7).zero_()
        return output

    whole = network(image)[0, 1]
    with stage.module.register_forward_hook(without_seven):
        expected = whole - network(image)[0, 1]
    assert lost[7] == pytest.approx(expected.item(), abs=1e-5)
    assert lost.shape == (stage.layout.channels,)


def test_a_network_without_places_is_refused_in_a_sentence():
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5))
    with pytest.raises(ModelError, match="not supported by maps that look into it"):
        last_stage(network, torch.randn(1, 3, 32, 32))
    assert not any(module._forward_hooks for module in network.modules())

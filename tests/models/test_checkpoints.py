import argparse
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from keepsight.models.cards import CardError, load_card
from keepsight.models.checkpoints import read_tensors, tensors_only
from keepsight.models.classifiers import load
from keepsight.models.errors import ModelError

CAT_DOG_PARROT = 3


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return timm.create_model("test_efficientnet", num_classes=CAT_DOG_PARROT).eval()


@pytest.fixture
def weights(tmp_path, network) -> Path:
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


def test_wrong_hash(write_card, weights):
    card = load_card(write_card(weights=weights, sha256="0" * 64))
    with pytest.raises(CardError, match="not the ones that the card means: their SHA-256 is"):
        load(card, "cpu")


def test_weights_that_went_away(write_card, weights):
    card = load_card(write_card(weights=weights))
    weights.unlink()
    with pytest.raises(CardError, match="cannot be read"):
        load(card, "cpu")


def test_wrong_number_of_classes(write_card, weights):
    card = load_card(write_card(weights=weights, classes=["cat", "dog", "parrot", "crow"]))
    with pytest.raises(CardError, match=r"The card names 4 classes, but the weights have 3\."):
        load(card, "cpu")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": "test_resnet"}, "do not belong to the architecture"),
        ({"architecture": "no_such_net"}, "has no architecture “no_such_net”"),
        ({"architecture": "scenes_net"}, "has no architecture “scenes_net”"),
        ({"architecture": "hf-hub:some/model"}, "has no architecture"),
        ({"library": "torchvision"}, "has no architecture “test_efficientnet”"),
        ({"library": "torchvision", "architecture": "fcn_resnet50"}, "has no architecture"),
        ({"library": "keepsight"}, "has no architecture “test_efficientnet”"),
    ],
)
def test_wrong_architecture(write_card, weights, changes, sentence):
    with pytest.raises(CardError, match=sentence):
        load(load_card(write_card(weights=weights, **changes)), "cpu")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"colour": "red"},
            "“test_efficientnet” of timm has no argument “colour”. Take it out of “arguments”",
        ),
        ({"act_layer": "no"}, "with the arguments of the card (act_layer). Correct their values"),
        ({"drop_rate": "high"}, "“Tiny” cannot run on cpu. Correct “arguments” or “crop” in its card"),
    ],
)
def test_wrong_arguments(write_card, weights, arguments, sentence):
    card = load_card(write_card(weights=weights)).model_copy(update={"arguments": arguments})
    with pytest.raises(ModelError) as caught:
        load(card, "cpu")
    assert sentence in str(caught.value)
    for word in ("__init__", "keyword", "instances", "'"):
        assert word not in str(caught.value)


def test_arguments_that_the_architecture_cannot_be_built_with(write_card, weights):
    card = load_card(write_card(weights=weights, architecture="test_vit"))
    with pytest.raises(CardError, match=r"of the card \(patch_size\)\. Correct their values"):
        load(card.model_copy(update={"arguments": {"patch_size": 0}}), "cpu")


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("content", [b"", b"\x00" * 1000, b"PK\x03\x04 nothing", b'{"a": 1}', b"half"])
def test_damaged_weights(tmp_path, network, suffix, content):
    path = tmp_path / f"weights{suffix}"
    if content == b"half":
        torch.save(network.state_dict(), path)
        if suffix == ".safetensors":
            save_file(network.state_dict(), path)
        content = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(content)
    with pytest.raises(CardError, match="the file is damaged"):
        read_tensors(path)


def test_a_checkpoint_runs_no_code(tmp_path):
    torch.save({"state_dict": Evil(tmp_path / "executed")}, tmp_path / "evil.pth")
    with pytest.raises(CardError, match="more than plain tensors, which could run code"):
        read_tensors(tmp_path / "evil.pth")
    with tensors_only(), pytest.raises(Exception, match=r"weights_only|Weights only"):
        torch.load(tmp_path / "evil.pth", weights_only=False)
    assert not (tmp_path / "executed").exists()


def test_takes_off_the_wrapping_of_a_training_checkpoint(tmp_path, network):
    wrapped = {f"module.{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save({"state_dict": wrapped, "args": argparse.Namespace(lr=1)}, tmp_path / "run.pth")
    assert read_tensors(tmp_path / "run.pth").keys() == network.state_dict().keys()
    torch.save({"epoch": 3}, tmp_path / "no.pth")
    with pytest.raises(CardError, match="not a plain list of tensors"):
        read_tensors(tmp_path / "no.pth")


def test_tensors_find_their_place_by_name_or_by_order(tmp_path, write_card, weights, network, cat):
    by_name = load(load_card(write_card(weights=weights)), "cpu")
    renamed = {f"layer{index}": tensor for index, tensor in enumerate(network.state_dict().values())}
    torch.save(renamed, tmp_path / "renamed.pth")
    by_order = load(load_card(write_card(weights=tmp_path / "renamed.pth", match="order")), "cpu")
    with pytest.raises(CardError, match="do not belong to the architecture"):
        load(load_card(write_card(weights=tmp_path / "renamed.pth")), "cpu")
    torch.save(dict(list(renamed.items())[:-1]), tmp_path / "fewer.pth")
    with pytest.raises(CardError, match="do not belong to the architecture"):
        load(load_card(write_card(weights=tmp_path / "fewer.pth", match="order")), "cpu")
    batch = by_name.card.prepare(cat)[None]
    assert (by_name.predict(batch) == by_order.predict(batch)).all()


def test_half_precision_weights_without_step_counters(tmp_path, write_card, network, cat):
    state = {
        name: tensor.half() for name, tensor in network.state_dict().items() if "num_batches" not in name
    }
    save_file(state, tmp_path / "half.safetensors")
    judge = load(load_card(write_card(weights=tmp_path / "half.safetensors")), "cpu")
    probabilities = judge.predict(judge.card.prepare(cat)[None])
    assert probabilities.shape == (1, CAT_DOG_PARROT)
    assert probabilities.sum() == pytest.approx(1)

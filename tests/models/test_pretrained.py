"""Weights fetched at first use, from a server on this machine in the place of the real ones."""

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file

from keepsight.models.cards import CardError, load_card
from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load
from keepsight.models.errors import ModelError
from keepsight.models.fine_tuning import network_for

TIMM = "timm:test_resnet.r160_in1k"
TORCHVISION = "torchvision:shufflenet_v2_x1_5"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Path]:
    """The folder that the server shows; downloads go into an empty cache."""
    folder = tmp_path / "site"
    folder.mkdir()
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{http.server_port}")
    yield folder
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def timm_site(site) -> Path:
    torch.manual_seed(1)
    path = site / "timm" / "test_resnet.r160_in1k" / "resolve" / "main" / "model.safetensors"
    path.parent.mkdir(parents=True)
    save_file(timm.create_model("test_resnet").state_dict(), path)
    return path


def test_timm_weights_are_fetched_once(timm_site, tmp_path, cat):
    card = find_card(TIMM)
    heard = []
    judge = load(card, "cpu", lambda done, total: heard.append((done, total)))
    size = timm_site.stat().st_size
    assert heard[-1] == (size, size)
    cached = list((tmp_path / "cache" / "hub" / "checkpoints").iterdir())
    assert [path.name for path in cached] == ["timm--test_resnet.r160_in1k--model.safetensors"]
    timm_site.unlink()
    again = load(card, "cpu", lambda *_: heard.clear())
    assert heard, "nothing is fetched again"
    batch = card.prepare(cat)[None]
    assert (again.predict(batch) == judge.predict(batch)).all()
    torch.manual_seed(1)
    served = Classifier(card, timm.create_model("test_resnet"))
    np.testing.assert_allclose(judge.predict(batch), served.predict(batch), rtol=1e-4)
    assert "state_dict" not in judge._network.pretrained_cfg


def test_a_training_begins_with_fetched_weights(timm_site):
    card = find_card(TIMM)
    network = network_for(card.model_copy(update={"class_names": ("a", "b")}), card, seed=0)
    torch.manual_seed(1)
    served = timm.create_model("test_resnet").state_dict()
    state = network.state_dict()
    assert state["fc.weight"].shape[0] == 2
    assert all(torch.equal(state[name], served[name]) for name in served if not name.startswith("fc."))


def test_timm_weights_through_a_users_card(timm_site, write_card):
    names = [f"class {index}" for index in range(1000)]
    card = load_card(write_card(architecture="test_resnet.r160_in1k", classes=names))
    assert load(card, "cpu").card.weights is None
    with pytest.raises(CardError, match="The card names 3 classes, but the classifier has 1000"):
        load(load_card(write_card(architecture="test_resnet.r160_in1k")), "cpu")
    with pytest.raises(CardError, match="no pretrained weights for “no_such_net”"):
        load(load_card(write_card(architecture="no_such_net")), "cpu")
    with pytest.raises(CardError, match="no pretrained weights for “scenes_net”"):
        load(load_card(write_card(library="keepsight", architecture="scenes_net")), "cpu")


def test_wrong_arguments_of_published_weights(timm_site):
    card = find_card(TIMM).model_copy(update={"arguments": {"colour": "red"}})
    with pytest.raises(CardError, match="has no argument “colour”"):
        load(card, "cpu")


def test_torchvision_weights_are_fetched_and_checked(site, tmp_path, monkeypatch, cat):
    network = torchvision.models.shufflenet_v2_x1_5()
    torch.save(network.state_dict(), tmp_path / "w.pth")
    content = (tmp_path / "w.pth").read_bytes()
    name = f"shufflenet-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (site / name).write_bytes(content)
    weights = torchvision.models.ShuffleNet_V2_X1_5_Weights.DEFAULT
    monkeypatch.setattr(weights.value, "url", f"{os.environ['HF_ENDPOINT']}/{name}")
    card = find_card(TORCHVISION)
    judge = load(card, "cpu")
    expected = network.eval().state_dict()["fc.weight"]
    assert torch.equal(judge._network.state_dict()["fc.weight"], expected)
    cached = tmp_path / "cache" / "hub" / "checkpoints" / name
    cached.write_bytes(content[:-1])
    with pytest.raises(CardError, match="not the ones that the card means"):
        load(card, "cpu")
    cached.unlink()
    (site / name).write_bytes(content[:-1] + b"x")
    with pytest.raises(ModelError, match="not the expected ones"):
        load(card, "cpu")
    assert not cached.exists()


@pytest.mark.parametrize("classifier", [TIMM, TORCHVISION])
def test_no_network(site, monkeypatch, classifier):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    weights = torchvision.models.ShuffleNet_V2_X1_5_Weights.DEFAULT
    monkeypatch.setattr(weights.value, "url", "http://127.0.0.1:1/w-12345678.pth")
    with pytest.raises(ModelError, match=r"fetched once from 127.0.0.1:1, which cannot be reached"):
        load(find_card(classifier), "cpu")


def test_weights_that_are_not_on_the_server(site):
    with pytest.raises(ModelError, match="does not give out the weights"):
        load(find_card(TIMM), "cpu")

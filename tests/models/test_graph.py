import subprocess
import sys

import numpy as np
import platformdirs
import pytest
import torch

from keepsight.models import classifiers, graph
from keepsight.models.catalog import find_card


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    return tmp_path / "graphs"


@pytest.fixture(scope="module")
def scenes():
    return classifiers.load(find_card("scenes"), "cpu")


def _make(judge):
    return graph.make(judge.card, judge._network, judge._mean, judge._std)


def test_a_graph_answers_as_its_network(cache, scenes):
    assert graph.find(scenes.card) is None
    images = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    made = _make(scenes)
    found = graph.find(scenes.card)
    for one in (made, found):
        np.testing.assert_allclose(one.predict(images), scenes.predict(images), atol=1e-5)
    assert found.predict(images[:0]).shape == (0, 10)


def test_answers_stay_when_the_next_images_are_read(cache, scenes):
    made = _make(scenes)
    images = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)
    first = made.predict(images[:1])
    kept = first.copy()
    made.predict(images[1:])
    np.testing.assert_array_equal(first, kept)


def test_a_damaged_graph_is_thrown_away(cache, scenes):
    _make(scenes)
    (folder,) = cache.iterdir()
    (folder / "graph.xml").write_text("<net")
    assert graph.find(scenes.card) is None
    assert not folder.exists()
    assert _make(scenes) is not None


def test_a_graph_that_answers_otherwise_is_not_kept(cache, scenes):
    class Fickle(torch.nn.Module):
        """Answers anew each time, so that graph and network differ."""

        def forward(self, images):
            return torch.rand(len(images), 10) * 9 + images.mean((1, 2, 3))[:, None]

    assert graph.make(scenes.card, Fickle(), scenes._mean, scenes._std) is None
    assert list(cache.iterdir()) == []


def test_a_network_that_cannot_be_traced_has_no_graph(cache, scenes):
    class Stubborn(torch.nn.Module):
        def forward(self, images):
            raise ValueError("not like this")

    assert graph.make(scenes.card, Stubborn(), scenes._mean, scenes._std) is None


def test_reading_a_graph_needs_no_torch(cache, scenes):
    _make(scenes)
    code = (
        "import sys, pathlib, platformdirs\n"
        f"platformdirs.user_cache_path = lambda _: pathlib.Path({str(cache.parent)!r})\n"
        "import numpy as np\n"
        "from keepsight.models import graph\n"
        "from keepsight.models.catalog import find_card\n"
        "grey = np.zeros((1, 224, 224, 3), np.uint8)\n"
        "print(graph.find(find_card('scenes')).predict(grey).sum().round(4))\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1.0", "False"]

import subprocess
import sys

import numpy as np
import platformdirs
import pytest
import skimage.data

from keepsight.models import classifiers, judges
from keepsight.models.catalog import find_card
from keepsight.models.errors import ModelError


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """An empty cache of graphs."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_path", lambda _: folder)
        yield folder


@pytest.fixture(scope="module", params=["imagenet", "scenes"])
def judge(request, cache):
    return judges.load(find_card(request.param), "cpu")


@pytest.fixture(scope="module")
def network(judge):
    return classifiers.load(judge.card, "cpu")


@pytest.fixture(scope="module")
def cat():
    return skimage.data.chelsea()


def test_predictions_are_those_of_the_network(judge, network, cat):
    assert judge.runtime.startswith("OpenVINO")
    assert network.runtime.startswith("PyTorch")
    batch = np.stack([judge.card.prepare(cat), judge.card.prepare(cat[:, ::-1])] * 20)
    np.testing.assert_allclose(judge.predict(batch), network.predict(batch), atol=1e-5)
    np.testing.assert_array_equal(judge.predict(batch), judge.predict(batch))
    np.testing.assert_allclose(judge.predict(batch[:1])[0], judge.predict(batch)[0], atol=1e-6)
    assert judge.predict(batch[:0]).shape == (0, len(judge.card.class_names))


def test_maps_are_those_of_the_network(judge, network, cat):
    ours, theirs = judge.explain(cat, 3), network.explain(cat, 3)
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-6)
    with pytest.raises(ModelError, match="There is no class 100000"):
        judge.explain(cat, 100000)


def test_the_second_time_predicts_without_torch(judge, cache):
    code = (
        "import sys, pathlib, platformdirs\n"
        f"platformdirs.user_cache_path = lambda _: pathlib.Path({str(cache)!r})\n"
        "import numpy as np\n"
        "from keepsight.models import judges\n"
        "from keepsight.models.catalog import find_card\n"
        f"judge = judges.load(find_card({judge.card.id!r}), 'cpu')\n"
        "judge.predict(np.zeros((1, 224, 224, 3), np.uint8))\n"
        "print(judge.runtime.split()[0], 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["OpenVINO", "False"]


def test_without_a_graph_the_network_predicts(cat, monkeypatch):
    monkeypatch.setattr("keepsight.models.graph.find", lambda _: None)
    monkeypatch.setattr("keepsight.models.graph.make", lambda *_: None)
    judge = judges.load(find_card("scenes"), "cpu")
    assert judge.runtime.startswith("PyTorch")
    assert judge.predict(judge.card.prepare(cat)[None]).shape == (1, 10)


def test_a_graph_that_answers_with_no_numbers_is_told(judge, cat, monkeypatch):
    monkeypatch.setattr(judge._graph, "predict", lambda batch: np.full((len(batch), 10), np.nan, np.float32))
    with pytest.raises(ModelError, match="no numbers"):
        judge.predict(judge.card.prepare(cat)[None])

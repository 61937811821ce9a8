"""Who guides, its name in the store, and a sweep guided by it."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keepsight.app.engine.data import open_data
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.codecs.guide import Critic, MapGuide
from keepsight.models.errors import ModelError
from keepsight.models.types import MAPS_VERSION, Judge


@pytest.fixture(scope="module")
def pixels() -> Any:
    return open_data("samples").items[0].load().pixels[::2, ::2]


def test_names_tell_guides_and_maps_apart(judge: Judge, imagenet_judge: Judge) -> None:
    one, two = judge.card.fingerprint, imagenet_judge.card.fingerprint
    version = f"v{MAPS_VERSION}"
    assert Guiding((judge,)).name == f"{one} {version}"
    assert Guiding((judge,), "grad-cam*1").name == f"{one} {version}"
    assert Guiding((judge,), "layer-cam").name == f"{one} layer-cam {version}"
    assert Guiding((judge, imagenet_judge)).name == " ".join([*sorted((one, two)), version])
    assert Guiding((judge, imagenet_judge)).name == Guiding((imagenet_judge, judge)).name
    assert Guiding((), "random").name == f"random {version}"
    mixed = Guiding((judge,), "edges*0.5 + grad-cam").name
    assert mixed == Guiding((judge,), "grad-cam+edges*0.5").name == f"{one} edges*0.5+grad-cam*1 {version}"


def test_names_for_people(judge: Judge, imagenet_judge: Judge) -> None:
    both = f"{judge.card.name} and {imagenet_judge.card.name}"
    assert Guiding((judge, imagenet_judge)).in_words == both
    assert Guiding((judge,), "layer-cam").in_words == f"{judge.card.name}, map layer-cam"
    assert Guiding((), "random").in_words == "the map random"


def test_what_cannot_guide_is_said_at_once(judge: Judge) -> None:
    with pytest.raises(ModelError, match="The map “grad-cam” needs a classifier"):
        Guiding()
    with pytest.raises(ModelError, match="There is no map “edge”"):
        Guiding((judge,), "edge")


def test_classifiers_read_candidates_and_a_map_alone_does_not(judge: Judge, pixels: Any) -> None:
    assert isinstance(Guiding((judge,)).guide(pixels), Critic)
    assert not isinstance(Guiding((), "edges").guide(pixels), Critic)


def test_only_the_map_goes_to_other_processes(judge: Judge, pixels: Any) -> None:
    made = Guiding((judge,), "layer-cam").map(pixels)
    assert isinstance(made, MapGuide)
    assert np.array_equal(pickle.loads(pickle.dumps(made)).importance(), made.values)


def test_rows_of_other_maps_are_rows_of_their_own(judge: Judge, tmp_path: Path) -> None:
    item = open_data("samples").items[0]
    settings = default_settings(["roi-background:mode=remove+jpeg"])[3:4]
    guides = [Guiding((judge,)), Guiding((judge,), "activation-energy"), Guiding((), "random")]
    with Store(tmp_path / "s.sqlite") as store:
        for _ in range(2):
            for guiding in guides:
                list(sweep([item], settings, judge, protocol="crop", seed=0, guide=guiding, store=store))
        kept = [row for row in store.rows("crop", judge.card.fingerprint) if row.codec != "original"]
    assert [row.guide for row in kept] == [guiding.name for guiding in guides]
    assert len({row.bytes for row in kept}) == 3

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
from keepsight.app.engine.trials import encode_decode, load_source
from keepsight.app.engine.types import Setting
from keepsight.codecs.guide import Critic, MapGuide
from keepsight.codecs.jpeg import JpegOptions
from keepsight.codecs.keep import KeepOptions
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


def test_searching_codecs_have_the_learned_map_unless_another_is_named(judge: Judge, pixels: Any) -> None:
    critic = Guiding((judge,)).critic(pixels)
    assert isinstance(critic, Critic)
    assert np.array_equal(critic.importance(), Guiding((), "learned").map(pixels).values)
    named = Guiding((judge,), "edges").critic(pixels).importance()
    assert np.array_equal(named, Guiding((), "edges").map(pixels).values)


def test_a_sweep_lets_a_codec_ask_about_candidates(judge: Judge, tmp_path: Path) -> None:
    items = open_data("scenes").items[:2]
    settings = [Setting("keep", KeepOptions(lmbda=lmbda, effort=1)) for lmbda in (300, 30_000)]
    settings.append(Setting("jpeg", JpegOptions(quality=20)))
    with Store(tmp_path / "s.sqlite") as store:
        guiding = Guiding((judge,))
        told = sweep(items, settings, judge, protocol="crop", seed=0, guide=guiding, store=store)
        rows = [row for batch in told for row in batch]
        again = [
            row
            for batch in sweep(items, settings, judge, protocol="crop", seed=0, guide=guiding, store=store)
            for row in batch
        ]
    assert not [row.error for row in rows if row.error]
    kept = [row for row in rows if row.codec == "keep"]
    assert len(kept) == 4
    assert {row.guide for row in kept} == {guiding.name}
    for item in items:
        source = load_source(item, judge.card, "crop")
        for row in (row for row in kept if row.name == source.name):
            setting = next(one for one in settings if one.options.to_json() == row.options)
            alone = guiding.critic(source.pixels, cropped=True)
            assert row.bytes == len(encode_decode(source.pixels, setting, alone).data)
    assert sorted(row.options for row in again) == sorted(row.options for row in rows)


def test_a_guide_in_trouble_costs_its_own_rows_only(judge: Judge) -> None:
    class Broken:
        card, device, runtime = judge.card, judge.device, judge.runtime

        def predict(self, batch: Any) -> Any:
            raise ModelError("The guide is gone.")

        explain = predict

    settings = [Setting("keep", KeepOptions(effort=1)), Setting("jpeg", JpegOptions(quality=20))]
    told = sweep(
        open_data("scenes").items[:1], settings, judge, protocol="crop", seed=0, guide=Guiding((Broken(),))
    )
    errors = {row.codec: row.error for batch in told for row in batch}
    assert "The guide is gone." in errors["keep"]
    assert (errors["jpeg"], errors["original"]) == ("", "")


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

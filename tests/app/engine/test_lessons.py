"""What a classifier learns from: photos gathered once, and codecs drawn by a generator."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from keepsight.app.engine.data import classes_of, open_data
from keepsight.app.engine.lessons import Compressor, gather, settings_of, training_scenes
from keepsight.codecs.options import OptionsError
from keepsight.models.catalog import find_card
from keepsight.models.scenes import CLASSES, SPLITS, render


def test_photos_are_gathered_once_and_unreadable_ones_left_out(tmp_path: Path) -> None:
    folder, work = tmp_path / "photos", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    for seed in (5, 6):
        cv2.imwrite(str(folder / f"{seed}.png"), render(seed, 80).pixels[:, :, ::-1])
    (folder / "broken.png").write_bytes(b"no photo")
    card, said = find_card("imagenet"), []
    items = open_data(folder).items
    gathered = gather(items, card, work, resume=False, warn=said.append)
    assert gathered.images.shape == (2, 256, 256, 3)
    assert gathered.unreadable == 1
    assert len(said) == 1
    assert "“broken.png”" in said[0]
    square = card.model_copy(update={"crop": 256})
    assert np.array_equal(gathered.images[1], square.prepare(render(6, 80).pixels))
    (folder / "5.png").unlink()
    again = gather(items, card, work, resume=True, warn=pytest.fail)
    assert np.array_equal(again.images, gathered.images)
    assert again.unreadable == 1
    assert gather(open_data(folder).items, card, work, resume=True, warn=said.append).images.shape[0] == 1


def test_scenes_for_training_are_not_those_that_are_measured() -> None:
    items = training_scenes(find_card("scenes"), 3)
    assert [item.label for item in items] == [0, 1, 2]
    assert items[1].name == f"scene {SPLITS['train'][1]}"
    assert training_scenes(find_card("imagenet"), 1)[0].label is None
    assert not {item.name for item in items} & {item.name for item in open_data("scenes").items}


def test_rates_are_fixed_listed_or_all() -> None:
    def qualities(*given: object) -> list[int]:
        return [one.options.quality for one in settings_of(*given)]  # type: ignore[attr-defined]

    assert qualities(["jpeg:quality=10"], None) == [10]
    assert qualities(["jpeg"], ["5", " 20"]) == [5, 20]
    assert len(qualities(["jpeg"], ["all"])) > 5
    assert [one.codec for one in settings_of(["png", "webp"], ["30"])] == ["png", "webp"]
    with pytest.raises(OptionsError, match=r"JPEG.*“quality” takes a whole number"):
        settings_of(["jpeg"], ["much"])


def test_the_generator_draws_the_setting() -> None:
    scene = render(3, 64).pixels
    compress = Compressor(settings_of(["jpeg"], ["3", "90"]))
    drawn = {compress(scene, np.random.default_rng(seed)).tobytes() for seed in range(8)}
    assert len(drawn) == 2
    assert compress.in_words == "JPEG quality 3 … JPEG quality 90"


def test_classes_of_any_data(tmp_path: Path) -> None:
    assert classes_of("scenes") == list(CLASSES)
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "x.png"), np.zeros((8, 8, 3), np.uint8))
    assert classes_of(tmp_path) == ["a", "b"]
    labels = tmp_path / "labels.csv"
    labels.write_text("file,class_name\na/x.png,cat\nb/x.png,ant\n", encoding="utf-8")
    assert classes_of(tmp_path) == ["ant", "cat"]

"""Training of the network of learned maps: resumable to the bit, and it learns."""

import hashlib
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from keepsight.models.catalog import find_card
from keepsight.models.errors import ModelError
from keepsight.models.saliency_net import GRID, SIDE, load_network, predict
from keepsight.models.saliency_teacher import cut, load_teacher, teach
from keepsight.models.saliency_training import (
    SaliencyResult,
    SaliencySettings,
    Source,
    begin,
    difference,
    train_saliency,
)
from keepsight.models.scenes import SPLITS, render
from keepsight.models.training import Progress
from keepsight.models.training_state import TrainingError

TINY = SaliencySettings(method="grad-cam", cuts=2, epochs=4, batch=4)
SEEDS = SPLITS["tune"][:6]
PHOTOS = [Source(f"scene {seed}", lambda seed=seed: render(seed, 96).pixels) for seed in SEEDS]
TEACHERS = [find_card("scenes")]
KILLED = """
import os, sys
from pathlib import Path
import torch
from keepsight.models.catalog import find_card
from keepsight.models.saliency_training import SaliencySettings, Source, train_saliency
from keepsight.models.scenes import SPLITS, render

def kill(told):
    if (told.stage, told.step) == (sys.argv[3], int(sys.argv[4])):
        os._exit(9)  # no clean-up, as when the power fails

torch.set_num_threads(int(sys.argv[2]))  # sums are rounded otherwise with another number
photos = [Source(f"scene {s}", lambda s=s: render(s, 96).pixels) for s in SPLITS["tune"][:6]]
settings = SaliencySettings(method="grad-cam", cuts=2, epochs=4, batch=4)
train_saliency(Path(sys.argv[1]), photos, [find_card("scenes")], settings=settings, resume=True,
               checkpoint_every=3, progress=kill)
"""


def _train(
    out: Path, settings: SaliencySettings = TINY, photos: list[Source] = PHOTOS, **more
) -> SaliencyResult:
    return train_saliency(out, photos, TEACHERS, settings=settings, checkpoint_every=3, **more)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[SaliencyResult, list[Progress]]:
    told: list[Progress] = []
    return _train(tmp_path_factory.mktemp("undisturbed"), progress=told.append), told


def test_killed_twice_and_resumed_ends_with_the_same_weights(tmp_path: Path, undisturbed) -> None:
    threads = str(torch.get_num_threads())
    for stage, step in (("maps", 3), ("train", 8)):
        command = [sys.executable, "-c", KILLED, str(tmp_path), threads, stage, str(step)]
        assert subprocess.run(command, check=False).returncode == 9
    assert not (tmp_path / "saliency.safetensors").exists()
    told: list[Progress] = []
    resumed = _train(tmp_path, resume=True, progress=told.append)
    assert [(one.stage, one.step) for one in told] == [("train", step) for step in range(7, 13)]
    assert resumed.weights.read_bytes() == undisturbed[0].weights.read_bytes()
    assert resumed.agreement == undisturbed[0].agreement


def test_progress_counts_photos_and_steps_and_the_loss_falls(undisturbed) -> None:
    maps = [told for told in undisturbed[1] if told.stage == "maps"]
    train = [told for told in undisturbed[1] if told.stage == "train"]
    assert [told.step for told in maps] == list(range(1, 7))
    assert [told.step for told in train] == list(range(1, 13))  # 5 of 6 photos, 2 cuts, 4 at a time, 4 times
    assert {told.total for told in train} == {12}
    assert train[-1].loss < train[0].loss
    assert -1 < undisturbed[0].agreement < 1


def test_card_describes_the_weights(undisturbed) -> None:
    result = undisturbed[0]
    card = tomllib.loads(result.card.read_text(encoding="utf-8"))
    assert card["sha256"] == hashlib.sha256(result.weights.read_bytes()).hexdigest()
    assert card["teachers"] == ["Keepsight scenes"]
    assert card["teachers_map"] == "grad-cam"
    assert card["license"] == "Apache-2.0"
    assert "EfficientNet-Lite0" in card["began_with"]
    assert card["agreement"] == pytest.approx(result.agreement, abs=1e-4)
    assert all(tensor.dtype == torch.float16 for tensor in load_file(result.weights).values())
    values = predict(load_network(result.weights), render(0, 96).pixels)
    assert values.shape == (GRID, GRID)
    assert values.mean() == pytest.approx(1, abs=1e-5)


def test_begins_with_the_first_stages_of_the_embedded_classifier(imagenet) -> None:
    """The features are those of the classifier, which pads the images on other sides, a pixel further."""
    network = begin(0).eval()
    image = torch.randn(1, 3, 3 * SIDE, 3 * SIDE, generator=torch.Generator().manual_seed(1))
    image = torch.nn.functional.avg_pool2d(image, 5, 1, 2)
    classifier = imagenet._network
    with torch.inference_mode():
        ours = network.fine(network.stem(image))
        moved = torch.nn.functional.pad(image, (7, 0, 7, 0))[:, :, : 3 * SIDE, : 3 * SIDE]
        theirs = classifier.blocks[:3](classifier.bn1(classifier.conv_stem(moved)))
    inner = (slice(None), slice(None), slice(8, -8), slice(8, -8))
    assert ours[inner].shape == theirs[inner].shape
    assert torch.allclose(ours[inner], theirs[inner], atol=1e-3)
    assert all(torch.equal(a, b) for a, b in zip(begin(5).parameters(), begin(5).parameters(), strict=True))


def test_teacher_sees_the_whole_cut() -> None:
    judge = load_teacher(TEACHERS[0], "cpu")
    importance = judge.explain(render(SEEDS[0], 96).pixels[:, :60], None, "activation-energy")
    assert importance.values.shape == (96, 60)
    assert importance.values.min() > 0
    mean = teach(render(SEEDS[0], 96).pixels, [judge, judge], "grad-cam")
    assert mean == pytest.approx(teach(render(SEEDS[0], 96).pixels, [judge], "grad-cam"), abs=1e-4)
    assert mean.mean() == pytest.approx(1, abs=1e-4)


def test_cuts_are_parts_of_the_photo() -> None:
    photo = np.arange(40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    rng = np.random.default_rng(0)
    assert np.array_equal(cut(photo, 0, rng), photo)
    assert np.array_equal(cut(photo, 1, rng), photo[:, 10:50])
    parts = [cut(photo, 2, rng) for _ in range(50)]
    assert all(40 * 60 * 0.2 < part.shape[0] * part.shape[1] <= 40 * 60 for part in parts)
    assert len({part.shape for part in parts}) > 30
    assert cut(photo[:1, :1], 2, rng).shape == (1, 1, 3)


def test_difference_is_zero_for_the_teachers_own_map() -> None:
    maps = torch.rand(3, 4, 4, generator=torch.Generator().manual_seed(0)) + 0.1
    assert difference(maps.log(), maps) == pytest.approx(0, abs=1e-5)
    assert difference(maps.log().flip(1), maps) > 0.1
    nothing = torch.zeros(1, 4, 4)
    assert torch.isfinite(difference(maps[:1], nothing))


def test_photos_that_cannot_be_read_are_left_out(tmp_path: Path, undisturbed) -> None:
    broken = [*PHOTOS[:2], Source("broken", lambda: None), *PHOTOS[2:]]
    assert _train(tmp_path, replace(TINY, epochs=1), broken).photos == len(PHOTOS)
    with pytest.raises(TrainingError, match="needs two photos at least that can be read"):
        _train(tmp_path, photos=[PHOTOS[0], Source("broken", lambda: None)])


def test_another_training_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    short = replace(TINY, epochs=1)
    first = _train(tmp_path, short).weights.read_bytes()
    for settings, photos in (
        (replace(short, rate=1e-3), PHOTOS),
        (replace(short, seed=1), PHOTOS),
        (short, PHOTOS[1:]),
    ):
        with pytest.raises(TrainingError, match="begun with other settings"):
            _train(tmp_path, settings, photos, resume=True)
    assert _train(tmp_path, short).weights.read_bytes() == first
    (tmp_path / "training" / "checkpoint.pt").write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(TrainingError, match="cannot be read"):
        _train(tmp_path, short, resume=True)


def test_a_map_that_needs_no_classifier_or_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no map “gradcam”"):
        _train(tmp_path, replace(TINY, method="gradcam"))

"""Training of the scenes classifier: resumable to the bit, and its files are those that a card promises."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from keepsight.models.cards import load_card
from keepsight.models.scenes import CLASSES
from keepsight.models.scenes_net import scenes_net
from keepsight.models.scenes_training import ScenesResult, ScenesSettings, train_scenes
from keepsight.models.training import Progress
from keepsight.models.training_state import TrainingError

TINY = ScenesSettings(scenes=48, test_scenes=10, epochs=4, batch=8, size=64, crop=48)
KILLED = """
import os, sys
from pathlib import Path
import torch
from keepsight.models.scenes_training import ScenesSettings, train_scenes

def kill(progress):
    if progress.stage == "train" and progress.step == 11:
        os._exit(9)  # no clean-up, as when the power fails

torch.set_num_threads(int(sys.argv[2]))  # sums are rounded otherwise with another number
settings = ScenesSettings(scenes=48, test_scenes=10, epochs=4, batch=8, size=64, crop=48)
train_scenes(Path(sys.argv[1]), settings=settings, workers=0, checkpoint_every=4, progress=kill)
"""


def _train(out: Path, settings: ScenesSettings = TINY, *, resume: bool = False) -> ScenesResult:
    return train_scenes(out, settings=settings, resume=resume, workers=0, checkpoint_every=4)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScenesResult, list[Progress]]:
    told: list[Progress] = []
    out = tmp_path_factory.mktemp("undisturbed")
    result = train_scenes(out, settings=TINY, workers=0, checkpoint_every=4, progress=told.append)
    return result, told


def test_killed_and_resumed_ends_with_the_same_weights(
    tmp_path: Path, undisturbed: tuple[ScenesResult, list[Progress]]
) -> None:
    threads = str(torch.get_num_threads())
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), threads], check=False)
    assert killed.returncode == 9
    assert (tmp_path / "training" / "checkpoint.pt").is_file()
    assert not (tmp_path / "scenes.safetensors").exists()
    steps: list[int] = []
    resumed = train_scenes(
        tmp_path,
        settings=TINY,
        resume=True,
        workers=0,
        progress=lambda told: steps.append(told.step) if told.stage == "train" else None,
    )
    assert steps == list(range(9, 25))
    assert resumed.weights.read_bytes() == undisturbed[0].weights.read_bytes()
    assert resumed.top1 == undisturbed[0].top1


def test_progress_counts_every_step_and_the_loss_falls(
    undisturbed: tuple[ScenesResult, list[Progress]],
) -> None:
    train = [told for told in undisturbed[1] if told.stage == "train"]
    assert [told.step for told in train] == list(range(1, 25))
    assert {told.total for told in train} == {24}
    assert train[-1].loss < train[0].loss
    assert undisturbed[1][0].stage == "render"
    assert undisturbed[1][-1].stage == "test"
    assert undisturbed[1][-1].accuracy == undisturbed[0].top1


def test_card_describes_the_weights(undisturbed: tuple[ScenesResult, list[Progress]]) -> None:
    result = undisturbed[0]
    card = load_card(result.card)
    assert card.class_names == CLASSES
    assert (card.library, card.architecture) == ("keepsight", "scenes_net")
    assert (card.resize, card.crop) == (64, 64)
    assert card.top1 == pytest.approx(result.top1, abs=1e-4)
    assert card.sha256 == hashlib.sha256(result.weights.read_bytes()).hexdigest()
    scenes_net(len(CLASSES)).load_state_dict(load_file(result.weights))


def test_another_seed_gives_other_weights(
    tmp_path: Path, undisturbed: tuple[ScenesResult, list[Progress]]
) -> None:
    other = _train(tmp_path, replace(TINY, seed=1, epochs=1))
    assert other.weights.read_bytes() != undisturbed[0].weights.read_bytes()


def test_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    short = replace(TINY, epochs=1)
    first = _train(tmp_path, short).weights.read_bytes()
    with pytest.raises(TrainingError, match="begun with other settings"):
        _train(tmp_path, replace(short, rate=1e-3), resume=True)
    assert _train(tmp_path, short, resume=False).weights.read_bytes() == first


def test_damaged_checkpoint_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "checkpoint.pt").write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(TrainingError, match="cannot be read"):
        _train(tmp_path, resume=True)

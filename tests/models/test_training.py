"""The training loop: resumable to the bit after a kill, the best state kept, broken losses ended."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from keepsight.models.training import Batch, Progress, Recipe, StoppedError, Task, Trained, train
from keepsight.models.training_state import TrainingError, load_checkpoint, save_checkpoint

RECIPE = Recipe(epochs=4, batch=8, rate=0.02, patience=3)
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_training import learn
learn(Path(sys.argv[2]), progress=lambda told: told.step == 9 and os.kill(os.getpid(), signal.SIGKILL))
"""
POINTS = np.random.default_rng(0).normal(size=(40, 3, 4, 4)).astype(np.float32)
TARGETS = torch.from_numpy((POINTS.mean((1, 2, 3)) > 0).astype(np.int64))


def network() -> nn.Module:
    torch.manual_seed(3)
    layers = (
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(32, 2),
    )
    return nn.Sequential(*layers)


def task(**changes: object) -> Task:
    def draw(chosen: np.ndarray, rng: np.random.Generator, done: float) -> Batch:
        noise = rng.normal(0, 0.1, (len(chosen), 3, 4, 4)).astype(np.float32)
        return (torch.from_numpy(POINTS[chosen] + noise),), TARGETS[chosen]

    def held_out() -> Iterable[Batch]:
        yield (torch.from_numpy(POINTS[30:35]),), TARGETS[30:35]
        yield (torch.from_numpy(POINTS[35:]),), TARGETS[35:]

    made = Task(
        network(),
        30,
        draw,
        loss=nn.functional.cross_entropy,
        right=lambda logits, targets: logits.argmax(1) == targets,
        held_out=held_out,
    )
    return replace(made, **changes)


def learn(
    folder: Path, what: Task | None = None, recipe: Recipe = RECIPE, **more: object
) -> tuple[Trained, Task]:
    torch.set_num_threads(1)
    what = what or task()
    settings = {"about": {"architecture": "small"}, "checkpoint_every": 3} | more
    return train(what, recipe, folder / "checkpoint.pt", **settings), what


def same(one: Task, other: Task) -> bool:
    pairs = zip(one.network.state_dict().values(), other.network.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_killed_and_resumed_ends_with_the_same_weights(tmp_path: Path) -> None:
    alone, there = tmp_path / "alone", tmp_path / "there"
    alone.mkdir()
    there.mkdir()
    told: list[Progress] = []
    whole, undisturbed = learn(alone, progress=told.append)
    assert [one.step for one in told] == list(range(1, 17))  # 30 samples, 8 at a time, 4 times
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(there)], check=False
    )
    assert killed.returncode == -9
    steps: list[int] = []
    again, resumed = learn(there, resume=True, progress=lambda one: steps.append(one.step))
    assert steps == list(range(10, 17))
    assert again == whole
    assert same(resumed, undisturbed)
    assert (again, same(learn(there, resume=True)[1], undisturbed)) == (whole, True)


def test_the_state_with_the_least_held_out_loss_is_kept(tmp_path: Path) -> None:
    told: list[Progress] = []
    ended, what = learn(tmp_path, recipe=replace(RECIPE, epochs=12, rate=0.3), progress=told.append)
    seen = {one.step: one.held_out_loss for one in told if one.step % 4 == 0}
    assert ended.loss == min(seen.values())
    assert seen[ended.step] == ended.loss
    what.network.eval()
    with torch.inference_mode():
        logits = what.network(torch.from_numpy(POINTS[30:]))
    assert nn.functional.cross_entropy(logits, TARGETS[30:]).item() == pytest.approx(ended.loss, abs=1e-5)
    assert (logits.argmax(1) == TARGETS[30:]).float().mean().item() == pytest.approx(ended.accuracy)


def test_ends_early_where_nothing_gets_better(tmp_path: Path) -> None:
    told: list[Progress] = []
    still = task()
    still.network.requires_grad_(False)
    still.network[5].bias.requires_grad_()
    still = replace(still, loss=lambda output, targets: 0 * output.sum() + 1)
    ended, _ = learn(tmp_path, still, replace(RECIPE, patience=2, epochs=9), progress=told.append)
    assert (ended.step, told[-1].step) == (0, 8)


def test_frozen_batch_norms_keep_their_statistics(tmp_path: Path) -> None:
    frozen = task()
    frozen.network[1].requires_grad_(False)
    before = {name: value.clone() for name, value in frozen.network.state_dict().items()}
    learn(tmp_path, frozen)
    after = frozen.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith("1."))
    assert not torch.equal(before["0.weight"], after["0.weight"])


def test_a_loss_that_is_no_number_ends_with_the_last_good_state(tmp_path: Path) -> None:
    steps: list[bool] = []

    def breaks(output: Tensor, targets: Tensor) -> Tensor:
        steps.extend([True] if output.requires_grad else [])
        return nn.functional.cross_entropy(output, targets) * (torch.nan if len(steps) > 12 else 1)

    ended, broken = learn(tmp_path, task(loss=breaks))
    assert ended.broken_at == 13
    assert ended.step in (4, 8, 12)
    assert all(torch.isfinite(value).all() for value in broken.network.state_dict().values())
    with pytest.raises(TrainingError, match="no number at step 1, before the first checkpoint"):
        learn(tmp_path, task(loss=lambda output, targets: output.sum() * torch.nan))


def test_stops_when_asked_and_goes_on(tmp_path: Path) -> None:
    asked: list[None] = []
    with pytest.raises(StoppedError, match="stopped after 7 of 16 steps"):
        learn(tmp_path, stop=lambda: asked.append(None) or len(asked) == 7)
    steps: list[int] = []
    _, resumed = learn(tmp_path, resume=True, progress=lambda one: steps.append(one.step))
    assert steps[0] == 8
    (tmp_path / "other").mkdir()
    assert same(resumed, learn(tmp_path / "other")[1])


def test_a_checkpoint_of_other_settings_says_which(tmp_path: Path) -> None:
    learn(tmp_path)
    with pytest.raises(TrainingError, match=r"other settings \(epochs was 4, not 5\)"):
        learn(tmp_path, recipe=replace(RECIPE, epochs=5), resume=True)
    with pytest.raises(TrainingError, match=r"\(architecture was small, not large\)"):
        learn(tmp_path, about={"architecture": "large"}, resume=True)
    learn(tmp_path, recipe=replace(RECIPE, epochs=1))


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path, settings = tmp_path / "checkpoint.pt", {"seed": 1}
    save_checkpoint(path, settings, 5, {"model": network()})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            save_checkpoint(path, settings, 6, {"model": network()})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == [path]
    assert load_checkpoint(path, settings, {"model": network()}) == 5

"""Trains any network: reproducible from a seed, resumable where it was stopped, the best state kept.

What is learned from, and what is to be small, comes as a `Task`; how to go about it as a `Recipe`.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from keepsight.models.training_state import (
    Stateful,
    TrainingError,
    load_checkpoint,
    save_checkpoint,
)

Batch = tuple[tuple[Tensor, ...], Tensor]
"""The network's inputs, (n, ...) each, and what its output is compared with, (n, ...); on the CPU."""

_RECENT = 50
"""Steps over which loss and accuracy are averaged for display."""


class StoppedError(TrainingError):
    """A training was asked to stop, and did so with a checkpoint."""


@dataclass(frozen=True)
class Recipe:
    """How weights are sought; with the task, all that decides them."""

    seed: int = 0
    epochs: int = 8
    batch: int = 32
    rate: float = 3e-3
    """Largest learning rate of the one-cycle schedule (Smith and Topin 2019); the optimiser is AdamW."""
    warm_up: float = 0.2
    """Share of the steps in which the rate rises."""
    decay: float = 0.05
    """Weight decay."""
    patience: int | None = None
    """Epochs without a smaller held-out loss before an early end; None for no early end."""


@dataclass(frozen=True)
class Task:
    """What a network learns."""

    network: nn.Module
    """Parameters that need no gradient stay as they are, and so do the statistics of their batch norms."""
    samples: int
    draw: Callable[[NDArray[np.int64], np.random.Generator, float], Batch]
    """Make a step's batch: samples by number, (n,), a generator for augmentation, share done in [0, 1)."""
    loss: Callable[[Any, Tensor], Tensor]
    """Of the network's output and the targets, (): the mean over the samples."""
    right: Callable[[Any, Tensor], Tensor] | None = None
    """Of the same, (n,) bool: which samples are right."""
    held_out: Callable[[], Iterable[Batch]] | None = None
    """The batches on which the state to keep is chosen, at first and after each epoch; the last if None."""
    groups: Sequence[Mapping[str, Any]] | None = None
    """Parameters ("params") with shares of the rate ("share"); all that need a gradient if None."""


@dataclass(frozen=True)
class Progress:
    """How far a training is."""

    stage: str
    """"train", or what a training does before and after."""
    step: int
    total: int
    loss: float = math.nan
    """Mean over the latest 50 steps."""
    accuracy: float = math.nan
    """Share of samples that were right in the latest 50 steps, or of test samples so far."""
    held_out_loss: float = math.nan
    """After the latest epoch."""
    held_out_accuracy: float = math.nan


@dataclass(frozen=True)
class Trained:
    """How a training ended. The network has the state that was kept."""

    step: int
    """How many steps made that state."""
    loss: float = math.nan
    """Of the samples held out."""
    accuracy: float = math.nan
    broken_at: int | None = None
    """The step whose loss was no number, which ended the training with the last good state."""


@dataclass
class _Best:
    """The state with the smallest held-out loss so far, and the latest figures."""

    epoch: int = -1
    step: int = 0
    loss: float = math.inf
    accuracy: float = math.nan
    latest: tuple[float, float] = (math.nan, math.nan)
    waited: int = 0
    """Epochs since then."""
    state: dict[str, Any] = field(default_factory=dict)

    def see(self, epoch: int, step: int, loss: float, accuracy: float, network: nn.Module) -> None:
        """Compare an epoch with the best one."""
        self.latest = (loss, accuracy)
        if loss < self.loss:
            self.epoch, self.step, self.loss, self.accuracy = epoch, step, loss, accuracy
            self.state = {name: value.cpu().clone() for name, value in network.state_dict().items()}
        self.waited = epoch - self.epoch

    def state_dict(self) -> dict[str, Any]:
        """See `Stateful`."""
        return dict(vars(self))

    def load_state_dict(self, state_dict: dict[str, Any], /) -> None:
        """See `Stateful`."""
        vars(self).update(state_dict)


class _Run:
    """Network, optimiser and schedule of one training."""

    def __init__(self, task: Task, recipe: Recipe, device: str) -> None:
        self.task, self.recipe, self.device = task, recipe, device
        samples, batch = task.samples, recipe.batch
        whole, rest = divmod(samples, batch)
        # A batch norm cannot learn from one sample.
        self.steps_per_epoch = max(1, whole + (rest > 1 or batch == 1))
        self.total = recipe.epochs * self.steps_per_epoch
        self.step = 0
        self.best = _Best()
        network = task.network.to(device)
        network.to(memory_format=torch.channels_last)
        given = task.groups or [{"params": [p for p in network.parameters() if p.requires_grad], "share": 1}]
        rates = [recipe.rate * group["share"] for group in given]
        groups = [
            {"params": list(group["params"]), "lr": rate} for group, rate in zip(given, rates, strict=True)
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=recipe.decay)
        rising = max(recipe.warm_up, 2 / (self.total + 1))  # PyTorch divides by its steps, less one
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, rates, total_steps=self.total + 1, pct_start=rising
        )
        self.parts: dict[str, Stateful] = {
            "model": network,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "best": self.best,
        }

    @property
    def ended(self) -> bool:
        patience = self.recipe.patience
        return self.step >= self.total or (patience is not None and self.best.waited >= patience)

    @property
    def at_epoch_end(self) -> bool:
        return self.step % self.steps_per_epoch == 0

    def advance(self) -> tuple[float, float]:
        """One step; returns loss and accuracy of its batch. Seed and step decide order and augmentation."""
        seed, batch, task = self.recipe.seed, self.recipe.batch, self.task
        epoch, position = divmod(self.step, self.steps_per_epoch)
        order = np.random.default_rng([seed, 1, epoch]).permutation(task.samples)
        chosen = order[position * batch : (position + 1) * batch]
        inputs, targets = self._moved(
            task.draw(chosen, np.random.default_rng([seed, 2, self.step]), self.step / self.total)
        )
        _learning(task.network)
        with _drawn(seed, self.step, self.device), self._precision():
            output = task.network(*inputs)
            loss = task.loss(output, targets)
        if not torch.isfinite(loss):
            return loss.item(), math.nan
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        right = task.right(output, targets).float().mean().item() if task.right else math.nan
        return loss.item(), right

    def examine(self) -> None:
        """Measure what is held out, where something is, and keep the state if it is the best."""
        task = self.task
        if task.held_out is None:
            return
        task.network.eval()
        count, loss, right = 0, 0.0, 0.0
        for batch in task.held_out():
            inputs, targets = self._moved(batch)
            with torch.inference_mode(), self._precision():
                output = task.network(*inputs)
                loss += len(targets) * task.loss(output, targets).item()
                right += task.right(output, targets).sum().item() if task.right else math.nan
            count += len(targets)
        epoch = self.step // self.steps_per_epoch
        self.best.see(epoch, self.step, loss / count, right / count, task.network)

    def sound(self) -> bool:
        """Whether all weights are numbers."""
        tensors = self.task.network.state_dict().values()
        return all(bool(torch.isfinite(value).all()) for value in tensors if value.is_floating_point())

    def keep_best(self) -> Trained:
        """Give the network the state to keep."""
        if not self.best.state:
            return Trained(self.step)
        self.task.network.load_state_dict(self.best.state)
        return Trained(self.best.step, self.best.loss, self.best.accuracy)

    def _moved(self, batch: Batch) -> Batch:
        inputs, targets = batch
        return tuple(one.to(self.device) for one in inputs), targets.to(self.device)

    def _precision(self) -> torch.autocast:
        """Mixed precision on CUDA, where it knows bfloat16: its range needs no scaling of the loss."""
        mixed = self.device.startswith("cuda") and torch.cuda.is_bf16_supported()
        return torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=mixed)


def decided_by(recipe: Recipe, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a checkpoint is written with: see `train`."""
    return asdict(recipe) | dict(about)


def train(
    task: Task,
    recipe: Recipe,
    checkpoint: Path,
    *,
    about: Mapping[str, Any],
    device: str = "cpu",
    resume: bool = False,
    checkpoint_every: int = 50,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Trained:
    """Train a network in place; it ends with the best state on what is held out, or the last one.

    On a CPU, the same task and recipe give the same weights with the same number of threads, whether or not
    the training was stopped or killed, and resumed.

    Args:
        task: What it learns. Its network is moved to the device.
        recipe: How.
        checkpoint: File for what a resumed training needs; its folder is there.
        about: What else decides the weights (architecture, data, ...), as plain values by names that a
            sentence can use: a checkpoint with other ones is refused.
        device: Where the network runs: "cpu", "cuda", "cuda:1", "mps".
        resume: Go on from the checkpoint, where there is one. Otherwise begin anew.
        checkpoint_every: Steps between checkpoints; there is one after each epoch, too.
        progress: Told after every step; may raise to end the training.
        stop: Asked after every step; true ends the training with a checkpoint.

    Raises:
        StoppedError: `stop` said so.
        TrainingError: The checkpoint is damaged or belongs to other settings; or the loss is no number from
            the beginning.
        OSError: The checkpoint cannot be written; the one before is still there.
    """
    run = _Run(task, recipe, device)
    decided = decided_by(recipe, about)
    if resume:
        run.step = load_checkpoint(checkpoint, decided, run.parts)
    else:
        checkpoint.unlink(missing_ok=True)
    if run.step == 0:
        run.examine()  # what came trained may be the best
    recent: list[tuple[float, float]] = []
    while not run.ended:
        recent = [*recent[1 - _RECENT :], run.advance()]
        if not math.isfinite(recent[-1][0]):
            return _broken(run, decided, checkpoint)
        if run.at_epoch_end:
            run.examine()
        stopping = stop() and not run.ended
        if stopping or run.at_epoch_end or run.step % checkpoint_every == 0:
            if not run.sound():
                return _broken(run, decided, checkpoint)
            save_checkpoint(checkpoint, decided, run.step, run.parts)
        loss, accuracy = np.mean(recent, axis=0).tolist()
        progress(Progress("train", run.step, run.total, loss, accuracy, *run.best.latest))
        if stopping:
            raise StoppedError(f"The training was stopped after {run.step} of {run.total} steps.")
    return run.keep_best()


def _broken(run: _Run, decided: dict[str, Any], checkpoint: Path) -> Trained:
    """Go back to the last good state after a loss that is no number."""
    at = run.step + 1
    if not checkpoint.is_file():
        raise TrainingError(
            f"The loss is no number at step {at}, before the first checkpoint. "
            f"Take a smaller learning rate than {run.recipe.rate:g}, or other data."
        )
    run.step = load_checkpoint(checkpoint, decided, run.parts)
    kept = run.keep_best()
    return Trained(kept.step, kept.loss, kept.accuracy, at)


def _learning(network: nn.Module) -> None:
    """Put a network into training mode, all but the batch norms that are frozen."""
    network.train()
    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.affine and not module.weight.requires_grad:
            module.eval()


@contextmanager
def _drawn(seed: int, step: int, device: str) -> Iterator[None]:
    """Let seed and step decide what the network draws (dropout); leave the rest of the program its own."""
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed + 1_000_003 * step)
        yield

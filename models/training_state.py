"""What a training keeps in a file to be resumed from it, and how its weights are shipped. This is torch."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch
from torch import Tensor, nn


class TrainingError(RuntimeError):
    """A training cannot go on. The message is a sentence that says what to do."""


class Stateful(Protocol):
    """A network, an optimiser or a schedule."""

    def state_dict(self) -> dict[str, Any]:
        """Return what it is made of."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> Any:
        """Be that again."""


def save_checkpoint(path: Path, settings: object, step: int, parts: Mapping[str, Stateful]) -> None:
    """Write a checkpoint; a reader finds the old one or the new one, never a half."""
    state = {"settings": settings, "step": step} | {name: part.state_dict() for name, part in parts.items()}
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def load_checkpoint(path: Path, settings: object, parts: Mapping[str, Stateful]) -> int:
    """Go back to a checkpoint, where there is one; return its step.

    Raises `TrainingError` where it cannot be read or was written with other settings.
    """
    if not path.is_file():
        return 0
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise TrainingError(f"The checkpoint “{path}” cannot be read. Train without resuming.") from error
    if state["settings"] != settings:
        raise other_settings(path.parent)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["step"])


def other_settings(folder: Path) -> TrainingError:
    """Return what to raise where a folder holds the beginning of another training."""
    return TrainingError(
        f"The training in “{folder}” was begun with other settings. "
        "Train without resuming, or into another folder."
    )


def half_precision(network: nn.Module) -> dict[str, Tensor]:
    """Return the state of a network as it is shipped, float16; what is measured is this."""
    return {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }

"""What a training keeps in a file to be resumed from it, and how its weights are shipped. This is torch."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch
from torch import Tensor, nn

_SHORT = 80
"""Characters of settings that a sentence can hold."""


class TrainingError(RuntimeError):
    """A training cannot go on. The message is a sentence that says what to do."""


class Stateful(Protocol):
    """A network, an optimiser or a schedule."""

    def state_dict(self) -> dict[str, Any]:
        """Return what it is made of."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> Any:
        """Be that again."""


def save_checkpoint(
    path: Path, settings: Mapping[str, Any], step: int, parts: Mapping[str, Stateful]
) -> None:
    """Write a checkpoint; a reader finds the old one or the new one, never a half. Raises `OSError`."""
    state = {"settings": settings, "step": step} | {name: part.state_dict() for name, part in parts.items()}
    content = io.BytesIO()
    torch.save(state, content)  # into memory: on a full disk it raises what nobody understands
    replace_file(path, content.getbuffer())


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file; a reader finds the old one or the new one, never a half. Raises `OSError`."""
    partial = path.with_suffix(".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_checkpoint(path: Path, settings: Mapping[str, Any], parts: Mapping[str, Stateful]) -> int:
    """Go back to a checkpoint, where there is one; return its step. Raises as `check_checkpoint`."""
    state = check_checkpoint(path, settings)
    for name, part in parts.items():
        if state:
            part.load_state_dict(state[name])
    return int(state["step"]) if state else 0


def check_checkpoint(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in a checkpoint, nothing where there is none.

    Raises `TrainingError` where it cannot be read or was written with other settings.
    """
    if not path.is_file():
        return {}
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        before = state["settings"]
    except (RuntimeError, UnpicklingError, EOFError, KeyError) as error:
        raise TrainingError(f"The checkpoint “{path}” cannot be read. Train without resuming.") from error
    if before != settings:
        names = sorted(before.keys() | settings.keys())
        changed = [name for name in names if before.get(name) != settings.get(name)]
        raise other_settings(path.parent, [(name, before.get(name), settings.get(name)) for name in changed])
    return state


def other_settings(folder: Path, changed: Sequence[tuple[str, object, object]] = ()) -> TrainingError:
    """Return what to raise where a folder holds the beginning of another training.

    `changed` are settings by name with their values then and now.
    """
    short = [(name, then, now) for name, then, now in changed if len(f"{then}{now}") < _SHORT]
    told = [f"{name} was {then}, not {now}" for name, then, now in short]
    told += [f"other {name}" for name, *_ in changed if name not in {one[0] for one in short}]
    said = f" ({'; '.join(told)})" if told else ""
    return TrainingError(
        f"The training in “{folder}” was begun with other settings{said}. "
        "Train without resuming, or into another folder."
    )


def half_precision(network: nn.Module) -> dict[str, Tensor]:
    """Return the state of a network as it is shipped, float16; what is measured is this."""
    return {
        name: (_half(value) if value.is_floating_point() else value).cpu().contiguous()
        for name, value in network.state_dict().items()
    }


def _half(value: Tensor) -> Tensor:
    """Return the float16 of a tensor, or the tensor where its numbers are too large for that."""
    half = value.half()
    return half if bool(torch.isfinite(half).all()) else value

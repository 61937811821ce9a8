"""Weights files: check the hash, read the tensors without executing code, fit them to a network."""

import hashlib
import os
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import timm.models
from safetensors import SafetensorError
from torch import Tensor, nn

from keepsight.models.errors import CardError

_READ_ERRORS = (
    SafetensorError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
    KeyError,
    EOFError,
    OSError,
)
"""What safetensors, torch and timm raise on files that they do not understand or refuse."""


def check_sha256(path: Path, expected: str) -> None:
    """Raise `CardError` unless the file's SHA-256 begins with `expected` (hex)."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CardError(
            f"The weights “{path}” cannot be read ({error.strerror}). Check its permissions."
        ) from None
    if not found.startswith(expected):
        raise CardError(
            f"The weights “{path}” are not the ones that the card means: their SHA-256 is {found}, "
            f"the card says {expected}. Get the right file or correct the card."
        )


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file or a PyTorch checkpoint of plain tensors, onto the CPU.

    The usual wrappings ("state_dict", "module." and the like) are taken off. Raises `CardError`.
    """
    try:
        tensors: dict[str, Tensor] = timm.models.load_state_dict(str(path), device="cpu", weights_only=True)
    except _READ_ERRORS:
        raise CardError(
            f"The weights “{path}” cannot be read: the file is damaged, or it holds more than plain tensors, "
            "which could run code. Get it anew, or save the state_dict as safetensors."
        ) from None
    if not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise CardError(
            f"The weights “{path}” are not a plain list of tensors. Save the state_dict as safetensors."
        )
    return tensors


def fit(network: nn.Module, tensors: Mapping[str, Tensor], classes: int, by_order: bool = False) -> None:
    """Put the tensors into the network, by name or in the network's own order. Raises `CardError`."""
    slots = network.state_dict()
    if by_order and len(tensors) == len(slots):
        tensors = dict(zip(slots, tensors.values(), strict=True))
    # Counters of training steps: some files leave them out, and no prediction depends on them.
    tensors = {name: slots[name] for name in slots if name.endswith(".num_batches_tracked")} | dict(tensors)
    if tensors.keys() != slots.keys():
        name = min(tensors.keys() ^ slots.keys())
        what = "lack" if name in slots else "have the unknown tensor"
        raise CardError(
            f"The weights do not belong to the architecture that the card names: they {what} “{name}”. "
            "Correct “architecture” or “arguments” in the card."
        )
    wrong = [
        (slots[name].shape, tensors[name].shape) for name in slots if slots[name].shape != tensors[name].shape
    ]
    counts = {there[0] for here, there in wrong if there and here[:1] == (classes,) and here[1:] == there[1:]}
    if wrong and len(counts) == 1 and all(here[:1] == (classes,) for here, _ in wrong):
        raise CardError(
            f"The card names {classes} classes, but the weights have {counts.pop()}. Correct its “classes”."
        )
    if wrong:
        here, there = wrong[0]
        raise CardError(
            "The weights do not belong to the architecture that the card names: "
            f"a tensor is {tuple(there)} where {tuple(here)} is needed. "
            "Correct “architecture” or “arguments” in the card."
        )
    network.load_state_dict(tensors)


@contextmanager
def tensors_only() -> Iterator[None]:
    """Let no library unpickle anything but tensors, whatever it asks of `torch.load`."""
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before

"""Where classifiers run: CUDA, Apple's MPS or the CPU. Imports torch only where that has to be asked."""

import sys
from pathlib import Path

from keepsight.models.errors import ModelError

_ACCELERATORS = (Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/kfd"))
"""Devices of Linux: NVIDIA's, those of Windows below it, AMD's."""


def surely_cpu_only() -> bool:
    """Whether there is no accelerator for certain: found out at once. Where in doubt, ask torch."""
    return sys.platform == "linux" and not any(path.exists() for path in _ACCELERATORS)


def available_devices() -> list[str]:
    """Return the usable devices, fastest first: "cuda" ("cuda:0", "cuda:1" where several), "mps", "cpu"."""
    if surely_cpu_only():
        return ["cpu"]
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cuda = ["cuda"] if count == 1 else [f"cuda:{index}" for index in range(count)]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return [*cuda, *mps, "cpu"]


def choose_device(name: str = "auto") -> str:
    """Return `name` if it is usable here, the fastest device for "auto". Raises `ModelError`."""
    devices = available_devices()
    if name == "auto":
        return devices[0]
    if name not in devices and not (name == "cuda" and "cuda:0" in devices):
        raise ModelError(f"There is no device “{name}” here. Usable: auto, {', '.join(devices)}.")
    return name

"""Which architectures have maps of their inside: the smallest of each family of timm and torchvision.

Untrained weights, so there is no download; half an hour of one core.

Run: python tests/benchmarks/survey_stages.py [xcit volo ...]
"""

import re
import sys
from collections.abc import Callable, Iterator

import numpy as np
import timm
import torch
import torchvision
from torch import nn

from keepsight.models.errors import ModelError
from keepsight.models.maps import registry
from keepsight.models.saliency import Inside
from keepsight.models.stages import last_stage

_MOST_PARAMETERS = 135e6
_SMALL = re.compile(
    r"test_|atto|femto|pico|nano|xxs|xx?tiny|micro|tiny|_x0|_0\d\d|_s0|18|_b0|_m0|_xs|_s_|_s$|lite|small"
)
"""In the names of small architectures."""


def _timm_names() -> Iterator[tuple[str, list[str]]]:
    for module in timm.list_modules():
        names = timm.list_models(module=module)
        if names:
            yield f"timm {module}", names


def _torchvision_names() -> Iterator[tuple[str, list[str]]]:
    families: dict[str, list[str]] = {}
    for name in torchvision.models.list_models(module=torchvision.models):
        families.setdefault(re.split(r"[\d_]", name)[0], []).append(name)
    for family, names in families.items():
        yield f"torchvision {family}", names


def _smallest(make: Callable[[str], nn.Module], names: list[str]) -> tuple[str, float]:
    """Return the architecture with the fewest parameters among some small ones, and how many."""
    sizes = {}
    for name in sorted(names, key=lambda name: (not _SMALL.search(name), len(name)))[:5]:
        try:
            with torch.device("meta"):
                sizes[name] = sum(weight.numel() for weight in make(name).parameters())
        except (RuntimeError, ValueError, TypeError, NotImplementedError, AssertionError, AttributeError):
            continue  # does not build without memory; another one of the family will
    best = min(sizes, key=lambda name: sizes[name], default="")
    return best, sizes.get(best, float("inf"))


def _verdict(network: nn.Module) -> str:
    network = network.eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.Linear) and not module.weight.any():
            nn.init.normal_(module.weight, std=0.02)  # untrained, the answer would depend on nothing
    side = getattr(network, "default_cfg", {}).get("input_size", (3, 224, 224))[-1]
    image = torch.randn(1, 3, side, side)
    try:
        stage = last_stage(network, image)
    except ModelError:
        return "refused in a sentence"
    inside = Inside(network, stage, image, None, 4)
    maps = [registry.get(method).map(inside) for method in ("grad-cam", "activation-energy")]
    where = {module: name for name, module in network.named_modules()}[stage.module]
    alive = inside.gradients.any() and all(np.isfinite(values).all() for values in maps) and maps[1].any()
    grid = " x ".join(map(str, inside.activations.shape[1:]))
    about = "works" if alive else "NO MAP"
    return f"{about}, {where}, {grid}{'' if maps[0].any() else ', Grad-CAM zero for untrained weights'}"


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    makers: dict[str, Callable[[str], nn.Module]] = {
        "timm": lambda name: timm.create_model(name),
        "torchvision": lambda name: torchvision.models.get_model(name, weights=None),
    }
    for family, names in (*_timm_names(), *_torchvision_names()):
        library, _, module = family.partition(" ")
        if wanted and module not in wanted:
            continue
        make = makers[library]
        name, size = _smallest(make, names)
        if size > _MOST_PARAMETERS:
            print(f"{family}: {name or 'nothing could be built'}, left out", flush=True)
            continue
        try:
            verdict = _verdict(make(name))
        except Exception as error:  # the survey goes on
            verdict = f"FAILED {type(error).__name__}: {error}"[:150]
        print(f"{family}: {name} ({size / 1e6:.1f} M), {verdict}", flush=True)


if __name__ == "__main__":
    main()

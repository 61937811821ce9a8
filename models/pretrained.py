"""The classifiers that torchvision and timm publish: their cards, and their weights fetched at first use."""

import math
import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import timm
import torch
import torchvision
from huggingface_hub import hf_hub_url
from timm.data import ImageNetInfo, infer_imagenet_subset
from torch import nn

from keepsight.models import imagenet
from keepsight.models.cards import Card, build_errors
from keepsight.models.checkpoints import check_sha256, read_tensors, tensors_only
from keepsight.models.download import Progress, download
from keepsight.models.errors import CardError, ModelError

Library = Literal["torchvision", "timm"]


def architectures(library: Library) -> list[str]:
    """Return the names that have pretrained weights; timm's with and without the tag of the training."""
    if library == "torchvision":
        return list(torchvision.models.list_models(module=torchvision.models))
    tagged = timm.list_models(pretrained=True)
    return sorted({name.partition(".")[0] for name in tagged} | set(tagged))


def pretrained_card(library: Library, architecture: str) -> Card:
    """Return the card of a published classifier, from what the library says of it. Raises `ModelError`."""
    return _torchvision_card(architecture) if library == "torchvision" else _timm_card(architecture)


def build_pretrained(card: Card, progress: Progress | None = None) -> nn.Module:
    """Return the network of a card without weights of its own, with those that its library publishes.

    They are fetched at first use into PyTorch's folder of checkpoints. Raises `ModelError`.
    """
    if card.architecture not in architectures("torchvision" if card.library == "torchvision" else "timm"):
        raise CardError(
            f"{card.library} has no pretrained weights for “{card.architecture}”. Correct the card."
        )
    url = _weights_url(card)
    target = _cache_folder() / _file_name(url)
    stated = re.search(r"-([0-9a-f]{8,64})\.", target.name)
    sha256 = stated[1] if stated else ""
    if not target.is_file():
        download(url, target, sha256, progress)
    elif sha256:
        check_sha256(target, sha256)
    if card.library == "torchvision":
        weights = torchvision.models.get_model_weights(card.architecture).DEFAULT
        with build_errors(card), tensors_only():  # it finds the file where the download put it
            network = torchvision.models.get_model(card.architecture, weights=weights, **card.arguments)
    else:
        overlay = {"state_dict": read_tensors(target)}
        with build_errors(card):
            network = timm.create_model(
                card.architecture, pretrained=True, pretrained_cfg_overlay=overlay, **card.arguments
            )
        network.pretrained_cfg.pop("state_dict", None)  # a second copy of all weights
    assert isinstance(network, nn.Module)
    return network


def _torchvision_card(architecture: str) -> Card:
    weights = torchvision.models.get_model_weights(architecture).DEFAULT
    transforms = weights.transforms()
    accuracy = weights.meta["_metrics"].get("ImageNet-1K", {}).get("acc@1")
    return Card(
        id=f"torchvision:{architecture}",
        name=f"{architecture} (torchvision, {weights.name})",
        library="torchvision",
        architecture=architecture,
        class_names=tuple(weights.meta["categories"]),
        resize=transforms.resize_size[0],
        crop=transforms.crop_size[0],
        interpolation=transforms.interpolation.value,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        license=weights.meta.get("license", "BSD-3-Clause"),
        source=weights.url,
        top1=None if accuracy is None else accuracy / 100,
        top1_on="" if accuracy is None else "ImageNet-1k validation, as published",
    )


def _timm_card(architecture: str) -> Card:
    config = timm.get_pretrained_cfg(architecture)
    channels, height, width = config.input_size
    if channels != 3 or height != width or config.crop_mode not in ("center", "squash"):
        raise ModelError(f"“timm:{architecture}” does not take the square centre crop of an RGB photo.")
    return Card(
        id=f"timm:{architecture}",
        name=f"{architecture} (timm)",
        library="timm",
        architecture=architecture,
        class_names=_timm_classes(architecture, config),
        resize=math.floor(height / config.crop_pct),
        crop=height,
        crop_mode=config.crop_mode,
        interpolation=config.interpolation,
        mean=config.mean,
        std=config.std,
        license=config.license or "unknown",
        source=_timm_url(config),
    )


def _timm_classes(architecture: str, config: Any) -> tuple[str, ...]:
    if config.label_names:
        return tuple(config.label_names)
    subset = infer_imagenet_subset({"num_classes": config.num_classes})
    if subset is None:
        raise ModelError(f"“timm:{architecture}” is no classifier with known classes; take another one.")
    if config.num_classes == 1000:
        return imagenet.class_names()
    return tuple(ImageNetInfo(subset).label_descriptions())


def _weights_url(card: Card) -> str:
    if card.library == "torchvision":
        return str(torchvision.models.get_model_weights(card.architecture).DEFAULT.url)
    return _timm_url(timm.get_pretrained_cfg(card.architecture))


def _timm_url(config: Any) -> str:
    """Return where the weights are: the hub's safetensors before a plain address."""
    if config.hf_hub_id:
        repository, _, revision = config.hf_hub_id.partition("@")
        name = config.hf_hub_filename or "model.safetensors"
        return hf_hub_url(repository, name, revision=revision or None, endpoint=os.environ.get("HF_ENDPOINT"))
    if not config.url:
        raise ModelError(f"timm publishes no weights for “{config.architecture}”.")
    return str(config.url)


def _file_name(url: str) -> str:
    """Return a name that no other weights have: hub files are all called model.safetensors."""
    parts = urlsplit(url).path.strip("/").split("/")
    return "--".join([*parts[:2], parts[-1]]) if "resolve" in parts else parts[-1]


def _cache_folder() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"

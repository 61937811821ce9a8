"""A loaded classifier. For the classifier process and the command line: this imports torch."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import numpy as np
import timm
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor, nn

from keepsight.models import graph
from keepsight.models.cards import UNUSABLE, Card, build_errors
from keepsight.models.checkpoints import check_sha256, fit, read_tensors
from keepsight.models.devices import choose_device
from keepsight.models.download import Progress
from keepsight.models.errors import BrokenAnswerError, CardError, ModelError
from keepsight.models.file_inputs import Inputs
from keepsight.models.file_nets import NETWORKS
from keepsight.models.folding import fold_batch_norms
from keepsight.models.graph import Graph
from keepsight.models.judges import broken
from keepsight.models.maps import registry
from keepsight.models.maps.base import ClassifierMethod, ImageMethod
from keepsight.models.maps.mix import blend
from keepsight.models.maps.placing import only_seen, spread
from keepsight.models.pretrained import architectures, build_pretrained
from keepsight.models.saliency import Inside
from keepsight.models.scenes_net import scenes_net
from keepsight.models.stages import Stage, last_stage
from keepsight.models.types import DEFAULT_METHOD, Importance, Pixels

_BATCH = 32
"""Images that go through the network at once, at most."""
_CPU_BATCH = 4
"""The same on a CPU: larger batches leave its caches and take longer for each image."""
_HALVES = (torch.float16, torch.bfloat16)
"""The more exact one first."""


class Classifier:
    """A network with its card, on a device. Threads take turns. Satisfies `Judge`."""

    def __init__(self, card: Card, network: nn.Module, device: str = "cpu") -> None:
        self._card = card
        self._device = device
        self._network = network.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        self._mean = torch.tensor(card.mean, device=device).mul(255).view(1, 3, 1, 1)
        self._std = torch.tensor(card.std, device=device).mul(255).view(1, 3, 1, 1)
        self._batch = _CPU_BATCH if device == "cpu" else _BATCH
        self._stage: Stage | None = None
        self._half: torch.dtype | None = None
        """What predictions are computed in; None is float32."""
        self._turn = threading.Lock()

    @property
    def card(self) -> Card:
        """Classes, preprocessing and origin."""
        return self._card

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda", "cuda:1", "mps"."""
        return self._device

    @property
    def runtime(self) -> str:
        """What runs it, with the version."""
        precision = "" if self._half is None else f", {str(self._half).removeprefix('torch.')}"
        return f"PyTorch {torch.__version__}{precision}"

    def make_graph(self) -> Graph | None:
        """Return an optimised graph of the network, made and kept now; None where there can be none."""
        return graph.make(self._card, self._network, self._mean, self._std)

    def try_halves(self) -> None:
        """Predict in half precision from now on where that gives the same answers on a probe batch.

        Maps and gradients stay in float32. Raises `ModelError`.
        """
        probes = graph.probes(self._card)
        expected = self.predict(probes)
        for self._half in _HALVES:
            try:
                if alike(expected, self.predict(probes)):
                    return
            except BrokenAnswerError:  # float16 overflows where float32 does not
                continue
        self._half = None

    def predict(self, batch: Inputs) -> NDArray[np.float32]:
        """Classify prepared images: (n, crop, crop, 3) uint8 sRGB -> (n, K) float32, rows sum to 1.

        Where the device's memory does not suffice, the batch is halved for good and the work goes on.
        Raises `ModelError`.
        """
        self._card.check_inputs(batch)
        rows = [np.empty((0, len(self._card.class_names)), np.float32)]
        done = 0
        while done < len(batch):
            try:
                with self._turn:
                    rows.append(self._probabilities(batch[done : done + self._batch]))
            except torch.OutOfMemoryError:
                if self._batch == 1:
                    raise ModelError(
                        f"The memory of {self._device} does not suffice for one image. "
                        "Close other programs, or choose another device."
                    ) from None
                self._batch //= 2
                torch.cuda.empty_cache()
            else:
                done += len(rows[-1])
        return np.concatenate(rows)

    def explain(self, pixels: Pixels, target: int | None = None, method: str = DEFAULT_METHOD) -> Importance:
        """Return a saliency map of a photo of any size for a class (the predicted one if None).

        `method` is the id of one of `keepsight.models.maps.registry`, or a mix: "grad-cam*2+edges". Raises
        `ModelError`, also where a map needs a stage of the architecture that is not there.
        """
        classes = len(self._card.class_names)
        if target is not None and not 0 <= target < classes:
            raise ModelError(f"There is no class {target}: this classifier has classes 0 to {classes - 1}.")
        registry.check_sees(self._card, method)
        with self._turn:
            return self._explain(pixels, target, method)

    def _explain(self, pixels: Pixels, target: int | None, method: str) -> Importance:
        weights = registry.parse_mix(method)
        subject = self._subject(pixels, target) if registry.needs_classifier(method) else None
        parts = {}
        for part in weights:
            found = registry.get(part)
            if isinstance(found, ClassifierMethod):
                assert subject is not None
                values = spread(found.map(subject), self._card, pixels.shape[0], pixels.shape[1])
                parts[part] = Importance(values, part, subject.target)
            else:
                assert isinstance(found, ImageMethod)
                parts[part] = Importance(only_seen(found.map(pixels), self._card), part, None)
            if not np.isfinite(parts[part].values).all():
                raise ModelError(broken(self._card))
        return blend(parts, weights)

    def _subject(self, pixels: Pixels, target: int | None) -> Inside:
        batch = self._normalise(self._card.prepare(pixels)[None])
        if self._stage is None:
            self._stage = last_stage(self._network, batch)
        return Inside(self._network, self._stage, batch, target, self._batch)

    def gradient(self, image: Pixels, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how the divergence from `probabilities`, (K,), grows with each sample of a prepared image.

        (crop, crop, 3) uint8 -> (crop, crop, 3) float32, nats per step of 8 bits.
        """
        batch = self._normalise(image[None]).requires_grad_()
        with torch.enable_grad():
            logs = self._network(batch).float().log_softmax(1)[0]
            divergence = -(torch.from_numpy(probabilities).to(self._device) * logs).sum()
        (gradient,) = torch.autograd.grad(divergence, batch)
        return np.asarray((gradient / self._std)[0].permute(1, 2, 0).cpu().numpy(), np.float32)

    def _probabilities(self, batch: Inputs) -> NDArray[np.float32]:
        kind = torch.device(self._device).type
        half = torch.autocast(kind, self._half) if self._half else nullcontext()
        with torch.inference_mode(), half:
            probabilities = self._network(self._normalise(batch)).float().softmax(1).cpu().numpy()
        if probabilities.shape[1] != len(self._card.class_names):
            raise CardError(
                f"The card names {len(self._card.class_names)} classes, "
                f"but the classifier has {probabilities.shape[1]}. Correct its “classes”."
            )
        if not np.isfinite(probabilities).all():
            raise BrokenAnswerError(broken(self._card))
        return np.asarray(probabilities, np.float32)

    def _normalise(self, batch: Inputs) -> Tensor:
        """(n, H, W, 3) uint8 -> (n, 3, H, W) float32, channels last in memory as it came."""
        tensor = torch.from_numpy(np.array(batch, order="C"))
        if self._device.startswith("cuda"):
            tensor = tensor.pin_memory().to(self._device, non_blocking=True)
        else:
            tensor = tensor.to(self._device)
        return graph.normalised(tensor, self._mean, self._std)


def alike(expected: NDArray[np.float32], answers: NDArray[np.float32]) -> bool:
    """Whether probabilities (n, K) say the same: each best class, and all numbers nearly."""
    same_class = np.array_equal(expected.argmax(1), answers.argmax(1))
    return same_class and bool(np.abs(expected - answers).max() <= graph.TOLERANCE)


def load(card: Card, device: str = "auto", progress: Progress | None = None) -> Classifier:
    """Load a classifier: fetch its weights if need be, check them, and run it once.

    `progress` hears of a download in bytes. Raises `ModelError`.
    """
    device = choose_device(device)
    network = build(card, progress)
    try:
        shape = (1, 3, card.crop, card.crop) if card.reads == "pixels" else (1, *card.input_shape)
        generator = torch.Generator().manual_seed(0)
        fold_batch_norms(network.eval(), torch.randn(shape, generator=generator))
        classifier = Classifier(card, network, device)
        classifier.predict(graph.probes(card)[:1])
        if device.startswith("cuda"):
            classifier.try_halves()
    except ModelError:
        raise
    except UNUSABLE:
        raise ModelError(
            f"“{card.name}” cannot run on {device}. "
            "Correct “arguments” or “crop” in its card, or choose another device."
        ) from None
    return classifier


def build(card: Card, progress: Progress | None = None) -> nn.Module:
    """Return the network of a card with its weights, as the library has it. Raises as `load`."""
    if card.weights is None:
        return build_pretrained(card, progress)
    check_sha256(card.weights, card.sha256 or "")
    tensors = read_tensors(card.weights)
    network = untrained(card)
    fit(network, tensors, len(card.class_names), by_order=card.match == "order")
    return network


def untrained(card: Card) -> nn.Module:
    """Return the network of a card without its weights. Raises `CardError`."""
    with build_errors(card):
        return _architecture(card)(num_classes=len(card.class_names), **card.arguments)


def _architecture(card: Card) -> Callable[..., nn.Module]:
    """Return what makes the network, untrained, from `num_classes` and the card's arguments."""
    if card.library == "timm" and timm.is_model(card.architecture):
        return partial(timm.create_model, card.architecture, pretrained=False)
    if card.library == "torchvision" and card.architecture in architectures("torchvision"):
        return partial(torchvision.models.get_model, card.architecture, weights=None)
    if card.library == "keepsight" and card.architecture == "scenes_net":
        return scenes_net
    if card.library == "keepsight" and card.reads != "pixels" and card.architecture == "file_net":
        return NETWORKS[card.reads]
    raise CardError(f"{card.library} has no architecture “{card.architecture}”. Correct the card.")

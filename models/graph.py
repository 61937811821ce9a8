"""A classifier's predictions as an optimised graph for the CPU (OpenVINO): the same weights, far faster.

The graph is made from the network once, checked against it and kept in the user's cache; from then on it runs
without torch. No torch here at import.
"""

import logging
import shutil
import tempfile
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from keepsight.models.cards import Card
from keepsight.models.file_inputs import Inputs

if TYPE_CHECKING:
    from torch import Tensor, nn

log = logging.getLogger(__name__)

_FORMAT = 3
"""Raised when graphs are made in another way: old ones are not used any more."""
TOLERANCE = 1e-3
"""Largest difference of a probability from the network's own."""
_PROBES = 8
"""Images of noise that are compared."""


class Graph:
    """The graph of one classifier. One thread at a time may use it."""

    def __init__(self, folder: Path, *, cache: bool = True) -> None:
        """Load a graph that `make` left. Raises `RuntimeError` where it is damaged."""
        import openvino

        self._core = openvino.Core()
        self._path = folder / "graph.xml"
        self._settings: dict[str, str] = {"INFERENCE_PRECISION_HINT": "f32"}
        if cache:
            self._settings["CACHE_DIR"] = str(
                folder / "compiled"
            )  # the second start takes a fifth of the time
        self._alone = self._compiled("LATENCY")  # for one image that all cores work at
        self._classes = int(self._alone.output(0).partial_shape[1].get_length())
        # The first look at an array waits for ever where two threads take it at the same time: take it here.
        assert openvino.Tensor(np.zeros(1, np.float32)).data.size

    def predict(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Classify prepared images: (n, crop, crop, 3) uint8 sRGB -> (n, K) float32, rows sum to 1."""
        rows = np.empty((len(batch), self._classes), np.float32)
        if batch.dtype == np.int16:  # OpenVINO's own conversion takes ten times as long
            batch = batch.astype(np.float32)
        if len(batch) == 1:
            rows[0] = self._alone(np.ascontiguousarray(batch), share_inputs=True, share_outputs=True)[0]
        elif len(batch):
            batch = np.ascontiguousarray(batch)  # read where it lies

            def keep(request: Any, place: int) -> None:
                rows[place] = request.get_output_tensor().data[0]

            self._abreast.set_callback(keep)
            for place in range(len(batch)):
                self._abreast.start_async([batch[place : place + 1]], place, share_inputs=True)
            self._abreast.wait_all()
        return rows

    @cached_property
    def _abreast(self) -> Any:
        """Compiled for many images, one to a core.

        Cores that need not wait for one another take a third less time for each image, and more where they
        have other work.
        """
        from openvino import AsyncInferQueue

        return AsyncInferQueue(self._compiled("THROUGHPUT"))

    def _compiled(self, hint: str) -> Any:
        return self._core.compile_model(self._path, "CPU", self._settings | {"PERFORMANCE_HINT": hint})


def runtime() -> str:
    """Return the name and version of what runs graphs."""
    from importlib.metadata import version

    return f"OpenVINO {version('openvino')}"


def find(card: Card) -> Graph | None:
    """Return the classifier's graph, None where none was made yet or where it does not load."""
    folder = _folder(card)
    if not (folder / "graph.xml").is_file():
        return None
    try:
        return Graph(folder)
    except (RuntimeError, ImportError) as error:
        log.info("A graph is not used: %s", error)
        shutil.rmtree(folder, ignore_errors=True)
        return None


def make(card: Card, network: "nn.Module", mean: "Tensor", std: "Tensor") -> Graph | None:
    """Make and keep the graph of a network; None where that fails or where it answers otherwise.

    `network` is in evaluation mode on the CPU and takes (n, 3, crop, crop); `mean` and `std`, (1, 3, 1, 1),
    are those of pixels in 0 to 255.
    """
    folder = _folder(card)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as parts:
            made = Path(parts) / "graph"
            expected = _export(made, card, network, mean, std)
            if _difference(Graph(made, cache=False), card, expected) > TOLERANCE:
                log.info("The graph of %s answers otherwise than its network.", card.name)
                return None
            if not folder.exists():
                made.rename(folder)
    except (ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        log.info("There is no graph of %s: %s", card.name, error)
        return None
    return find(card)


def probes(card: Card) -> Inputs:
    """Return images (n, crop, crop, 3), or packed files: noise, of which a network says something."""
    import cv2

    rng = np.random.default_rng(0)
    if card.reads != "pixels":
        return np.stack(
            [rng.integers(0, top, card.input_shape, np.int16) for top in 2 ** np.arange(1, _PROBES + 1)]
        )
    sides = np.geomspace(2, card.crop, _PROBES).round().astype(int)
    grids = [rng.integers(0, 256, (side, side, 3), np.uint8) for side in sides]
    return np.stack([cv2.resize(grid, (card.crop,) * 2, interpolation=cv2.INTER_LINEAR) for grid in grids])


def normalised(inputs: "Tensor", mean: "Tensor", std: "Tensor") -> "Tensor":
    """Return what a network takes: images (n, H, W, 3) become (n, 3, H, W); packed files stay (n, length)."""
    if inputs.ndim == 2:
        return inputs.float()
    return (inputs.permute(0, 3, 1, 2).float() - mean) / std


def _export(folder: Path, card: Card, network: "nn.Module", mean: "Tensor", std: "Tensor") -> NDArray[Any]:
    """Write the graph and return what the network itself says of the probes."""
    import openvino
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    class Reader(torch.nn.Module):
        """From pixels to probabilities: normalisation and softmax belong to the graph."""

        mean: "Tensor"
        std: "Tensor"

        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.register_buffer("mean", mean)
            self.register_buffer("std", std)

        def forward(self, images: "Tensor") -> "Tensor":
            probabilities: Tensor = self.network(normalised(images, self.mean, self.std)).float().softmax(1)
            return probabilities

    reader = Reader().eval()
    images = torch.from_numpy(probes(card))
    images = images if card.reads == "pixels" else images.float()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing is called old; torch.export takes ten times as long
        expected: NDArray[np.float32] = reader(images).numpy()
        decoder = TorchScriptPythonDecoder(
            reader, example_input=(images[:2],), trace_kwargs={"check_trace": False}
        )
        # The front end itself: the converter around it would report its use over the network.
        front_end = FrontEndManager().load_by_framework("pytorch")
        model = front_end.convert(front_end.load(decoder))
    model.reshape({0: [1, *card.input_shape]})  # a fixed size is faster
    openvino.save_model(model, folder / "graph.xml", compress_to_fp16=False)
    return expected


def _difference(graph: Graph, card: Card, expected: NDArray[Any]) -> float:
    """Return the largest difference of a probability, of images that come alone or abreast."""
    images = probes(card)
    answers = np.concatenate([graph.predict(images), graph.predict(images[:1])])
    return float(np.abs(answers - np.concatenate([expected, expected[:1]])).max())


def _folder(card: Card) -> Path:
    from importlib.metadata import version

    name = f"{card.fingerprint}-{_FORMAT}-{version('openvino')}"
    return platformdirs.user_cache_path("keepsight") / "graphs" / name

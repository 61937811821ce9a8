"""The network at the decoder: that it is the one that was trained, at any size, in any thread."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch.nn import functional

from keepsight.codecs import registry, restoration
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.prefilters.restore import Restore
from keepsight.codecs.restoration import MOST, resized, restored

Photo = Callable[..., Pixels]


def reference(image: Pixels, octaves: float) -> Pixels:
    """Mend an image whose sides are multiples of 4, by torch."""
    stored = load((resources.files("keepsight.resources") / "restoration.safetensors").read_bytes())
    weights = {name: values.float() for name, values in stored.items()}

    def convolve(name: str, values: torch.Tensor) -> torch.Tensor:
        kernel = weights[f"{name}.weight"]
        groups = len(kernel) if kernel.shape[1] == 1 else 1
        edge = kernel.shape[-1] // 2
        return functional.conv2d(values, kernel, weights[f"{name}.bias"], padding=edge, groups=groups)

    values = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255
    places = functional.pixel_unshuffle(values - 0.5, 4)
    level = torch.full_like(places[:, :1], octaves)
    hidden = torch.relu(convolve("head", torch.cat([places, level], 1)))
    for number in range(4):
        wide = torch.relu(convolve(f"blocks.{number}.up", hidden))
        hidden = hidden + convolve(f"blocks.{number}.down", torch.relu(convolve(f"blocks.{number}.dw", wide)))
    mended = values + functional.pixel_shuffle(convolve("tail", hidden), 4)
    levels: Pixels = (mended[0].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()
    return levels


@pytest.mark.parametrize("factor", [1.0, 1.4, 2.0, 2.8])
def test_it_is_the_network_that_was_trained(photo: Photo, factor: float) -> None:
    small = resized(photo(120, 160), round(120 / factor), round(160 / factor))
    octaves = np.log2(np.sqrt(120 * 160 / (small.shape[0] * small.shape[1])))
    expected = reference(resized(small, 120, 160), octaves)
    mended = restored(small, 120, 160)
    assert np.abs(mended.astype(int) - expected).max() <= 1
    assert (mended != resized(small, 120, 160)).any()


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (37, 2), (61, 83), (700, 33)])
def test_any_size_is_mended_in_its_own_size(photo: Photo, size: tuple[int, int]) -> None:
    assert restored(photo(*size), *size).shape == (*size, 3)


@pytest.mark.parametrize("size", [(610, 90), (90, 610), (241, 330)])
def test_what_is_mended_a_part_at_a_time_is_the_same(
    photo: Photo, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    image = photo(*size)
    monkeypatch.setattr(restoration, "_SIDE", 80)
    parts = restored(image, *size)
    monkeypatch.setattr(restoration, "_SIDE", 10_000)
    assert np.abs(parts.astype(int) - restored(image, *size)).max() <= 1


def test_sizes_that_come_and_go_leave_no_memory() -> None:
    """In a process of its own, where nothing else takes memory or gives it back."""
    script = """
import gc, ctypes, numpy as np, psutil
from keepsight.codecs.restoration import restored
from keepsight.app.worker.process_habits import keep_no_pictures

def used():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process().memory_full_info().uss / 2**20

keep_no_pictures()
random = np.random.default_rng(0)
sizes = random.integers(20, 500, (80, 2))
restored(np.zeros((4, 4, 3), np.uint8), 4, 4)
start = used()
for height, width in sizes:
    restored(np.zeros((height, width, 3), np.uint8), height, width)
restored(np.zeros((1500, 2400, 3), np.uint8), 1500, 2400)
print(used() - start)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(ended.stdout) < 50


def test_what_was_made_much_smaller_is_mended_below_its_size(photo: Photo) -> None:
    small = photo(30, 40)
    middle = restored(small, round(30 * MOST), round(40 * MOST))
    whole = restored(small, 300, 400)
    expected = resized(middle, 300, 400)
    assert np.abs(whole.astype(int) - expected).mean() < 0.5


def test_threads_do_not_disturb_one_another(photo: Photo) -> None:
    images = [photo(64, 64, seed) for seed in range(8)]
    alone = [restored(image, 64, 64) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: restored(image, 64, 64), images * 4))
    assert all((a == b).all() for a, b in zip(alone * 4, together, strict=True))


@pytest.mark.parametrize("factor", [1, 1.5, 2.8])
def test_any_codec_can_be_mended(photo: Photo, factor: float) -> None:
    image = photo(75, 110)
    codec = registry.get(f"restore:factor={factor}+png")
    data = codec.encode(image, codec.options())
    small = resized(image, round(75 / factor), round(110 / factor))
    assert (codec.decode(data) == restored(small, 75, 110)).all()
    assert (registry.recognise(data).decode(data) == codec.decode(data)).all()


def test_another_network_is_refused(photo: Photo) -> None:
    with pytest.raises(BitstreamError, match="names a network that is not known"):
        Restore().undo(photo(8, 8), 8, 8, 2)

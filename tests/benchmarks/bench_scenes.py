"""Labelled scenes: rendering speed on one core, and what the shipped classifier makes of them.

Run: python tests/benchmarks/bench_scenes.py [--scenes 1000]
"""

import argparse
import io
import time
from importlib.resources import as_file, files
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from keepsight.models.scenes import CLASSES, SPLITS, label_of, render
from keepsight.models.scenes_net import scenes_net
from keepsight.models.scenes_training import normalised, top1_of


def _speed(count: int) -> None:
    for seed in SPLITS["tune"][:40]:  # fills the caches of noise
        render(seed)
    wall, processor = time.perf_counter(), time.process_time()
    for seed in SPLITS["tune"][:count]:
        render(seed)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"rendering, one thread: {count / processor:.1f} scenes/s of processor time, "
        f"{count / wall:.1f} by the clock"
    )


def _accuracy(count: int) -> None:
    seeds = SPLITS["test"][:count]
    pixels = np.stack([render(seed).pixels for seed in seeds])
    labels = np.array([label_of(seed) for seed in seeds], np.int64)
    model = scenes_net(len(CLASSES))
    with as_file(files("keepsight.resources")) as folder:
        weights = Path(folder) / "scenes.safetensors"
        model.load_state_dict(load_file(weights))
        print(f"classifier: {weights.stat().st_size / 1e6:.2f} MB")
    print(f"{count} unseen scenes: top-1 {top1_of(model, pixels, labels):.4f}")
    for quality in (5, 10, 20, 40, 75):
        sizes, decoded = [], []
        for image in pixels:
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=quality, optimize=True)
            sizes.append(len(file.getvalue()))
            decoded.append(np.asarray(Image.open(file)))
        top1 = top1_of(model, np.stack(decoded), labels)
        print(f"JPEG quality {quality:2d}: {np.mean(sizes):6.0f} bytes, top-1 {top1:.4f}")
    batch = normalised(pixels[:50])
    with torch.inference_mode():
        model(batch)
        begun = time.perf_counter()
        model(batch)
    each = (time.perf_counter() - begun) * 20
    print(f"classification: {each:.1f} ms a scene, {torch.get_num_threads()} threads")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000)
    cv2.setNumThreads(1)
    _speed(200)
    _accuracy(parser.parse_args().scenes)

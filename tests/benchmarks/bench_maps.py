"""Saliency maps: time of each on one core, and what 2,000 in a row do to the memory.

Run: python tests/benchmarks/bench_maps.py [--maps 2000] [--classifier scenes]
"""

import argparse
import statistics
import time

import cv2
import psutil
import torch

from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load
from keepsight.models.maps.registry import all_methods, get
from keepsight.models.scenes import SPLITS, render


def _times(judge: Classifier) -> None:
    scenes = [render(seed).pixels for seed in SPLITS["tune"][:10]]
    for method in all_methods():
        taken = []
        for pixels in scenes:
            begun = time.perf_counter()
            judge.explain(pixels, 0, method)
            taken.append(1000 * (time.perf_counter() - begun))
        print(f"{method:20s} {statistics.median(taken):7.1f} ms, at best {min(taken):7.1f} ms")


def _memory(judge: Classifier, count: int) -> None:
    """Grow by the maps of all methods in turn; ScoreCAM and SmoothGrad, the slow ones, once in ten."""
    process = psutil.Process()
    pixels = render(SPLITS["tune"][0]).pixels
    methods = list(all_methods())
    for method in methods:
        judge.explain(pixels, 0, method)
    before = process.memory_info().rss
    made = turn = 0
    while made < count:
        turn += 1
        for method in methods:
            if turn % 10 and get(method).id in {"score-cam", "smooth-grad"}:
                continue
            judge.explain(pixels, 0, method)
            made += 1
    print(f"{made} maps in a row: {(process.memory_info().rss - before) / 1e6:+.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=2000)
    parser.add_argument("--classifier", default="scenes")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    loaded = load(find_card(arguments.classifier), "cpu")
    _times(loaded)
    _memory(loaded, arguments.maps)

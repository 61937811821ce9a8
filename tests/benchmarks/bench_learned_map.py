"""The learned map beside its teacher, the mean of classifiers' maps, and beside chance.

Printed are deletion and insertion AUC and time. Each classifier named by --judges judges once, on the same
photos; one that did not teach tells most.

Run: python tests/benchmarks/bench_learned_map.py FOLDER [--labels CSV] [--photos 100]
     [--teachers imagenet,CARD.toml] [--judges imagenet,CARD.toml] [--weights F.safetensors]
"""

import argparse
import statistics
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from keepsight.app.engine.map_figures import figures, score, subjects
from keepsight.models import saliency_net
from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load
from keepsight.models.maps.mix import blend
from keepsight.models.maps.placing import only_seen
from keepsight.models.maps.registry import image_importance
from keepsight.models.saliency_training import SaliencySettings
from keepsight.models.types import Importance, Pixels

TEACHER = "teacher"
METHODS = ("learned", TEACHER, "random")


@cache
def _classifier(name: str) -> Classifier:
    return load(find_card(name), "cpu")


class _Asked:
    """A judge whose maps are not its own: what it says of images stays. Satisfies `Judge`."""

    def __init__(self, judge: Classifier, teachers: list[str], method: str) -> None:
        self.card, self.device, self.predict = judge.card, judge.device, judge.predict
        self._teachers, self._method = teachers, method

    def explain(self, pixels: Pixels, target: int | None, method: str) -> Importance:
        """Return a map of the image, or the mean of the teachers' for the classes that they predict."""
        if method != TEACHER:
            whole = image_importance(pixels, method)
            return replace(whole, values=only_seen(whole.values, self.card))
        parts = {name: _classifier(name).explain(pixels, None, self._method) for name in self._teachers}
        return blend(parts, dict.fromkeys(parts, 1.0))


def _judge(arguments: argparse.Namespace, judge: Classifier) -> None:
    asked = _Asked(judge, arguments.teachers.split(","), arguments.map)
    chosen, _ = subjects(arguments.data, judge.card, arguments.labels, arguments.photos, arguments.seed)
    rows = [row for subject in chosen for row in score(subject, METHODS, asked, arguments.steps)]
    print(f"Judged by {judge.card.name}, {len(chosen)} photos")
    for found in figures(rows):
        share = found.insertion
        print(
            f"  {found.method:10s} insertion {share.value:.3f} ({share.low:.3f}–{share.high:.3f}), ", end=""
        )
        print(f"deletion {found.deletion.value:.3f}, {found.milliseconds:.1f} ms")
    learned, taught, chance = (
        np.array([row.score.insertion for row in rows if row.method == method]) for method in METHODS
    )
    draws = np.random.default_rng(0).integers(len(learned), size=(1000, len(learned)))
    low, high = np.percentile(learned[draws].mean(1) / taught[draws].mean(1), [2.5, 97.5])
    gained = (learned.mean() - chance.mean()) / (taught.mean() - chance.mean())
    times = {found.method: found.milliseconds for found in figures(rows)}
    print(f"  learned / teacher {learned.mean() / taught.mean():.3f} ({low:.3f}–{high:.3f}), ", end="")
    print(f"of the gain over chance {gained:.0%}, {times[TEACHER] / times['learned']:.1f} times as fast")


def _time(runs: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        image_importance(pixels, "learned")
        taken.append(1000 * (time.perf_counter() - begun))
    print(f"224 x 224, one core: median {statistics.median(taken[5:]):.1f} ms, at best {min(taken):.1f} ms")


def _use(weights: Path) -> None:
    """Let the map come from other weights than those that are shipped."""
    network = saliency_net.load_network(weights)
    saliency_net.shipped_network = lambda: network


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--teachers", default="imagenet")
    parser.add_argument("--judges", default="imagenet")
    parser.add_argument("--map", default=SaliencySettings.method, help="of the teachers")
    parser.add_argument("--weights", type=Path, default=saliency_net.WEIGHTS)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    _use(arguments.weights)
    print(f"Weights: {arguments.weights.name}, {arguments.weights.stat().st_size / 1e3:.0f} KB")
    _time(205)
    for judge in arguments.judges.split(","):
        _judge(arguments, _classifier(judge))

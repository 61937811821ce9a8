"""Fit what Keep's search expects of photos, and print codecs/keep_constants.py.

python tests/benchmarks/fit_keep.py FOLDER --labels tune.csv --photos 120 --candidates 32 > constants.py

Every other photo is taken as the classifier crops it, the others whole. For each, candidates are drawn at
random; their sizes and the guide's losses are what is fitted: the mean by least squares, the rest by the
likelihood of the photos' own differences from it.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from keepsight.app.engine.data import open_data
from keepsight.app.engine.sweep import shuffled
from keepsight.codecs import keep_search
from keepsight.codecs.base import Pixels
from keepsight.codecs.keep import Keep, KeepOptions
from keepsight.codecs.keep_model import Array, Process, terms
from keepsight.models import judges
from keepsight.models.catalog import find_card
from keepsight.models.guides import ClassifierGuide

Rows = list[tuple[Array, Array]]
"""Of each photo: places (n, 4) and values (n,)."""


def main() -> None:
    """Print the constants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--candidates", type=int, default=40)
    parser.add_argument("--guide", default="imagenet")
    asked = parser.parse_args()
    card = find_card(asked.guide)
    judge = judges.load(card)
    rng = np.random.default_rng(0)
    sizes: Rows = []
    losses: Rows = []
    for number, item in enumerate(
        shuffled(open_data(asked.folder, card, asked.labels).items, 0)[: asked.photos]
    ):
        pixels, cropped = item.load().pixels, number % 2 == 0
        if cropped:
            pixels = card.prepare(pixels)
        guide = ClassifierGuide(pixels, [judge], "learned", cropped=cropped)
        search = _drawn(pixels, guide, asked.candidates, rng)
        places = search.coordinates(list(search.tried))
        tried = list(search.tried.values())
        sizes.append((places, np.log([float(len(one.data)) for one in tried])))
        losses.append((places, np.log(np.array([one.loss for one in tried]) + keep_search.FLOOR)))
    print('"""What Keep\'s search expects of photos, as tests/benchmarks/fit_keep.py fitted it."""\n')
    print("from keepsight.codecs.keep_model import Process\n")
    for name, rows in (("BYTES", sizes), ("LOSS", losses)):
        process = _fitted(rows)
        print(f"{name} = Process(")
        print(f"    mean=({', '.join(f'{value:.4f}' for value in process.mean)}),")
        print(f"    amplitude={process.amplitude:.3f},")
        print(f"    lengths=({', '.join(f'{value:.3f}' for value in process.lengths)}),")
        print(f"    offset={process.offset:.3f},")
        print(f"    noise={process.noise:.3f},")
        print(")")


def _drawn(
    pixels: Pixels, guide: ClassifierGuide, count: int, rng: np.random.Generator
) -> keep_search.Search:
    """Return a search that has tried candidates drawn at random."""
    search = Keep().begin(pixels, KeepOptions(), guide)
    search.attempt([search.places[at] for at in rng.permutation(len(search.places))[:count]])
    return search


def _fitted(rows: Rows) -> Process:
    places = np.concatenate([one for one, _ in rows])
    values = np.concatenate([one for _, one in rows])
    mean = tuple(np.linalg.lstsq(terms(places), values, rcond=None)[0].tolist())
    least = minimize(
        _cost(rows, mean),
        np.log([0.6, 0.7, 0.8, 1.5, 1.0, 0.2]),
        method="Nelder-Mead",
        options={"maxiter": 400},
    )
    return _process(mean, np.exp(least.x))


def _process(mean: tuple[float, ...], values: Array) -> Process:
    amplitude, size, quality, blur, offset, noise = (float(value) for value in values)
    return Process(mean, amplitude, (size, quality, blur), offset, noise)


def _cost(rows: Rows, mean: tuple[float, ...]) -> Callable[[Array], float]:
    """Return the negative logarithm of the likelihood as a function of the logarithms of what is fitted."""

    def cost(logs: Array) -> float:
        process = _process(mean, np.exp(logs))
        total = 0.0
        for places, values in rows:
            known = process.covariance(places, places) + process.noise**2 * np.eye(len(places))
            lower = np.linalg.cholesky(known + 1e-9 * np.eye(len(places)))
            whitened = np.linalg.solve(lower, values - process.expected(places))
            total += float(whitened @ whitened) / 2 + float(np.log(np.diag(lower)).sum())
        return total

    return cost


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()

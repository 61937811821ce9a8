"""How near Keep's search comes to trying everything, and how long it takes.

python tests/benchmarks/bench_keep.py [--photos 8] [--folder FOLDER --labels tune.csv]

Costs are bytes + λ · loss, of the candidate that the search chose over the least of all candidates. For
strangers (`reader` any) losses are smoothed by what all candidates lose. Times are medians of encodes with a
new guide each; the map and the original's own prediction are in them. The slider of λ asks one guide: there
and back over 20 places.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from keepsight.app.engine.data import open_data
from keepsight.app.engine.sweep import shuffled
from keepsight.codecs import registry
from keepsight.codecs.base import Pixels
from keepsight.codecs.keep import Keep, KeepOptions
from keepsight.codecs.keep_search import Search
from keepsight.models import judges
from keepsight.models.catalog import find_card
from keepsight.models.guides import ClassifierGuide
from keepsight.models.types import Judge

LAMBDAS = (300, 1000, 3000, 10_000, 30_000, 100_000)
KEEP = Keep()


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default="samples")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--photos", type=int, default=8)
    asked = parser.parse_args()
    judge = judges.load(find_card("imagenet"))
    items = shuffled(open_data(asked.folder, judge.card, asked.labels).items, 0)[: asked.photos]
    crops = [judge.card.prepare(item.load().pixels) for item in items]
    _guide(crops[0], judge).importance()  # the network of the map is loaded now
    print(f"{len(crops)} photos of {Path(asked.folder).name}, {judge.runtime}")
    for reader in ("guide", "any"):
        chosen, least = np.zeros((2, len(LAMBDAS)))
        for pixels in crops:
            here, best = _costs(pixels, judge, reader)
            chosen, least = chosen + here, least + best
        excess = zip(LAMBDAS, chosen / least - 1, strict=True)
        each = ", ".join(f"λ {lmbda:,}: {share:+.1%}" for lmbda, share in excess)
        in_all = chosen.sum() / least.sum() - 1
        print(f"reader {reader}, cost over that of trying all: {each}; {in_all:+.1%} in all")
    _times(crops, judge)
    _slider(crops, judge)


def _guide(pixels: Pixels, judge: Judge) -> ClassifierGuide:
    return ClassifierGuide(pixels, [judge], "learned", cropped=True)


def _costs(pixels: Pixels, judge: Judge, reader: str) -> tuple[np.ndarray, np.ndarray]:
    """Return for each λ the cost of what the search chose, and the least of all candidates."""
    options = KeepOptions.parse({"reader": reader})
    guide = _guide(pixels, judge)
    whole = KEEP.begin(pixels, options, guide)
    whole.attempt(whole.places)
    sizes = np.array([len(one.data) for one in whole.tried.values()], float)
    losses = whole.judged()
    chosen, least = [], []
    for lmbda in LAMBDAS:
        search: Search = KEEP.begin(pixels, options, guide)
        found = search.for_lambda(lmbda)
        (place,) = [place for place, one in search.tried.items() if one is found.chosen]
        costs = sizes + lmbda * losses
        chosen.append(costs[list(whole.tried).index(place)])
        least.append(costs.min())
    return np.array(chosen), np.array(least)


def _times(crops: list[Pixels], judge: Judge) -> None:
    """Print how long Keep and AVIF take, in the same run."""
    avif = registry.get("avif")
    encode, decode, other = [], [], []
    for pixels in crops:
        for lmbda in LAMBDAS[1:5:2]:
            started = time.perf_counter()
            data = KEEP.encode(pixels, KeepOptions(lmbda=lmbda), _guide(pixels, judge))
            encoded = time.perf_counter()
            KEEP.decode(data)
            decode.append(time.perf_counter() - encoded)
            encode.append(encoded - started)
        file = avif.encode(pixels, avif.options())
        started = time.perf_counter()
        avif.decode(file)
        other.append(time.perf_counter() - started)
    print(
        f"encode {np.median(encode):.2f} s; decode {1000 * np.median(decode):.1f} ms, "
        f"{np.median(decode) / np.median(other):.2f} of AVIF's {1000 * np.median(other):.1f} ms"
    )


def _slider(crops: list[Pixels], judge: Judge) -> None:
    """Print how long a place of the slider takes, the first time and once it is known."""
    there, back = [], []
    for pixels in crops:
        guide = _guide(pixels, judge)
        guide.importance(), guide.distortion([pixels])
        places = [KeepOptions(lmbda=float(lmbda)) for lmbda in np.geomspace(300, 30_000, 20)]
        for times, options in ((there, places), (back, places[::-1])):
            for one in options:
                started = time.perf_counter()
                KEEP.encode(pixels, one, guide)
                times.append(time.perf_counter() - started)
    first, again = 1000 * np.median(there), 1000 * np.median(back)
    print(f"slider of λ, a place: {first:.0f} ms the first time, {again:.1f} ms again")


if __name__ == "__main__":
    main()

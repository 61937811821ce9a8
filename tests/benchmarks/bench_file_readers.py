"""A classifier that reads files beside the one that reads pixels: accuracy by rate, and time.

python tests/benchmarks/bench_file_readers.py --reader scenes_jpeg --scenes 1000
"""

import argparse
import time

import numpy as np

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.file_reading import packed
from keepsight.app.engine.paired import mcnemar
from keepsight.app.engine.paths import time_paths
from keepsight.codecs import registry
from keepsight.codecs.base import Codec
from keepsight.codecs.options import Options
from keepsight.models import judges
from keepsight.models.catalog import FILE_READERS, find_card
from keepsight.models.file_inputs import FileKind
from keepsight.models.scenes import SPLITS, label_of, render

_FINER = {
    "jpeg": [],
    "block-average": [
        {"block": 2, "step": 8},
        {"block": 2, "step": 4, "dispersion": 3},
        {"block": 2, "step": 2, "chroma": 1, "dispersion": 4},
    ],
}
"""Settings beyond the codec's ladder."""
_BATCH = 8
_ROUNDS = 60


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=FILE_READERS, default=FILE_READERS[0])
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--split", choices=["test", "tune"], default="test")
    given = parser.parse_args()
    seeds = SPLITS[given.split][: given.scenes]
    pixel, reader = (judges.load(find_card(name), "cpu") for name in ("scenes", given.reader))
    reads = reader.card.reads
    assert reads != "pixels"
    codec = registry.get(reads)
    settings = [*codec.ladder(), *(codec.options(**one) for one in _FINER[reads])]
    accuracy(codec, reads, settings, seeds, pixel, reader)
    for options in settings:
        files = [codec.encode(render(seed).pixels, options) for seed in seeds[:_BATCH]]
        slow, fast = fastest_ms(files, codec, reads, pixel, reader)
        one, many = (time_paths(some, codec, pixel, reader) for some in (files[:1], files))
        print(
            f"{options.in_words():36s} one: pixels {one.decode_ms:.2f} + {one.pixels_ms:.2f} ms, file "
            f"{one.read_ms:.2f} + {one.file_ms:.2f} ms, {one.times_as_fast:.2f} times as fast; "
            f"batch of {_BATCH}: {many.times_as_fast:.2f}; at its fastest {slow:.2f} and {fast:.2f} ms, "
            f"{slow / fast:.2f} times as fast"
        )


def fastest_ms(
    files: list[bytes], codec: Codec, reads: FileKind, pixel: judges.Judge, reader: judges.Judge
) -> list[float]:
    """Return the shortest time of an image through pixels and without, which other work changes least."""
    ways = (
        lambda data: pixel.predict(codec.decode(data)[None]),
        lambda data: reader.predict(packed(data, reads)[None]),
    )
    taken = np.empty((_ROUNDS, 2, len(files)))
    for round_ in range(_ROUNDS):
        for number, data in enumerate(files):
            for place, way in enumerate(ways):
                started = time.perf_counter()
                way(data)
                taken[round_, place, number] = time.perf_counter() - started
    return [float(one) * 1000 for one in taken.min(0).mean(1)]


def accuracy(
    codec: Codec,
    reads: FileKind,
    settings: list[Options],
    seeds: range,
    pixel: judges.Judge,
    reader: judges.Judge,
) -> None:
    """Print how many are right of the decoded files, and of the files."""
    right = np.zeros((2, len(settings), len(seeds)), bool)
    sizes = np.zeros((len(settings), len(seeds)))
    plain = 0
    for column, seed in enumerate(seeds):
        pixels = render(seed).pixels
        files = [codec.encode(pixels, options) for options in settings]
        sizes[:, column] = [len(data) for data in files]
        seen = pixel.predict(np.stack([pixels, *(codec.decode(data) for data in files)]))
        read = reader.predict(np.stack([packed(data, reads) for data in files]))
        plain += int(seen[0].argmax() == label_of(seed))
        right[:, :, column] = [rows.argmax(1) == label_of(seed) for rows in (seen[1:], read)]
    print(f"{len(seeds)} unseen scenes; accuracy with 95 % intervals; p of McNemar's test")
    print(f"uncompressed pixels {plain / len(seeds):.3f}")
    for row, options in enumerate(settings):
        told = [wilson(int(one.sum()), len(seeds)) for one in right[:, row]]
        words = "  ".join(f"{one.value:.3f} ({one.low:.3f}-{one.high:.3f})" for one in told)
        outcomes = [dict(zip(map(str, seeds), map(bool, one), strict=True)) for one in right[:, row]]
        p = mcnemar(*outcomes).p
        print(f"{options.in_words():36s} {sizes[row].mean():7.0f} bytes  pixels, file: {words}  p {p:.2g}")


if __name__ == "__main__":
    main()

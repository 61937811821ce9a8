"""A classifier that reads JPEG files beside the one that reads pixels: accuracy by quality, and time.

python tests/benchmarks/bench_file_readers.py --scenes 1000
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.file_reading import packed
from keepsight.app.engine.paired import mcnemar
from keepsight.codecs import registry
from keepsight.models import judges
from keepsight.models.catalog import find_card
from keepsight.models.scenes import SPLITS, label_of, render

_ROUNDS = 40


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000)
    seeds = SPLITS["test"][: parser.parse_args().scenes]
    pixel, reader = (judges.load(find_card(name), "cpu") for name in ("scenes", "scenes_jpeg"))
    jpeg = registry.get("jpeg")
    ladder = jpeg.ladder()
    right = np.zeros((2, len(ladder), len(seeds)), bool)
    sizes = np.zeros((len(ladder), len(seeds)))
    for column, seed in enumerate(seeds):
        pixels = render(seed).pixels
        files = [jpeg.encode(pixels, options) for options in ladder]
        sizes[:, column] = [len(data) for data in files]
        seen = pixel.predict(np.stack([jpeg.decode(data) for data in files]))
        read = reader.predict(np.stack([packed(data, "jpeg") for data in files]))
        right[:, :, column] = [rows.argmax(1) == label_of(seed) for rows in (seen, read)]
    print(f"{len(seeds)} unseen scenes; accuracy with 95 % intervals; p of McNemar's test")
    for row, options in enumerate(ladder):
        told = [wilson(int(one.sum()), len(seeds)) for one in right[:, row]]
        words = "  ".join(f"{one.value:.3f} ({one.low:.3f}-{one.high:.3f})" for one in told)
        outcomes = [dict(zip(map(str, seeds), map(bool, one), strict=True)) for one in right[:, row]]
        p = mcnemar(*outcomes).p
        print(f"{options.in_words():28s} {sizes[row].mean():7.0f} bytes  pixels, file: {words}  p {p:.2g}")
    times(
        [jpeg.encode(render(seed).pixels, jpeg.options(quality=45)) for seed in seeds[:8]],
        lambda files: pixel.predict(np.stack([jpeg.decode(data) for data in files])),
        lambda files: reader.predict(np.stack([packed(data, "jpeg") for data in files])),
    )


def times(files: list[bytes], seen: Callable, read: Callable) -> None:
    """Print medians from bytes to class; the two take turns."""
    for batch in (1, len(files)):
        taken = np.zeros((2, _ROUNDS))
        for round_ in range(_ROUNDS):
            for place, path in enumerate((seen, read)):
                started = time.perf_counter()
                path(files[:batch])
                taken[place, round_] = (time.perf_counter() - started) * 1000 / batch
        a, b = np.median(taken, axis=1)
        print(f"batch of {batch}: pixels {a:.2f} ms, file {b:.2f} ms an image: {a / b:.2f} times as fast")


if __name__ == "__main__":
    main()

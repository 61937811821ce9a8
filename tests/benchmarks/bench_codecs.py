"""Codecs: time and size at their default options, on the labelled scenes, beside JPEG in the same run.

Run: python tests/benchmarks/bench_codecs.py [--repeats 20]

One thread encodes and decodes, as everywhere in Keepsight. "Hold" is the longest time for which another
Python thread stood still while the codec ran: what the window would feel.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

from keepsight.codecs import registry
from keepsight.codecs.base import Codec, Pixels
from keepsight.models.scenes import render

Result = TypeVar("Result")


def pictures() -> dict[str, Pixels]:
    """Return one scene, and 252 of them side by side cropped to 4000 x 3000."""
    scenes = [render(seed).pixels for seed in range(252)]
    rows = [np.concatenate(scenes[i : i + 18], axis=1) for i in range(0, 252, 18)]
    return {"224 × 224": scenes[0], "4000 × 3000": np.concatenate(rows)[:3000, :4000].copy()}


def seconds(work: Callable[[], Result], repeats: int) -> tuple[float, Result]:
    """Return the median time of the work, and what it returned."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def longest_hold(work: Callable[[], object]) -> float:
    """Return the longest time, in seconds, for which this thread stood still beside the work."""
    worker = threading.Thread(target=work)
    longest, last = 0.0, time.perf_counter()
    worker.start()
    while worker.is_alive():
        time.sleep(0.0005)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


def measure(codec: Codec, pixels: Pixels, repeats: int) -> tuple[float, float, int, float]:
    """Return encode seconds, decode seconds, bytes and hold."""
    options = codec.options()
    encode_s, data = seconds(lambda: codec.encode(pixels, options), repeats)
    decode_s, _ = seconds(lambda: codec.decode(data), repeats)
    hold = longest_hold(lambda: codec.decode(codec.encode(pixels, options)))
    return encode_s, decode_s, len(data), hold


def main() -> None:
    """Print one table per size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20, help="runs of each codec on the small picture")
    repeats = parser.parse_args().repeats
    for size, pixels in pictures().items():
        runs = repeats if pixels.size < 1e6 else 3
        table = Table(title=f"{size}, median of {runs}")
        for column in (
            "codec",
            "options",
            "encode ms",
            "× JPEG",
            "decode ms",
            "× JPEG",
            "bytes",
            "× JPEG",
            "hold ms",
        ):
            table.add_column(column, justify="left" if column in ("codec", "options") else "right")
        jpeg = measure(registry.get("jpeg"), pixels, runs)
        for codec in registry.all_codecs().values():
            figures = jpeg if codec.id == "jpeg" else measure(codec, pixels, runs)
            encode, decode, count, hold = figures
            against = [f"{own / other:.2f}" for own, other in zip(figures, jpeg, strict=True)]
            table.add_row(
                codec.label,
                codec.options().in_words(),
                f"{1e3 * encode:.1f}",
                against[0],
                f"{1e3 * decode:.1f}",
                against[1],
                f"{count}",
                against[2],
                f"{1e3 * hold:.0f}",
            )
        Console(width=120).print(table)


if __name__ == "__main__":
    main()

"""Damage files of Keepsight's own formats and see that decoding gives pixels or raises BitstreamError.

Run: python tests/fuzz/fuzz_bitstreams.py --files 100000
Every mutation follows from the seed. It ends with 1, and keeps the file, if anything else was raised, a file
took over a second, or a decoder died.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from pathlib import Path

import numpy as np

from keepsight.codecs import base, container, registry
from keepsight.codecs.base import BitstreamError

LIMIT_S = 1.0
MAX_PIXELS = 1_000_000
"""In place of the program's own limit, so that a lie about the size costs no seconds."""
_PIPELINES = ("downscale:factor=2+jpeg", "downscale:method=nearest+av1", "downscale:factor=3+block-average")


def seeds(rng: np.random.Generator) -> list[tuple[str, bytes]]:
    """Return (codec id, file) of small images, for every format of our own and pipelines that hold one."""
    own = [c.id for c in registry.all_codecs().values() if not c.standard and c.tag]
    found = []
    for codec_id in [*own, *_PIPELINES]:
        codec = registry.get(codec_id)
        for height, width in ((1, 1), (7, 40), (64, 48)):
            coarse = rng.integers(0, 256, (-(-height // 8), -(-width // 8), 3), np.uint8)
            pixels = coarse.repeat(8, 0).repeat(8, 1)[:height, :width]
            pixels = (pixels * 0.8 + rng.integers(0, 50, pixels.shape)).astype(np.uint8)
            for options in (codec.ladder()[0], codec.options(), codec.ladder()[-1]):
                found.append((codec_id, codec.encode(pixels, options)))
    return found


def mutated(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Return a copy with bytes changed, and a part lost, doubled or of another file, or its end cut off."""
    file = bytearray(data)
    for _ in range(int(rng.geometric(0.4))):
        near = min(len(file), 40 if rng.random() < 0.5 else len(file))
        file[int(rng.integers(near))] = int(rng.integers(256))
    start, stop = sorted(int(n) for n in rng.integers(0, len(file), 2))
    match int(rng.integers(6)):
        case 0:
            del file[start:stop]
        case 1:
            file[start:stop] = file[start:stop] * 2
        case 2:
            file[start:stop] = other[start:stop]
        case 3:
            del file[start:]
    # Half of them get a checksum that is right, or nothing behind it would ever be tried.
    if rng.random() < 0.5 and len(file) > container.SIZE + container.SEAL:
        return container.seal(bytes(file[: -container.SEAL]))
    return bytes(file)


def _work(seed: int, first: int, files: int, current: "multiprocessing.Queue[tuple[str, object]]") -> None:
    """Decode files `first` to `first + files`; report failures and the peak of memory."""
    base.MAX_PIXELS = MAX_PIXELS
    originals = seeds(np.random.default_rng(seed))
    for codec_id, data in originals:
        registry.get(codec_id).decode(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest, refused = 0.0, 0
    for number in range(first, first + files):
        rng = np.random.default_rng([seed, number])
        codec_id, data = originals[int(rng.integers(len(originals)))]
        file = mutated(data, originals[int(rng.integers(len(originals)))][1], rng)
        started = time.perf_counter()
        try:
            registry.get(codec_id).decode(file)
        except BitstreamError:
            refused += 1
        except Exception as error:  # what this program looks for
            current.put(("failure", (codec_id, number, repr(error), file)))
        took = time.perf_counter() - started
        slowest = max(slowest, took)
        if took > LIMIT_S:
            current.put(("failure", (codec_id, number, f"took {took:.1f} s", file)))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    current.put(("done", (refused, slowest, grown / 1024)))


def main() -> int:
    """Run the fuzz in processes of its own, so that a decoder that crashes is seen."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"), help="folder for files that fail")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    share = -(-arguments.files // (processes := multiprocessing.cpu_count()))
    queue = context.Queue()
    workers = [
        context.Process(target=_work, args=(arguments.seed, number * share, share, queue))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    done, failures = [], 0
    while len(done) < processes:
        if queue.empty() and any(worker.exitcode for worker in workers):
            print("A decoder ended the process.")
            return 1
        if queue.empty():
            time.sleep(0.2)
            continue
        kind, found = queue.get()
        if kind == "done":
            done.append(found)
            continue
        failures += 1
        codec_id, number, what, file = found
        arguments.keep.mkdir(exist_ok=True)
        (arguments.keep / f"{number}.bin").write_bytes(file)
        print(f"{codec_id}, file {number}: {what}")
    refused = sum(found[0] for found in done)
    print(
        f"{processes * share:,} files, seed {arguments.seed}: {refused:,} refused, the others decoded; "
        f"{failures} failures; slowest {max(found[1] for found in done) * 1000:.0f} ms; memory grew by "
        f"{max(found[2] for found in done):.0f} MB with a limit of {MAX_PIXELS // 10**6} megapixel"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""The store: bytes a row, rows kept a second, curves with bands and the report of a million rows.

Run: python tests/benchmarks/bench_store.py [--photos 10000] [--settings 100] [--folder DIR]

Rows are made up, with figures that differ as measured ones do, and come as in a sweep: photo by photo, in
small batches. Seconds of the clock and of the processor; on a busy machine, the clock tells of the others.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from keepsight.app.engine.curves import CurveBuilder
from keepsight.app.engine.findings import all_findings
from keepsight.app.engine.report import write_report
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement

BATCH = 32
"""Rows that a sweep keeps at once, on a CPU."""
REPEATS = 5
CODECS = ("jpeg", "webp", "avif", "jpegxl", "jpeg2000", "av1", "block-average", "weighted-jpeg", "roi-jpeg")


def made_up(photo: int, settings: int, rng: random.Random) -> list[Measurement]:
    """Return the rows of one photo; the first is that of the uncompressed image."""
    key, label = rng.randbytes(32).hex(), rng.randrange(1000)
    ease = rng.random()
    return [
        Measurement(
            photo=key,
            name=f"ILSVRC2012_val_{photo:08}.JPEG",
            label=label,
            codec=CODECS[place % len(CODECS)] if place else ORIGINAL,
            codec_version=1,
            options=f'{{"quality":{place},"chroma":"4:2:0","optimize":true}}' if place else "{}",
            protocol="crop",
            classifier="c0ffee" * 10,
            guide="",
            pixels=50176,
            bytes=int((500 + 400 * place) * (0.5 + rng.random())),
            top1=rng.randrange(1000),
            agrees=rng.random() < 0.8,
            correct1=ease * (place / settings if place else 1) > 0.1 + 0.1 * rng.random(),
            correct5=rng.random() < 0.9,
            p_true=rng.random(),
            p_kept=rng.random(),
            kl=rng.random(),
            psnr=20 + 20 * rng.random(),
            ssim=rng.random(),
            ms_ssim=rng.random(),
            encode_s=rng.random(),
            decode_s=rng.random(),
            classify_s=rng.random(),
        )
        for place in range(settings)
    ]


def batches(photos: int, settings: int) -> Iterator[list[Measurement]]:
    """Yield the rows of all photos, as many at once as a sweep does."""
    rng = random.Random(0)
    waiting: list[Measurement] = []
    for photo in range(photos):
        waiting += made_up(photo, settings, rng)
        while len(waiting) >= BATCH:
            yield waiting[:BATCH]
            del waiting[:BATCH]
    yield waiting


def timed(label: str, work: Callable[[], object], repeats: int = REPEATS) -> None:
    """Print the median and the least time of several runs."""
    clock, processor = [], []
    for _ in range(repeats):
        started, worked = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    print(
        f"{label}: median {statistics.median(clock):.2f} s, least {min(clock):.2f} s; "
        f"processor {statistics.median(processor):.2f} s, least {min(processor):.2f} s"
    )


def main() -> None:
    """Fill a store and read curves from it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--settings", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="where the store is made, for its disk")
    parser.add_argument("--row-by-row", action="store_true", help="compare with reading all rows; takes long")
    asked = parser.parse_args()
    with TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "rows.sqlite"
        spent = rows = 0.0
        with Store(path) as store:
            for batch in batches(asked.photos, asked.settings):
                started = time.perf_counter()
                store.add(batch)
                spent += time.perf_counter() - started
                rows += len(batch)
        size = path.stat().st_size
        print(
            f"{rows:,.0f} rows: {size / 1e6:.1f} MB, {size / rows:.0f} bytes a row; "
            f"{rows / spent:,.0f} rows kept a second"
        )
        timed("open", lambda: Store(path).close())
        with Store(path) as store:
            study = store.studies()[0]
            timed("list of studies", store.studies)
            timed("curves with bands", lambda: store.curves(study.protocol, study.classifier))
            timed("uncompressed", lambda: store.uncompressed(study.protocol, study.classifier))
            key = made_up(0, 1, random.Random(0))[0].photo
            timed("rows of one photo", lambda: store.get(key, study.protocol, study.classifier))
            found = all_findings(store)  # the first takes the imports on itself
            page = Path(folder) / "report.html"
            timed("figures of the report", lambda: all_findings(store), 1)
            timed("page of the report", lambda: write_report(page, found, path.name), 1)
            told = [type(delta).__name__ for delta in found[0].deltas]
            print(f"the report is {page.stat().st_size / 1e3:.0f} kB; {told.count('Delta')} BD-rates")
            if asked.row_by_row:
                started = time.perf_counter()
                CurveBuilder(store.rows(study.protocol, study.classifier)).curves()
                print(f"the same curves row by row: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()

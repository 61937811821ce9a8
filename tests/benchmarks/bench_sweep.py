"""How fast a sweep is: beside the script that one would write without it, and beside what the cores can do.

All on the same photos, settings and classifier, protocol crop. `KEEPSIGHT_SHARED` gives labelled photos;
without it they are the samples and rendered scenes.
"""

import argparse
import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import timm
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import nn
from torchvision.transforms import v2

from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Setting
from keepsight.models import judges, scenes
from keepsight.models.cards import Card
from keepsight.models.catalog import find_card
from keepsight.models.checkpoints import fit, read_tensors
from keepsight.models.types import Judge

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
BATCH = 32


@dataclass(frozen=True)
class Took:
    """What some work took for each image that was classified."""

    wall_s: float
    cpu_s: float


def photo_files(count: int, folder: Path) -> list[Path]:
    """Return photos on the disk: the shared ones, or the samples and, written into `folder`, scenes."""
    if shared := os.environ.get("KEEPSIGHT_SHARED"):
        found = sorted(Path(shared, "data", "imagenet500").rglob("*.jpg"))
        found += sorted(Path(shared, "data", "imagenet500").rglob("*.JPEG"))
        return random.Random(0).sample(found, count)
    files = [sample.path for sample in SAMPLES][:count]
    for seed in scenes.SPLITS["test"][: count - len(files)]:
        files.append(folder / f"{seed}.png")
        Image.fromarray(scenes.render(seed).pixels).save(files[-1])
    return files


def plain_network(card: Card) -> nn.Module:
    """Return the classifier as timm makes it."""
    assert card.weights is not None
    network = timm.create_model(card.architecture, num_classes=len(card.class_names), **card.arguments)
    fit(network, read_tensors(card.weights), len(card.class_names), by_order=card.match == "order")
    return network.eval()


def plain_script(files: Sequence[Path], settings: Sequence[Setting], card: Card, network: nn.Module) -> int:
    """Classify what each setting leaves of each photo, one after the other; return how many were kept."""
    crop = v2.Compose([v2.Resize(card.resize), v2.CenterCrop(card.crop)])
    normalise = v2.Compose(
        [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(card.mean, card.std)]
    )
    rows = []
    with torch.no_grad():
        for path in files:
            photo = crop(Image.open(path).convert("RGB"))
            kept = int(network(normalise(photo)[None]).argmax())
            for setting in settings:
                file = io.BytesIO()
                photo.save(file, **pillow_arguments(setting))
                decoded = Image.open(file).convert("RGB")
                top1 = int(network(normalise(decoded)[None]).argmax())
                rows.append((path, setting, file.tell(), top1, top1 == kept))
    return sum(row[-1] for row in rows)


def pillow_arguments(setting: Setting) -> dict[str, object]:
    """Return what Pillow calls the options of a setting."""
    options = setting.options.model_dump()
    names = {
        "jpeg": {
            "quality": "quality",
            "chroma": "subsampling",
            "optimize": "optimize",
            "progressive": "progressive",
        },
        "webp": {"quality": "quality", "method": "method"},
        "avif": {"quality": "quality", "chroma": "subsampling", "speed": "speed"},
    }[setting.codec]
    return {"format": setting.codec, **{names[name]: options[name] for name in names}}


def keepsight(items: Sequence[Item], settings: Sequence[Setting], judge: Judge, store: Store | None) -> int:
    """Sweep, and return how many images were classified."""
    rows = sweep(items, settings, judge, protocol="crop", seed=0, store=store, batch=BATCH)
    measured = [row for some in rows for row in some]
    assert not any(row.error for row in measured), next(row.error for row in measured if row.error)
    return len(measured)


def coded(crops: Sequence[np.ndarray], settings: Sequence[Setting]) -> list[np.ndarray]:
    """Encode and decode, bare."""
    return [encode_decode(crop, setting).pixels for crop in crops for setting in settings]


def classified(images: Sequence[np.ndarray], judge: Judge) -> int:
    """Classify in batches, bare."""
    for start in range(0, len(images), BATCH):
        judge.predict(np.stack(images[start : start + BATCH]))
    return len(images)


def took(work: Callable[[], object], images: int) -> Took:
    """Time a piece of work."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took((time.perf_counter() - wall) / images, (time.process_time() - cpu) / images)


def one_round(
    files: Sequence[Path], settings: Sequence[Setting], judge: Judge, network: nn.Module, folder: Path
) -> dict[str, Took]:
    """Time everything once, side by side."""
    items = [item for path in files for item in open_data(path).items]
    crops = [judge.card.prepare(item.load().pixels) for item in items]
    images = len(items) * (1 + len(settings))
    found = {"plain script": took(lambda: plain_script(files, settings, judge.card, network), images)}
    found["sweep"] = took(lambda: keepsight(items, settings, judge, None), images)
    with Store(folder / f"{time.monotonic_ns()}.sqlite") as store:
        found["sweep with a store"] = took(lambda: keepsight(items, settings, judge, store), images)
    decoded = [*crops]
    found["codecs, bare"] = took(lambda: decoded.extend(coded(crops, settings)), images)
    found["classifier, bare"] = took(lambda: classified(decoded, judge), images)
    return found


def report(rounds: Sequence[dict[str, Took]], console: Console, what: str) -> None:
    """Print medians over the rounds, and ratios within each round."""
    for found in rounds:
        limit = (found["codecs, bare"].cpu_s + found["classifier, bare"].cpu_s) / CORES
        found["limit of the cores"] = Took(limit, limit * CORES)
    table = Table(title=what)
    for name in (
        "",
        "images/s",
        "ms of processor an image",
        "× plain script",
        "of the limit",
        "of the classifier",
    ):
        table.add_column(name, justify="right" if name else "left")
    for name in rounds[0]:
        cells = [
            statistics.median(1 / found[name].wall_s for found in rounds),
            statistics.median(1e3 * found[name].cpu_s for found in rounds),
            *(
                statistics.median(found[other].wall_s / found[name].wall_s for found in rounds)
                for other in ("plain script", "limit of the cores", "classifier, bare")
            ),
        ]
        table.add_row(
            name, f"{cells[0]:.1f}", f"{cells[1]:.2f}", f"{cells[2]:.2f}", *(f"{x:.0%}" for x in cells[3:])
        )
    console.print(table)


def main() -> None:
    """Print one table for all codecs and one for JPEG alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=16, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    console = Console(width=120)
    card = find_card("imagenet")
    judge = judges.load(card, "cpu")
    network = plain_network(card)
    console.print(
        f"{asked.photos} photos a round, {CORES} cores, {judge.runtime}, PyTorch {torch.__version__}"
    )
    with TemporaryDirectory() as place:
        for codecs, photos in ((["jpeg", "webp", "avif"], asked.photos), (["jpeg"], 3 * asked.photos)):
            files = photo_files(photos * asked.rounds, Path(place))  # as many images of one codec as of three
            settings = default_settings(codecs)
            one_round(files[:1], settings, judge, network, Path(place))  # everything is loaded once before
            rounds = []
            for number in range(asked.rounds):
                some = files[number * photos : (number + 1) * photos]
                rounds.append(one_round(some, settings, judge, network, Path(place)))
            report(
                rounds,
                console,
                f"{', '.join(codecs)}: {len(settings)} settings, medians of {asked.rounds} rounds",
            )


if __name__ == "__main__":
    sys.exit(main())

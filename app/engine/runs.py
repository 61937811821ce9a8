"""Which sweep filled a store: what it takes to do it again, and to read its times."""

import os
import platform
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.store import Store, StoreError
from keepsight.app.engine.types import Measurement, Protocol
from keepsight.models.types import Judge

_PACKAGES = ("keepsight", "numpy", "opencv-python-headless", "pillow", "imagecodecs", "constriction", "torch")
_PILLOWS = ("libjpeg_turbo", "webp", "avif")
"""Libraries of codecs that Pillow brings, by its names for them."""
_IMAGECODECS = ("libjpeg_turbo", "libwebp", "libavif", "openjpeg", "libjxl", "libspng")
"""Those that imagecodecs brings."""
_MOST_FAILURES = 50


class Run(BaseModel):
    """One sweep, as it began."""

    model_config = ConfigDict(frozen=True)

    started: str
    """ISO 8601, UTC."""
    command: str
    """The command line that measures the same; empty where there is none."""
    data: str
    """Where the photos came from, in the user's own words."""
    photos: int
    """How many were asked for."""
    seed: int
    protocol: Protocol
    fingerprint: str
    """`Card.fingerprint` of the judge."""
    classifier: str
    """Its name."""
    license: str
    """Of its weights."""
    source: str
    """Where they come from."""
    runtime: str
    """See `Judge.runtime`."""
    device: str
    guide: str
    """`Guiding.name`; empty where nobody guided."""
    guide_in_words: str
    machine: str
    """Processor, its logical cores, memory."""
    versions: dict[str, str]
    """Of the program, Python and libraries."""


def run_of(
    judge: Judge,
    guide: Guiding | None,
    protocol: Protocol,
    *,
    data: str,
    photos: int,
    seed: int,
    command: str = "",
) -> Run:
    """Describe a sweep that begins now on this machine; arguments as the fields of `Run`."""
    return Run(
        started=datetime.now(UTC).isoformat(timespec="microseconds"),
        command=command,
        data=data,
        photos=photos,
        seed=seed,
        protocol=protocol,
        fingerprint=judge.card.fingerprint,
        classifier=judge.card.name,
        license=judge.card.license,
        source=judge.card.source,
        runtime=judge.runtime,
        device=judge.device,
        guide=guide.name if guide else "",
        guide_in_words=guide.in_words if guide else "",
        machine=machine(),
        versions=versions(),
    )


def command_line(*words: str, **options: object) -> str:
    """Return a command of this program for a shell; options that are None are left out."""
    given = [
        (f"--{name.replace('_', '-')}", str(value)) for name, value in options.items() if value is not None
    ]
    return shlex.join(["keepsight", *words, *(word for pair in given for word in pair)])


def machine() -> str:
    """Return the processor's name, its logical cores and the memory, in words."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{_processor()}, {os.cpu_count()} logical cores, {memory:.0f} GiB memory, {platform.platform()}"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of the program, of Python, and of the libraries that code and classify."""
    import imagecodecs  # these two take half a second
    from PIL import features

    found = {"Python": sys.version.split()[0]} | {name: version(name) for name in _PACKAGES}
    inside = imagecodecs.version(dict)
    found |= {f"{name} (in Pillow)": str(features.version(name)) for name in _PILLOWS}
    return found | {f"{name} (in imagecodecs)": str(inside[name]) for name in _IMAGECODECS if name in inside}


@contextmanager
def noted(
    store: Store | None, run: Run | None, warn: Callable[[str], object]
) -> Iterator[Callable[[Sequence[Measurement]], None]]:
    """Note in the store that what is added meanwhile is of this run; give what wants to see all rows.

    At the end it notes what failed among them; `warn` hears a sentence where the store fails then.
    """
    failures: list[str] = []
    if store and run:
        store.begin(run.model_dump_json())
    try:
        yield lambda rows: failures.extend(row.error for row in rows if row.error)
    finally:
        if store:
            try:
                store.end(failures[:_MOST_FAILURES], len(failures))
            except StoreError as error:
                warn(str(error))

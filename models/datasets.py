"""Well-known data sets of photos by name: fetched once through torchvision, kept as a folder of photo files.

Of each, the photos are kept that are meant for tests. No torch here until one has to be fetched.
"""

import csv
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from keepsight.models.download import Progress, Wanted, download
from keepsight.models.errors import ModelError

LABELS = "labels.csv"
"""The file in a data set's folder that names its photos: columns file, and wnid or class_name."""

Archive = tuple[str, str, str]
"""Address, folder under torchvision's root, MD5."""


def _all(made: Any) -> Iterable[tuple[Any, int]]:
    return (made[index] for index in range(len(made)))


@dataclass(frozen=True)
class Dataset:
    """One data set, and how torchvision gives it out."""

    id: str
    label: str
    kind: str
    """Name of its class in `torchvision.datasets`."""
    archives: Callable[[Any], Iterable[Archive]]
    """What that class downloads, as it says itself."""
    arguments: Mapping[str, Any]
    """What that class is called with."""
    column: str = "class_name"
    """What its classes are, in the words of the labels file."""
    classes: str = "classes"
    """The attribute that lists them."""
    photos: Callable[[Any], Iterable[tuple[Any, int]]] = field(default=_all)
    """The photos, as a path or an image, each with the number of its class."""


def _in_one_archive(kind: Any) -> list[Archive]:
    return [(kind.url, "", kind.tgz_md5)]


DATASETS = {
    one.id: one
    for one in (
        Dataset(
            id="imagenette",
            label="Imagenette",
            kind="Imagenette",
            archives=lambda kind: [(url, "", md5) for url, md5 in [kind._ARCHIVES["full"]]],
            arguments={"split": "val", "loader": Path},
            column="wnid",
            classes="wnids",
        ),
        Dataset(
            id="cifar10",
            label="CIFAR-10",
            kind="CIFAR10",
            archives=_in_one_archive,
            arguments={"train": False},
        ),
        Dataset(
            id="stl10",
            label="STL-10",
            kind="STL10",
            archives=_in_one_archive,
            arguments={"split": "test"},
        ),
        Dataset(
            id="flowers102",
            label="Flowers102",
            kind="Flowers102",
            archives=lambda kind: [
                (kind._download_url_prefix + name, "flowers-102", md5)
                for name, md5 in kind._file_dict.values()
            ],
            arguments={"split": "test", "loader": Path},
        ),
        Dataset(
            id="oxford-pets",
            label="Oxford-IIIT Pet",
            kind="OxfordIIITPet",
            archives=lambda kind: [(url, "oxford-iiit-pet", md5) for url, md5 in kind._RESOURCES],
            arguments={"split": "test"},
            photos=lambda made: zip(made._images, made._labels, strict=True),
        ),
        Dataset(
            id="food101",
            label="Food-101",
            kind="Food101",
            archives=lambda kind: [(kind._URL, "", kind._MD5)],
            arguments={"split": "test", "loader": Path},
        ),
    )
}
"""By id, in the order in which they are named to people."""


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Return the folder of a data set's photos and `LABELS`; it is fetched where it is not there yet.

    The folder lies in the user's cache and appears only when it is complete. `progress` hears of each file
    that is downloaded, in bytes; an exception that it raises ends the work. Raises `ModelError`.
    """
    dataset = DATASETS[name]
    target = platformdirs.user_cache_path("keepsight") / "datasets" / name
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{name}.") as work:
            whole = Path(work, "whole")
            _keep_photos(dataset, Path(work, "fetched"), whole, progress)
            whole.replace(target)
    except OSError as error:
        if not target.is_dir():  # else another process was faster
            raise ModelError(
                f"The photos of {dataset.label} cannot be kept in “{target.parent}”: {error.strerror}."
            ) from None
    return target


def _keep_photos(dataset: Dataset, root: Path, whole: Path, progress: Progress | None) -> None:
    """Fetch into `root`, move the photos to `whole` and name them there. Raises `ModelError`, `OSError`."""
    made = _unpacked(dataset, root, progress)
    names = getattr(made, dataset.classes)
    whole.mkdir()
    with (whole / LABELS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", dataset.column])
        for number, (photo, label) in enumerate(dataset.photos(made)):
            if isinstance(photo, Path):
                name = photo.relative_to(root).as_posix()
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                photo.replace(whole / name)
            else:
                name = f"{number:05}.png"
                photo.save(whole / name)
            writer.writerow([name, names[label]])


def _unpacked(dataset: Dataset, root: Path, progress: Progress | None) -> Any:
    """Return torchvision's object of a data set. Raises `ModelError`, and `OSError` of the disk."""
    from torchvision import datasets

    kind = getattr(datasets, dataset.kind)
    wanted = Wanted(f"photos of {dataset.label}", "samples, scenes or a folder of yours")
    for url, folder, md5 in dataset.archives(kind):
        # Where torchvision looks for it: it finds the file intact and goes on to unpack it. Its own download
        # would wait for ever on a silent server, and leave half of a file.
        download(url, root / folder / url.rpartition("/")[2], progress=progress, md5=md5, wanted=wanted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy, about old pickles; they do no harm
            return kind(root, download=True, **dataset.arguments)
    except (RuntimeError, LookupError, ValueError, EOFError, tarfile.TarError) as error:
        raise ModelError(
            f"The photos of {dataset.label} were fetched, but torchvision cannot unpack them ({error}); "
            "nothing was kept. Update torchvision and try again."
        ) from None

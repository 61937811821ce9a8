"""Data sets fetched by torchvision's own classes, from a server on this machine."""

import csv
import hashlib
import io
import json
import os
import pickle
import signal
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
from PIL import Image
from scipy.io import savemat
from torchvision import datasets as torchvision_datasets

from keepsight.models import datasets
from keepsight.models.errors import ModelError

Files = dict[str, bytes]
RNG = np.random.default_rng(0)


def jpeg(side: int = 24) -> bytes:
    out = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (side, side, 3), np.uint8)).save(out, "JPEG")
    return out.getvalue()


def tarred(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def mat(**arrays: Any) -> bytes:
    out = io.BytesIO()
    savemat(out, arrays)
    return out.getvalue()


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class Site:
    """What the server shows, and the constants of torchvision that lead there."""

    def __init__(self, folder: Path, address: str, patch: Callable[[Any, str, Any], None]) -> None:
        self.folder, self.address, self._patch = folder, address, patch

    def offer(self, name: str, data: bytes) -> tuple[str, str]:
        (self.folder / name).write_bytes(data)
        return f"{self.address}/{name}", md5(data)

    def imagenette(self) -> None:
        names = ("n01440764/a.JPEG", "n01440764/b.JPEG", "n03888257/c.JPEG")
        files = {f"imagenette2/val/{name}": jpeg() for name in names}
        archive = self.offer(
            "imagenette2.tgz", tarred(files | {"imagenette2/train/n01440764/t.JPEG": jpeg()})
        )
        self._patch(torchvision_datasets.Imagenette, "_ARCHIVES", {"full": archive})

    def cifar10(self) -> None:
        batches = {f"data_batch_{n}": 2 for n in range(1, 6)} | {"test_batch": 3}
        files = {
            name: pickle.dumps(
                {"data": RNG.integers(0, 256, (count, 3072), np.uint8), "labels": list(range(count))}, 2
            )
            for name, count in batches.items()
        }
        files["batches.meta"] = pickle.dumps({"label_names": ["airplane", "automobile", "bird"]}, 2)
        kind = torchvision_datasets.CIFAR10
        lists = [[name, md5(data)] for name, data in files.items()]
        archive = {f"cifar-10-batches-py/{name}": data for name, data in files.items()}
        url, digest = self.offer("cifar-10-python.tar.gz", tarred(archive))
        self._patch(kind, "url", url)
        self._patch(kind, "tgz_md5", digest)
        self._patch(kind, "train_list", lists[:5])
        self._patch(kind, "test_list", lists[5:6])
        self._patch(kind, "meta", kind.meta | {"md5": lists[6][1]})

    def stl10(self) -> None:
        def pair(count: int) -> list[bytes]:
            pixels = RNG.integers(0, 256, (count, 3, 96, 96), np.uint8)
            return [pixels.tobytes(), bytes(range(1, count + 1))]

        train, test = pair(1), pair(2)
        files = dict(
            zip(("train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"), train + test, strict=True)
        )
        files["unlabeled_X.bin"] = pair(1)[0]
        files["class_names.txt"] = b"airplane\nbird\n"
        url, digest = self.offer(
            "stl10_binary.tar.gz", tarred({f"stl10_binary/{name}": data for name, data in files.items()})
        )
        kind = torchvision_datasets.STL10
        self._patch(kind, "url", url)
        self._patch(kind, "tgz_md5", digest)
        told = ("train_X.bin", "train_y.bin", "unlabeled_X.bin")
        self._patch(kind, "train_list", [[name, md5(files[name])] for name in told])
        self._patch(kind, "test_list", [[name, md5(files[name])] for name in ("test_X.bin", "test_y.bin")])

    def flowers102(self) -> None:
        self._patch(torchvision_datasets.Flowers102, "_download_url_prefix", f"{self.address}/")
        files = {
            "image": ("102flowers.tgz", tarred({f"jpg/image_0000{n}.jpg": jpeg() for n in (1, 2, 3, 4)})),
            "label": ("imagelabels.mat", mat(labels=[[1, 2, 1, 2]])),
            "setid": ("setid.mat", mat(trnid=[[1]], valid=[[2]], tstid=[[3, 4]])),
        }
        told = {key: (name, self.offer(name, data)[1]) for key, (name, data) in files.items()}
        self._patch(torchvision_datasets.Flowers102, "_file_dict", told)

    def oxford_pets(self) -> None:
        names = ("Abyssinian_201", "great_pyrenees_7")
        lists = {
            "test.txt": "".join(f"{name} {n} 1 1\n" for n, name in enumerate(names, 1)),
            "trainval.txt": "Abyssinian_1 1 1 1\n",
        }
        images = tarred({f"images/{name}.jpg": jpeg() for name in (*names, "Abyssinian_1")})
        notes = tarred({f"annotations/{name}": text.encode() for name, text in lists.items()})
        resources = [self.offer("images.tar.gz", images), self.offer("annotations.tar.gz", notes)]
        self._patch(torchvision_datasets.OxfordIIITPet, "_RESOURCES", resources)

    def food101(self) -> None:
        test = {"apple_pie": ["apple_pie/1"], "hot_dog": ["hot_dog/1", "hot_dog/2"]}
        files = {f"food-101/images/{name}.jpg": jpeg() for names in test.values() for name in names}
        files |= {f"food-101/meta/{split}.json": json.dumps(test).encode() for split in ("train", "test")}
        url, digest = self.offer("food-101.tar.gz", tarred(files))
        self._patch(torchvision_datasets.Food101, "_URL", url)
        self._patch(torchvision_datasets.Food101, "_MD5", digest)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    return tmp_path / "cache" / "datasets"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield Site(folder, f"http://127.0.0.1:{http.server_port}", monkeypatch.setattr)
    http.shutdown()
    http.server_close()
    thread.join()


EXPECTED = {
    "imagenette": [
        ("imagenette2/val/n01440764/a.JPEG", "n01440764"),
        ("imagenette2/val/n01440764/b.JPEG", "n01440764"),
        ("imagenette2/val/n03888257/c.JPEG", "n03888257"),
    ],
    "cifar10": [("00000.png", "airplane"), ("00001.png", "automobile"), ("00002.png", "bird")],
    "stl10": [("00000.png", "airplane"), ("00001.png", "bird")],
    "flowers102": [
        ("flowers-102/jpg/image_00003.jpg", "pink primrose"),
        ("flowers-102/jpg/image_00004.jpg", "hard-leaved pocket orchid"),
    ],
    "oxford-pets": [
        ("oxford-iiit-pet/images/Abyssinian_201.jpg", "Abyssinian"),
        ("oxford-iiit-pet/images/great_pyrenees_7.jpg", "Great Pyrenees"),
    ],
    "food101": [
        ("food-101/images/apple_pie/1.jpg", "apple_pie"),
        ("food-101/images/hot_dog/1.jpg", "hot_dog"),
        ("food-101/images/hot_dog/2.jpg", "hot_dog"),
    ],
}


@pytest.mark.parametrize("name", datasets.DATASETS)
def test_each_is_fetched_once_and_kept_as_photos(site: Site, cache: Path, name: str) -> None:
    getattr(site, name.replace("-", "_"))()
    heard: list[tuple[int, int]] = []
    folder = datasets.fetch(name, lambda done, total: heard.append((done, total)))
    sizes = {path.stat().st_size for path in site.folder.iterdir()}
    assert {total for _, total in heard} == sizes
    assert {done for done, total in heard if done == total} == sizes
    with (folder / datasets.LABELS).open(encoding="utf-8", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)]
    assert rows == [("file", datasets.DATASETS[name].column), *EXPECTED[name]]
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert kept == {datasets.LABELS, *(file for file, _ in EXPECTED[name])}
    for file, _ in EXPECTED[name]:
        with Image.open(folder / file) as photo:
            photo.load()
    assert [path.name for path in cache.iterdir()] == [name]
    for path in site.folder.iterdir():
        path.unlink()
    assert datasets.fetch(name) == folder


def test_pixels_of_pickled_photos_are_kept_exactly(site: Site) -> None:
    site.cifar10()
    folder = datasets.fetch("cifar10")
    with tarfile.open(site.folder / "cifar-10-python.tar.gz") as archive:
        member = archive.extractfile("cifar-10-batches-py/test_batch")
        assert member
        data = pickle.load(member)["data"]
    with Image.open(folder / "00001.png") as photo:
        assert (np.asarray(photo) == data[1].reshape(3, 32, 32).transpose(1, 2, 0)).all()


def _cut(path: Path) -> None:
    """Leave a shorter archive than the one that is expected."""
    path.write_bytes(path.read_bytes()[:-20])


def _other(path: Path) -> None:
    path.write_bytes(tarred({"imagenette2/val/n01440764/a.JPEG": jpeg()}))


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (_cut, r"The photos of Imagenette from 127.0.0.1:\d+ are not the expected ones \(wrong MD5\)"),
        (_other, r"not the expected ones \(wrong MD5\); nothing was kept"),
        (Path.unlink, r"does not give out the photos of Imagenette \(answer 404\)"),
    ],
)
def test_nothing_is_kept_of_a_bad_download(
    site: Site, cache: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    site.imagenette()
    harm(site.folder / "imagenette2.tgz")
    with pytest.raises(ModelError, match=sentence):
        datasets.fetch("imagenette")
    assert list(cache.iterdir()) == []
    site.imagenette()
    assert datasets.fetch("imagenette").is_dir()


def test_a_server_that_stops_half_way(site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.cifar10()

    def half(_: object, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(100))

    monkeypatch.setattr(Quiet, "copyfile", half)
    with pytest.raises(ModelError, match="broke off before its end; nothing was kept"):
        datasets.fetch("cifar10")
    assert list(cache.iterdir()) == []


def test_an_archive_that_torchvision_does_not_know(site: Site, cache: Path) -> None:
    site.imagenette()
    archive = site.offer("imagenette2.tgz", b"no archive, but with the right sum")
    site._patch(torchvision_datasets.Imagenette, "_ARCHIVES", {"full": archive})
    with pytest.raises(ModelError, match="torchvision cannot unpack them"):
        datasets.fetch("imagenette")
    site.cifar10()
    site._patch(torchvision_datasets.CIFAR10, "test_list", [["test_batch", "0" * 32]])
    with pytest.raises(ModelError, match="not found or corrupted"):
        datasets.fetch("cifar10")
    assert list(cache.iterdir()) == []


def test_without_a_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_datasets.Food101, "_URL", "http://127.0.0.1:1/food-101.tar.gz")
    with pytest.raises(
        ModelError, match=r"The photos of Food-101 must be fetched once from 127.0.0.1:1, which"
    ):
        datasets.fetch("food101")
    assert list(cache.iterdir()) == []


@pytest.fixture
def little_room() -> Iterator[Callable[[int], None]]:
    """Set the largest file that this process may write, in bytes: as a full disk, an `OSError`."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("share", [0.5, 2.0])
def test_no_room(site: Site, cache: Path, little_room: Callable[[int], None], share: float) -> None:
    """While the archive is fetched, and while it is unpacked."""
    site.imagenette()
    grey = io.BytesIO()
    Image.new("RGB", (4000, 3000)).save(grey, "BMP")  # large, in a small archive
    packed = tarred({"imagenette2/val/n01440764/large.jpeg": grey.getvalue()})
    archive = site.offer("imagenette2.tgz", packed)
    site._patch(torchvision_datasets.Imagenette, "_ARCHIVES", {"full": archive})
    little_room(int(share * len(packed)))
    with pytest.raises(
        ModelError, match=f"The photos of Imagenette cannot be kept in .*{cache.name}.*: File too"
    ):
        datasets.fetch("imagenette")
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_bytes(b"")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    with pytest.raises(ModelError, match=f"cannot be kept in .*: {os.strerror(20)}"):
        datasets.fetch("stl10")


def test_progress_can_stop_it(site: Site, cache: Path) -> None:
    site.imagenette()

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        datasets.fetch("imagenette", stop)
    assert list(cache.iterdir()) == []

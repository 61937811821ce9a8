"""Films are read back by other libraries than those that wrote them, or frame by frame."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from keepsight.app.engine.files import OutputError
from keepsight.app.engine.films import FILM_SUFFIXES, write_film
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Pixels

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def pictures(height: int = 60, width: int = 80) -> list[Pixels]:
    return [np.full((height, width, 3), colour, np.uint8) for colour in COLOURS]


def read(path: Path) -> tuple[list[Pixels], float]:
    """Return all frames of a film, and how many seconds it lasts."""
    if path.suffix == ".gif":
        with Image.open(path) as film:
            frames = [
                (np.asarray(one.convert("RGB")), one.info["duration"]) for one in ImageSequence.Iterator(film)
            ]
        return [frame for frame, _ in frames], sum(duration for _, duration in frames) / 1000
    reader = cv2.VideoCapture(str(path))
    found = []
    while True:
        there, frame = reader.read()
        if not there:
            break
        found.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    seconds = len(found) / reader.get(cv2.CAP_PROP_FPS)
    reader.release()
    return found, seconds


@pytest.mark.parametrize("suffix", FILM_SUFFIXES)
@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_every_picture_is_shown_for_its_time(tmp_path: Path, suffix: str, seconds: float) -> None:
    path = tmp_path / f"film{suffix}"
    assert list(write_film(path, pictures(), seconds)) == [1, 2, 3]
    frames, lasts = read(path)
    assert lasts == pytest.approx(3 * seconds)
    for place, colour in enumerate(COLOURS):
        frame = frames[place * len(frames) // 3]
        assert frame.shape == (60, 80, 3)
        assert np.abs(frame.astype(int) - colour).max() <= 12
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FILM_SUFFIXES)
def test_odd_and_different_sizes_get_a_rim(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    for _ in write_film(path, [pictures(61, 83)[0], pictures(50, 40)[1]], 1.0):
        pass
    frames, _ = read(path)
    assert frames[-1].shape == (62, 84, 3)
    assert frames[-1][55:, 50:].mean() < 20
    assert abs(int(frames[-1][20, 20, 1]) - 200) <= 12


@pytest.mark.parametrize("suffix", FILM_SUFFIXES)
def test_who_ends_early_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    path.write_bytes(b"before")
    writing = write_film(path, pictures(), 1.0)
    next(writing)
    writing.close()
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_small_accent_keeps_its_colour_beside_a_photo(tmp_path: Path) -> None:
    sample = next(sample for sample in SAMPLES if sample.name == "cat")
    picture = np.asarray(Image.open(sample.path).convert("RGB")).copy()
    accents = [(86, 180, 233), (240, 228, 66), (230, 159, 0)]
    for place, accent in enumerate(accents):
        picture[10:18, 20 * place : 20 * place + 8] = accent
    list(write_film(tmp_path / "film.gif", [picture], 1.0))
    frame = read(tmp_path / "film.gif")[0][0]
    for place, accent in enumerate(accents):
        assert np.abs(frame[14, 20 * place + 4].astype(int) - accent).max() <= 25


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """Let no file become longer than so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", FILM_SUFFIXES)
def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (4, 200, 200, 3), np.uint8)
    with little_room(9_000), pytest.raises(OutputError, match="cannot be written"):
        list(write_film(tmp_path / f"film{suffix}", list(noise), 1.0))
    assert not list(tmp_path.iterdir())


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"must end in \.gif or \.mp4"):
        list(write_film(tmp_path / "film.avi", pictures(), 1.0))


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    for suffix in FILM_SUFFIXES:
        with pytest.raises(OutputError, match="cannot be written"):
            list(write_film(tmp_path / "gone" / f"film{suffix}", pictures(), 1.0))

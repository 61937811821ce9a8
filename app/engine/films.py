"""Pictures one after the other as a file that moves: GIF, or MP4 with MPEG-4 Part 2 video."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from keepsight.app.engine.files import OutputError, whole_file
from keepsight.app.engine.types import Pixels

FILM_SUFFIXES = (".gif", ".mp4")
_FPS = 10
"""Of MP4, where each picture is repeated: players do not agree on slower ones."""


def write_film(path: Path, pictures: Sequence[Pixels], seconds: float) -> Iterator[int]:
    """Write pictures, (h, w, 3) uint8 sRGB, each shown for so many seconds; yield how many are done.

    Smaller ones get a black rim. Whoever ends the iteration early leaves no file. Raises `OutputError`.
    """
    check_film(path)
    height, width = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    size = height + height % 2, width + width % 2  # video has even sides
    write = _write_gif if path.suffix.lower() == ".gif" else _write_mp4
    with whole_file(path) as beside:
        yield from write(beside, pictures, size, seconds)


def check_film(path: Path) -> None:
    """Raise `OutputError` where the ending is none of a film."""
    if path.suffix.lower() not in FILM_SUFFIXES:
        raise OutputError(f"“{path}” must end in {' or '.join(FILM_SUFFIXES)}.")


def _write_gif(
    path: Path, pictures: Sequence[Pixels], size: tuple[int, int], seconds: float
) -> Iterator[int]:
    reduced = []
    for done, picture in enumerate(pictures, 1):
        # Median cut, the default, gives the few pixels of a codec's accent the colour of something else.
        image = Image.fromarray(_padded(picture, size))
        reduced.append(image.quantize(256, Image.Quantize.FASTOCTREE))
        yield done
    first, *others = reduced
    first.save(path, "GIF", save_all=True, append_images=others, duration=round(1000 * seconds), loop=0)


def _write_mp4(
    path: Path, pictures: Sequence[Pixels], size: tuple[int, int], seconds: float
) -> Iterator[int]:
    named = path.with_name(f"{path.name}.mp4")  # OpenCV goes by the ending
    repeats = max(1, round(seconds * _FPS))
    try:
        writer = cv2.VideoWriter(str(named), cv2.VideoWriter.fourcc(*"mp4v"), _FPS, size[::-1])
        try:
            for done, picture in enumerate(pictures, 1):
                frame = cv2.cvtColor(_padded(picture, size), cv2.COLOR_RGB2BGR)
                for _ in range(repeats):
                    writer.write(frame)
                yield done
        finally:
            writer.release()
        if _frames(named) != repeats * len(pictures):  # OpenCV does not tell
            raise OutputError(
                "The film cannot be written to its end. Make room on the disk, or choose another folder that "
                "you may write to."
            )
        named.replace(path)
    finally:
        named.unlink(missing_ok=True)


def _frames(path: Path) -> int:
    """Return how many frames a film has, 0 where it cannot be read."""
    reader = cv2.VideoCapture(str(path))
    try:
        return round(reader.get(cv2.CAP_PROP_FRAME_COUNT)) if reader.isOpened() else 0
    finally:
        reader.release()


def _padded(picture: Pixels, size: tuple[int, int]) -> Pixels:
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, size[0] - height), (0, size[1] - width), (0, 0)))

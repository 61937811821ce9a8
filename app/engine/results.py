"""What became of one photo, as files to keep: compressed, decoded, and a table of the figures."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keepsight.app.engine import naming
from keepsight.app.engine.files import OutputError, write_file
from keepsight.app.engine.types import Photo, Pixels, Setting, bits_per_pixel
from keepsight.codecs import registry

Classes = Sequence[tuple[str, float]]
"""Most probable classes with their probabilities, best first; empty where no classifier has read it."""

_TOP = 3
COLUMNS = (
    *("file", "decoded", "codec", "setting", "options", "bytes", "bits_per_pixel", "psnr_db", "ssim"),
    *(f"{name}_{place}" for place in range(1, _TOP + 1) for name in ("class", "p")),
)


@dataclass(frozen=True, eq=False)
class Result:
    """One file, what it decodes to, and what was found of it."""

    setting: Setting
    data: bytes
    pixels: Pixels
    """(H, W, 3), decoded from the file."""
    classes: Classes
    psnr: float | None
    """dB; None where it was not measured."""
    ssim: float | None


def save_results(folder: Path, photo: Photo, classes: Classes, results: Sequence[Result]) -> Path:
    """Write everything into a new folder within `folder`, and return it. Raises `OutputError`.

    There are the photo as PNG, for each result its file and its decoded image as PNG, and a CSV table with a
    row for each of them.
    """
    stem = naming.file_stem(photo.name)
    target = _new_folder(folder, stem)
    original = f"{stem}-original.png"
    _write_png(target / original, photo.pixels)
    rows = [_row(original, "", None, classes, photo.pixels)]
    for number, result in enumerate(results, 1):
        codec = registry.get(result.setting.codec)
        name = f"{stem}-{number}-{naming.file_stem(codec.id)}"
        write_file(target / f"{name}{codec.suffix}", result.data)
        _write_png(target / f"{name}-decoded.png", result.pixels)
        rows.append(
            _row(f"{name}{codec.suffix}", f"{name}-decoded.png", result, result.classes, photo.pixels)
        )
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_file(target / f"{stem}.csv", text.getvalue().encode())
    return target


def _new_folder(folder: Path, stem: str) -> Path:
    """Make "stem", or "stem-2" and so on where there is one, so that nothing is overwritten."""
    number = 1
    while True:
        target = folder / (stem if number == 1 else f"{stem}-{number}")
        try:
            target.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise OutputError(
                f"No folder can be made in “{folder}” ({error.strerror}). Choose one that you may write to."
            ) from None
        else:
            return target


def _write_png(path: Path, pixels: Pixels) -> None:
    png = registry.get("png")
    write_file(path, png.encode(pixels, png.options()))


def _row(file: str, decoded: str, result: Result | None, classes: Classes, pixels: Pixels) -> dict[str, str]:
    row = {"file": file, "decoded": decoded}
    if result is not None:
        size = len(result.data)
        row |= {
            "codec": result.setting.codec,
            "setting": result.setting.options.in_words(),
            "options": result.setting.options.to_json(),
            "bytes": str(size),
            "bits_per_pixel": f"{bits_per_pixel(size, pixels.shape[0] * pixels.shape[1]):.5f}",
            "psnr_db": "" if result.psnr is None else f"{result.psnr:.3f}",
            "ssim": "" if result.ssim is None else f"{result.ssim:.5f}",
        }
    for place, (name, probability) in enumerate(classes[:_TOP], 1):
        row |= {f"class_{place}": name, f"p_{place}": f"{probability:.5f}"}
    return row

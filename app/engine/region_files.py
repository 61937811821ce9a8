"""Regions kept beside their photos: `photo.roi.png`, the mask, and `photo.roi.json`, how it was made.

The mask is of 8 bits and of the photo's size: white inside. Where another program has made or changed it,
it stands for itself, and the JSON does not count.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError

from keepsight.app.engine import photos
from keepsight.app.engine.files import InputError, read_file, write_file
from keepsight.app.engine.region import Mask, Region, soft
from keepsight.app.engine.types import Photo
from keepsight.codecs.guide import RegionGuide

MASK, RULE = ".roi.png", ".roi.json"
"""Endings of the two files."""
_VERSION = 1


class RegionError(ValueError):
    """A region cannot be read. The message is a sentence that says what to do."""


class _Rule(BaseModel):
    """The JSON file."""

    model_config = ConfigDict(extra="ignore")

    version: int
    region: Region
    photo: str
    """`Photo.key`."""
    width: int
    height: int
    painted: bool
    """Whether a painted mask belongs to the region, which then is the mask itself."""
    mask: str
    """SHA-256 of the PNG file, hex."""


@dataclass(frozen=True, eq=False)
class SavedRegion:
    """What was kept of a region."""

    region: Region | None
    """How it was made; None where there is only a mask."""
    mask: Mask | None
    """(H, W) of the photo; None where there is only the rule."""
    note: str = ""
    """A sentence on what was found otherwise than expected."""


def beside(photo: Path) -> Path:
    """Return the name of the mask that belongs to a photo file."""
    return photo.with_name(photo.stem + MASK)


def is_mask(path: Path) -> bool:
    """Whether a file bears the name of a mask: then it is no photo of its own."""
    return path.name.lower().endswith(MASK)


def save(path: Path, photo: Photo, region: Region, mask: Mask, painted: bool) -> None:
    """Write the mask to `path`, which ends in `MASK`, and the rule beside it: each whole or not at all.

    `region` names the maps that it is made of, so that `Region.shown` is off. Raises `OutputError`.
    """
    buffer = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(buffer, "PNG")
    data = buffer.getvalue()
    height, width = mask.shape
    rule = _Rule(
        version=_VERSION,
        region=region,
        photo=photo.key,
        width=width,
        height=height,
        painted=painted,
        mask=hashlib.sha256(data).hexdigest(),
    )
    write_file(path, data)
    write_file(rule_of(path), rule.model_dump_json(indent=2).encode() + b"\n")


def rule_of(mask: Path) -> Path:
    """Return the name of the rule that belongs to a mask's file."""
    return mask.with_name(mask.name[: -len(MASK)] + RULE) if is_mask(mask) else mask.with_suffix(".json")


def load(path: Path, photo: Photo) -> SavedRegion:
    """Read a region for a photo from its mask, its rule or a picture of another program.

    Raises `RegionError` where it is damaged, of another size or of a newer version, `InputError` or
    `PhotoError` where a file cannot be read.
    """
    if path.name.lower().endswith(RULE):
        mask_path, rule_path = path.with_name(path.name[: -len(RULE)] + MASK), path
    elif path.suffix.lower() == ".json":
        mask_path, rule_path = path.with_suffix(".png"), path
    else:
        mask_path, rule_path = path, rule_of(path)
    rule = _read_rule(rule_path) if path == rule_path or rule_path.is_file() else None
    if path == rule_path and not mask_path.is_file():
        assert rule is not None
        return _without_mask(rule, rule_path, photo)
    data = read_file(mask_path)
    if rule is None or rule.mask != hashlib.sha256(data).hexdigest():
        note = (
            ""
            if rule is None
            else f"“{mask_path.name}” was changed by another program: it is taken as it is."
        )
        return SavedRegion(None, _read_mask(data, mask_path, photo), note)
    _check_size(rule.width, rule.height, rule_path, photo)
    mask = _read_mask(data, mask_path, photo)
    return SavedRegion(None if rule.painted else rule.region, mask, _other_photo(rule, rule_path, photo))


def load_guide(path: Path, photo: Photo) -> RegionGuide:
    """Read a region, with its soft edge, for encoders. Raises as `load`, and where its mask is missing."""
    saved = load(path, photo)
    if saved.mask is None:
        raise RegionError(f"The mask that belongs to “{path}” is missing. Put it back beside it.")
    return RegionGuide(soft(saved.mask, saved.region or Region(feather=0)))


def _without_mask(rule: _Rule, path: Path, photo: Photo) -> SavedRegion:
    if rule.painted:
        raise RegionError(
            f"The mask that belongs to “{path}” is missing. Put it back beside it, or draw the region anew."
        )
    _check_size(rule.width, rule.height, path, photo)
    return SavedRegion(rule.region, None, _other_photo(rule, path, photo))


def _other_photo(rule: _Rule, path: Path, photo: Photo) -> str:
    return "" if rule.photo == photo.key else f"The region in “{path.name}” was drawn on another picture."


def _read_rule(path: Path) -> _Rule:
    damaged = f"“{path}” is no region that Keepsight can read. Delete it: the mask beside it counts alone."
    try:
        content = json.loads(read_file(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise RegionError(damaged) from None
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > _VERSION:
        raise RegionError(f"“{path}” was written by a newer Keepsight. Update this one to use it.")
    try:
        return _Rule.model_validate(content)
    except ValidationError:
        raise RegionError(damaged) from None


def _read_mask(data: bytes, path: Path, photo: Photo) -> Mask:
    pixels = photos.from_bytes(data, path.name).pixels
    height, width = pixels.shape[:2]
    _check_size(width, height, path, photo)
    return np.asarray(pixels[..., 1] >= 128)


def _check_size(width: int, height: int, path: Path, photo: Photo) -> None:
    rows, columns = photo.pixels.shape[:2]
    if (width, height) != (columns, rows):
        raise RegionError(
            f"The region in “{path.name}” is of {width} × {height} pixels, the photo of {columns} × {rows}. "
            "Choose one that was made for this photo."
        )

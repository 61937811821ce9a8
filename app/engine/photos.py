"""Photo files to pixels: decoded once, upright, sRGB, 8 bits, opaque; the size is checked before."""

import hashlib
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from keepsight.app.engine.files import InputError, read_file
from keepsight.app.engine.types import Photo, Pixels
from keepsight.codecs import registry
from keepsight.codecs.base import MAX_PIXELS, BitstreamError

# Not Pillow's whole list: EPS would start another program, and most of the others are no photos.
_FORMATS = {
    "AVIF": {".avif"},
    "BMP": {".bmp"},
    "DIB": {".dib"},
    "GIF": {".gif"},
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
    "JPEG2000": {".jp2", ".j2k", ".j2c", ".jpf", ".jpx"},
    "PNG": {".png", ".apng"},
    "PPM": {".ppm", ".pgm", ".pbm", ".pnm"},
    "QOI": {".qoi"},
    "TGA": {".tga"},
    "TIFF": {".tif", ".tiff"},
    "WEBP": {".webp"},
}

SUFFIXES = frozenset({".jxl"}.union(*_FORMATS.values()))
"""Endings, in lower case, by which photos are found in a folder; one that is named itself may end anyhow."""

# What Pillow's readers raise on broken files besides OSError.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF tag Orientation (1 is upright)."""

_BAND = 256
"""Rows."""

_warnings_lock = threading.Lock()


class PhotoError(ValueError):
    """A photo cannot be read. The message is a sentence that says what to do."""


def load(path: Path, label: int | None = None, name: str | None = None) -> Photo:
    """Read a photo file of any name: its content decides. Raises `PhotoError`."""
    shown = name or path.name
    try:
        data = read_file(path)
    except InputError as error:
        raise PhotoError(str(error)) from None
    photo = from_bytes(data, shown)
    return from_pixels(photo.pixels, shown, label) if label is not None else photo


def from_bytes(data: bytes, name: str) -> Photo:
    """Decode a photo file; of an animation, its first frame. Raises `PhotoError`."""
    if not data:
        raise PhotoError(f"“{name}” is empty. Copy it again from where it came.")
    damaged = f"“{name}” is damaged or cut off. Copy it again from where it came."
    try:
        return from_pixels(_decode(data, name), name)
    except UnidentifiedImageError:
        pass
    except PhotoError:
        raise
    except _BROKEN:
        raise PhotoError(damaged) from None
    except MemoryError:
        raise PhotoError(f"There is too little memory to open “{name}”. Close other programs.") from None
    try:
        codec = registry.recognise(data)
    except BitstreamError:
        raise PhotoError(
            f"“{name}” is not a photo that Keepsight can read. Use JPEG, PNG, WebP, AVIF, TIFF or JPEG XL."
        ) from None
    try:
        return from_pixels(codec.decode(data), name)
    except BitstreamError:
        raise PhotoError(damaged) from None


def from_pixels(pixels: Pixels, name: str, label: int | None = None) -> Photo:
    """Name pixels, (H, W, 3) uint8 sRGB, by their content."""
    pixels = np.ascontiguousarray(pixels)
    digest = hashlib.sha256(f"{pixels.shape}".encode())
    digest.update(pixels.data)
    return Photo(name=name, pixels=pixels, key=digest.hexdigest(), label=label)


def thumbnail(pixels: Pixels, side: int = 96) -> Pixels:
    """Return the image scaled down so that its longer side is at most `side` pixels."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _decode(data: bytes, name: str) -> Pixels:
    with _open(data, name) as image:
        image.load()
        with _no_warnings():  # after the decoding, in which Pillow turns a TIFF by itself
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        flat = _to_rgb(image)
    if orientation in _UPRIGHT:
        flat = flat.transpose(_UPRIGHT[orientation])
    return _copied(flat)


def _copied(image: Image.Image) -> Pixels:
    """Return the pixels of an RGB image, band by band: Pillow lets no other thread work while it copies."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _BAND):
        below = min(image.height, top + _BAND)
        pixels[top:below] = np.asarray(image.crop((0, top, image.width, below)))
    return pixels


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Pillow warns about oddities that do no harm.

    The list of filters belongs to the whole process, hence the lock; the slow decoding stays outside.
    """
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is checked below
        yield


def _open(data: bytes, name: str) -> Image.Image:
    """Read the header only: the image is not decoded yet."""
    with _no_warnings():
        Image.init()  # registers the formats; free after the first time
        try:
            image = Image.open(io.BytesIO(data), formats=list(_FORMATS))
        except Image.DecompressionBombError:
            raise _too_large(name) from None
        if image.width * image.height > MAX_PIXELS:
            raise _too_large(name)
        if image.format != "PNG":  # of which this would decode the whole
            image.getexif()  # kept by the image: what is odd about it is not warned of later
    return image


def _too_large(name: str) -> PhotoError:
    limit = MAX_PIXELS // 1_000_000
    return PhotoError(f"“{name}” has more than {limit} megapixels. Scale it down and open that copy.")


def _to_rgb(image: Image.Image) -> Image.Image:
    """Return the image in mode RGB: sRGB, 8 bits, alpha flattened on white."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = _to_8_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode in {"P", "1"}:
        image = image.convert("RGB")
    if profile:
        image = _to_srgb(image, profile)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale grey of 16 bits or 32-bit numbers to 8 bits; the maximum tells what white those mean."""
    values = np.asarray(image, dtype=np.float32)
    values = np.nan_to_num(values, posinf=0, neginf=0)
    whites = [1.0, 255.0, 65535.0] if image.mode == "F" else [65535.0]
    top = float(values.max())
    white = next((value for value in whites if top <= value), top)
    return Image.fromarray(np.rint(values.clip(0, white) * (255 / white)).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Apply an embedded ICC profile; one that is broken or of another colour space is left out."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image

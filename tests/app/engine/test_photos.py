"""Every kind of photo file, good and bad, becomes upright 8-bit sRGB pixels or one sentence."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from keepsight.app.engine import photos
from keepsight.app.engine.photos import PhotoError
from keepsight.app.engine.samples import SAMPLES
from keepsight.codecs import registry

HEIGHT, WIDTH = 20, 30


def _scene() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth colours that differ in every corner: easy for lossy codecs, telling for orientation."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([8 * x, 12 * y, 240 - 6 * x], axis=-1).astype(np.uint8)


def _file(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


SCENE = _scene()
IMAGE = Image.fromarray(SCENE)
GREY = IMAGE.convert("L")


def _close(pixels: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], tolerance: float = 0) -> None:
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected.astype(int)).max() <= tolerance


@pytest.mark.parametrize(
    ("kind", "how", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TGA", {}, 0),
        ("PPM", {}, 0),
        ("QOI", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95, "subsampling": 0}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 12),
        ("AVIF", {"quality": 100, "subsampling": "4:4:4"}, 6),
        ("JPEG2000", {}, 0),
    ],
)
def test_formats(kind: str, how: dict[str, Any], tolerance: int) -> None:
    _close(photos.from_bytes(_file(IMAGE, kind, **how), "photo").pixels, SCENE, tolerance)


@pytest.mark.parametrize("codec", list(registry.all_codecs()))
def test_files_of_every_codec_open_as_photos(codec: str) -> None:
    chosen = registry.get(codec)
    data = chosen.encode(SCENE, chosen.options())
    _close(photos.from_bytes(data, "photo").pixels, chosen.decode(data), 6)


def test_key_is_of_the_content() -> None:
    png = photos.from_bytes(_file(IMAGE, "PNG"), "a.png")
    tiff = photos.from_bytes(_file(IMAGE, "TIFF"), "b.tif")
    assert png.key == tiff.key
    assert png.key != photos.from_pixels(SCENE.reshape(WIDTH, HEIGHT, 3), "other shape").key
    assert png.key != photos.from_pixels(SCENE ^ 1, "other values").key


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])  # Pillow turns one of them by itself
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_upright(orientation: int, kind: str) -> None:
    stored = {
        1: SCENE,
        2: SCENE[:, ::-1],
        3: SCENE[::-1, ::-1],
        4: SCENE[::-1],
        5: SCENE.transpose(1, 0, 2),
        6: SCENE.transpose(1, 0, 2)[::-1],
        7: SCENE.transpose(1, 0, 2)[::-1, ::-1],
        8: SCENE.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = _file(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif)
    _close(photos.from_bytes(data, "photo").pixels, SCENE)


def test_16_bit_grey_is_scaled() -> None:
    values = np.linspace(0, 65535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)
    expected = np.repeat(np.rint(values / 257)[..., None], 3, axis=2).astype(np.uint8)
    for kind in ("PNG", "TIFF", "PPM"):
        _close(photos.from_bytes(_file(Image.fromarray(values), kind), "photo").pixels, expected)


def test_16_bit_colour_is_scaled() -> None:
    wide = SCENE.astype(np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in wide)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    _close(photos.from_bytes(_png(chunks), "photo").pixels, SCENE)


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e6])
def test_float_grey_is_scaled_to_its_white(white: float) -> None:
    values = np.linspace(0, white, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    pixels = photos.from_bytes(_file(Image.fromarray(values), "TIFF"), "photo").pixels
    assert pixels[0, 0, 0] == 0
    assert pixels[-1, -1, 0] == 255
    _close(pixels[..., 0], np.rint(values / white * 255).astype(np.uint8), 1)


def test_grey_and_bilevel() -> None:
    _close(photos.from_bytes(_file(GREY, "JPEG", quality=95), "g").pixels[..., 1], np.asarray(GREY), 8)
    bilevel = GREY.point(lambda v: 255 * (v > 100)).convert("1")
    expected = np.repeat(np.asarray(bilevel)[..., None], 3, axis=2).astype(np.uint8) * 255
    _close(photos.from_bytes(_file(bilevel, "PNG"), "b").pixels, expected)


def test_cmyk() -> None:
    cmyk = IMAGE.convert("CMYK")
    _close(photos.from_bytes(_file(cmyk, "TIFF"), "photo").pixels, SCENE, 2)
    _close(photos.from_bytes(_file(cmyk, "JPEG", quality=98, subsampling=0), "photo").pixels, SCENE, 25)


def test_palette_with_and_without_transparency() -> None:
    palette = IMAGE.quantize(32)
    _close(photos.from_bytes(_file(palette, "PNG"), "p").pixels, np.asarray(palette.convert("RGB")))
    transparent = bytes(range(32))
    pixels = photos.from_bytes(_file(palette, "PNG", transparency=transparent), "p").pixels
    opacity = np.asarray(palette)[..., None] / 255
    _close(pixels, np.rint(np.asarray(palette.convert("RGB")) * opacity + 255 * (1 - opacity)), 1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_lies_on_white(kind: str) -> None:
    alpha = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    alpha[:, WIDTH // 2 :] = 255
    image = Image.fromarray(np.concatenate([SCENE, alpha], axis=2))
    pixels = photos.from_bytes(
        _file(image, kind, **({"lossless": True} if kind == "WEBP" else {})), "a"
    ).pixels
    assert (pixels[:, : WIDTH // 2] == 255).all()
    _close(pixels[:, WIDTH // 2 :], SCENE[:, WIDTH // 2 :])


def test_grey_with_alpha() -> None:
    image = Image.merge("LA", [GREY, Image.new("L", GREY.size, 0)])
    assert (photos.from_bytes(_file(image, "PNG"), "la").pixels == 255).all()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_frame_of_an_animation(kind: str) -> None:
    red, blue = (Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("red", "blue"))
    how = {"lossless": True} if kind == "WEBP" else {}
    data = _file(red, kind, save_all=True, append_images=[blue], **how)
    _close(photos.from_bytes(data, "moving").pixels, np.asarray(red))


def test_colour_profile_is_applied() -> None:
    # A profile whose red and blue primaries are swapped: where it is applied, the channels are.
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for i in range(struct.unpack_from(">I", srgb, 128)[0]):
        tag, offset, length = struct.unpack_from(">4sII", srgb, 132 + 12 * i)
        places[tag] = (132 + 12 * i + 4, offset, length)
    for first, second in ((b"rXYZ", b"bXYZ"),):
        struct.pack_into(">II", srgb, places[first][0], *places[second][1:])
        struct.pack_into(">II", srgb, places[second][0], *places[first][1:])
    for kind, how in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})):
        data = _file(IMAGE, kind, icc_profile=bytes(srgb), **how)
        _close(photos.from_bytes(data, "photo").pixels, SCENE[..., ::-1], 2)


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_broken_colour_profile_is_left_out(profile: bytes) -> None:
    _close(photos.from_bytes(_file(IMAGE, "PNG", icc_profile=profile), "photo").pixels, SCENE)


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(_file(IMAGE, "PNG"))
    _close(photos.load(path).pixels, SCENE)


def test_label_and_name(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(_file(IMAGE, "PNG"))
    assert (photos.load(path, 7).label, photos.load(path, 7).name) == (7, "photo.png")
    assert photos.load(path, None, "sub/photo.png").name == "sub/photo.png"


WHOLE = {
    "PNG": {},
    "JPEG": {},
    "WEBP": {},
    "AVIF": {},
    "GIF": {},
    "TIFF": {},
    "BMP": {},
    "JPEG2000": {},
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_truncated(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = _file(Image.fromarray(noise), kind)
    with pytest.raises(PhotoError, match=r"“cut.x” is damaged"):
        photos.from_bytes(data[: int(share * len(data))], "cut.x")


def test_truncated_jpeg_xl() -> None:
    codec = registry.get("jpegxl")
    data = codec.encode(
        np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8), codec.options()
    )
    with pytest.raises(PhotoError, match=r"damaged"):
        photos.from_bytes(data[: len(data) // 3], "cut.jxl")


@pytest.mark.parametrize("kind", WHOLE)
def test_damaged_bytes_never_crash(kind: str) -> None:
    data = bytearray(_file(IMAGE, kind))
    rng = np.random.default_rng(2)
    for _ in range(150):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            broken[place] = rng.integers(0, 256)
        try:
            pixels = photos.from_bytes(bytes(broken), "x").pixels
        except PhotoError:
            continue
        assert pixels.dtype == np.uint8


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoError, match=r"“empty.jpg” is empty\. Copy it again"):
        photos.load(tmp_path / "empty.jpg")


def test_not_an_image() -> None:
    with pytest.raises(
        PhotoError, match=r"“notes.jpg” is not a photo that Keepsight can read. Use JPEG, PNG"
    ):
        photos.from_bytes(b"Dear diary, " * 50, "notes.jpg")


def _huge_png(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return _png([(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")])


@pytest.mark.parametrize("side", [10_001, 12_000, 20_000, 100_000])
def test_huge_is_refused_from_its_header(side: int) -> None:
    with pytest.raises(PhotoError, match=r"“big.png” has more than 100 megapixels\. Scale it down"):
        photos.from_bytes(_huge_png(side), "big.png")


def test_just_under_the_limit_is_not_refused_for_its_size() -> None:
    with pytest.raises(PhotoError, match=r"damaged"):  # it has no pixels, but its size is allowed
        photos.from_bytes(_huge_png(10_000), "big.png")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "There is no file “.*”. Check the name."),
        (lambda path: path.mkdir(), "“.*” is a folder. Name a file in it."),
    ],
)
def test_no_file(tmp_path: Path, make: Callable[[Path], None], sentence: str) -> None:
    make(tmp_path / "photo.png")
    with pytest.raises(PhotoError, match=sentence):
        photos.load(tmp_path / "photo.png")


def test_thumbnail_fits() -> None:
    assert photos.thumbnail(np.zeros((300, 451, 3), np.uint8)).shape == (64, 96, 3)
    assert photos.thumbnail(np.zeros((4000, 2, 3), np.uint8)).shape == (96, 1, 3)
    assert photos.thumbnail(SCENE) is SCENE


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_samples_are_there_and_documented(sample: Any) -> None:
    photo = photos.load(sample.path, None, sample.name)
    assert photo.name == sample.name
    assert min(photo.pixels.shape[:2]) >= 200
    assert sample.about.endswith((" From scikit-image.", " From scikit-learn.", " From Matplotlib."))


def test_a_dozen_samples() -> None:
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES) >= 12


def test_no_photo_waits_while_another_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    load, held = PngImagePlugin.PngImageFile.load, []

    def watched(image: PngImagePlugin.PngImageFile) -> Any:
        if image.tile:  # else it is decoded already
            held.append(photos._warnings_lock.locked())
        return load(image)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", watched)
    photos.from_bytes(_file(IMAGE, "PNG"), "photo.png")
    assert held == [False]

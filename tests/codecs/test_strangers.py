"""Files as other programs write them: any depth, channels, palette, container. And headers that lie."""

import io
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from keepsight.codecs import container, registry
from keepsight.codecs.base import BitstreamError, Pixels

Photo = Callable[..., Pixels]
HEIGHT, WIDTH = 40, 52


@pytest.fixture(scope="module")
def pixels(photo: Photo) -> Pixels:
    picture: Pixels = photo(HEIGHT, WIDTH)
    return picture


@pytest.fixture(scope="module")
def alpha() -> Pixels:
    """Opaque on the left, transparent on the right."""
    ramp = np.linspace(255, 0, WIDTH).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (HEIGHT, WIDTH, 1))


def saved(image: Image.Image, kind: str, **parameters: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **parameters)
    return file.getvalue()


def grey_of(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def on_white(pixels: Pixels, alpha: Pixels) -> Pixels:
    share = alpha / 255
    return np.rint(share * pixels + (1 - share) * 255).astype(np.uint8)


def assert_close(codec_id: str, data: bytes, expected: Pixels, mean_error: float = 1.0) -> None:
    codec = registry.recognise(data)
    assert codec.id == codec_id
    decoded = codec.decode(data)
    if expected.ndim == 2:
        expected = np.repeat(expected[..., None], 3, axis=2)
    assert decoded.shape == expected.shape
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - expected).mean() <= mean_error


class TestJpeg:
    def test_grey(self, pixels: Pixels) -> None:
        grey = grey_of(pixels)
        assert_close("jpeg", saved(Image.fromarray(grey), "JPEG", quality=95), grey, 2)

    def test_cmyk(self, pixels: Pixels) -> None:
        ink = Image.fromarray(pixels).convert("CMYK")
        assert_close("jpeg", saved(ink, "JPEG", quality=98, subsampling=0), pixels, 3)

    @pytest.mark.parametrize("progressive", [False, True])
    def test_with_orientation_and_profile(self, pixels: Pixels, progressive: bool) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        file = saved(
            Image.fromarray(pixels),
            "JPEG",
            quality=98,
            subsampling=0,
            exif=exif,
            icc_profile=bytes(300),
            progressive=progressive,
        )
        assert_close("jpeg", file, pixels, 2)

    def test_planes_that_are_rgb(self, pixels: Pixels) -> None:
        file = saved(Image.fromarray(pixels), "JPEG", quality=95, keep_rgb=True)
        assert_close("jpeg", file, pixels, 2)

    def test_a_cut_is_noticed_behind_a_thumbnail(self, pixels: Pixels) -> None:
        """The thumbnail in the EXIF is a whole JPEG file with an end of its own."""
        codec = registry.get("jpeg")
        exif = b"Exif\0\0" + codec.encode(pixels, codec.options.parse({"quality": 1}))
        file = saved(Image.fromarray(pixels), "JPEG", exif=exif)
        assert codec.decode(file).shape == pixels.shape
        for length in range(len(file)):
            with pytest.raises(BitstreamError):
                codec.decode(file[:length])

    def test_options_are_in_the_file(self, pixels: Pixels) -> None:
        codec = registry.get("jpeg")
        plain = codec.encode(pixels, codec.options.parse({"optimize": False, "chroma": "4:4:4"}))
        small = codec.encode(pixels, codec.options.parse({"chroma": "4:4:4"}))
        scans = codec.encode(pixels, codec.options.parse({"progressive": True, "chroma": "4:4:4"}))
        assert len(small) < len(plain)
        np.testing.assert_array_equal(codec.decode(small), codec.decode(plain))
        np.testing.assert_array_equal(codec.decode(small), codec.decode(scans))
        assert b"\xff\xc0" in small
        assert b"\xff\xc2" in scans  # SOF2: progressive
        for chroma, sampling in (("4:4:4", 0x11), ("4:2:2", 0x21), ("4:2:0", 0x22)):
            data = codec.encode(pixels, codec.options.parse({"chroma": chroma}))
            assert data[data.index(b"\xff\xc0") + 11] == sampling


class TestPng:
    def test_one_bit(self, pixels: Pixels) -> None:
        bits = Image.fromarray(pixels).convert("1")
        assert_close("png", saved(bits, "PNG"), np.asarray(bits.convert("L")), 0)

    def test_grey(self, pixels: Pixels) -> None:
        assert_close("png", saved(Image.fromarray(grey_of(pixels)), "PNG"), grey_of(pixels), 0)

    def test_grey_with_alpha(self, pixels: Pixels, alpha: Pixels) -> None:
        grey = grey_of(pixels)[..., None]
        file = saved(Image.fromarray(np.concatenate([grey, alpha], axis=2)), "PNG")
        assert_close("png", file, np.repeat(on_white(grey, alpha), 3, axis=2), 0.1)

    def test_palette(self, pixels: Pixels) -> None:
        palette = Image.fromarray(pixels).quantize(13)
        assert_close("png", saved(palette, "PNG", bits=4), np.asarray(palette.convert("RGB")), 0)

    def test_palette_with_a_transparent_colour(self, pixels: Pixels) -> None:
        palette = Image.fromarray(pixels).quantize(13)
        expected = np.array(palette.convert("RGB"))
        expected[np.asarray(palette) == 3] = 255
        assert_close("png", saved(palette, "PNG", transparency=3), expected, 0)

    def test_alpha(self, pixels: Pixels, alpha: Pixels) -> None:
        file = saved(Image.fromarray(np.concatenate([pixels, alpha], axis=2)), "PNG")
        assert_close("png", file, on_white(pixels, alpha), 0.1)

    def test_sixteen_bits(self, pixels: Pixels) -> None:
        deep = pixels.astype(np.uint16) * 257
        assert_close("png", imagecodecs.png_encode(deep), pixels, 0)
        assert_close("png", imagecodecs.png_encode(deep[..., 0].copy()), pixels[..., 0], 0)

    def test_animation_shows_its_first_frame(self, pixels: Pixels) -> None:
        first, second = Image.fromarray(pixels), Image.fromarray(255 - pixels)
        assert_close("png", saved(first, "PNG", save_all=True, append_images=[second]), pixels, 0)

    def test_interlaced(self, pixels: Pixels) -> None:
        assert_close("png", interlaced_png(pixels), pixels, 0)


class TestWebp:
    def test_lossless(self, pixels: Pixels) -> None:
        assert_close("webp", imagecodecs.webp_encode(pixels, lossless=True), pixels, 0)

    def test_alpha_and_metadata(self, pixels: Pixels, alpha: Pixels) -> None:
        file = saved(
            Image.fromarray(np.concatenate([pixels, alpha], axis=2)),
            "WEBP",
            lossless=True,
            exact=True,
            icc_profile=bytes(300),
        )
        assert_close("webp", file, on_white(pixels, alpha), 0.1)

    def test_animation_shows_its_first_frame(self, pixels: Pixels) -> None:
        first, second = Image.fromarray(pixels), Image.fromarray(255 - pixels)
        file = saved(first, "WEBP", save_all=True, append_images=[second], lossless=True)
        assert_close("webp", file, pixels, 0)


class TestAvif:
    def test_grey(self, pixels: Pixels) -> None:
        grey = grey_of(pixels)
        assert_close("avif", imagecodecs.avif_encode(grey, 95, speed=9), grey, 2)

    def test_ten_bits(self, pixels: Pixels) -> None:
        deep = pixels.astype(np.uint16) << 2
        assert_close("avif", imagecodecs.avif_encode(deep, 95, speed=9, bitspersample=10), pixels, 2)

    def test_alpha(self, pixels: Pixels, alpha: Pixels) -> None:
        file = saved(
            Image.fromarray(np.concatenate([pixels, alpha], axis=2)), "AVIF", quality=95, subsampling="4:4:4"
        )
        assert_close("avif", file, on_white(pixels, alpha), 3)

    def test_sequence_shows_its_first_frame(self, pixels: Pixels) -> None:
        first, second = Image.fromarray(pixels), Image.fromarray(255 - pixels)
        file = saved(first, "AVIF", save_all=True, append_images=[second], quality=95, subsampling="4:4:4")
        assert_close("avif", file, pixels, 3)

    def test_sequence_without_a_clock(self, pixels: Pixels) -> None:
        frames = [Image.fromarray(pixels)] * 2
        file = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:])
        at = file.index(b"mdhd") + 4
        scale = at + (20 if file[at] else 12)  # behind two times of 64 or 32 bits
        with pytest.raises(BitstreamError, match="damaged"):
            registry.get("avif").decode(with_numbers(file, scale, ">I", 0))


class TestJpeg2000:
    def test_boxes_and_grey(self, pixels: Pixels) -> None:
        grey = grey_of(pixels)
        assert_close("jpeg2000", imagecodecs.jpeg2k_encode(pixels, codecformat="jp2"), pixels, 0)
        assert_close("jpeg2000", imagecodecs.jpeg2k_encode(grey, codecformat="jp2"), grey, 0)

    @pytest.mark.parametrize("bits", [12, 16])
    def test_deep(self, pixels: Pixels, bits: int) -> None:
        deep = np.rint(pixels * ((2**bits - 1) / 255)).astype(np.uint16)
        assert_close("jpeg2000", imagecodecs.jpeg2k_encode(deep, bitspersample=bits), pixels, 0)

    def test_alpha_and_tiles(self, pixels: Pixels, alpha: Pixels) -> None:
        file = saved(Image.fromarray(np.concatenate([pixels, alpha], axis=2)), "JPEG2000", tile_size=(16, 16))
        assert_close("jpeg2000", file, on_white(pixels, alpha), 0.1)


class TestJpegxl:
    def test_boxes(self, pixels: Pixels) -> None:
        file = imagecodecs.jpegxl_encode(pixels, lossless=True, usecontainer=True)
        assert file.startswith(b"\x00\x00\x00\x0cJXL ")
        assert_close("jpegxl", file, pixels, 0)

    def test_grey(self, pixels: Pixels) -> None:
        grey = grey_of(pixels)
        assert_close("jpegxl", imagecodecs.jpegxl_encode(grey, lossless=True), grey, 0)

    def test_alpha(self, pixels: Pixels, alpha: Pixels) -> None:
        file = imagecodecs.jpegxl_encode(np.concatenate([pixels, alpha], axis=2), lossless=True)
        assert_close("jpegxl", file, on_white(pixels, alpha), 0.1)

    @pytest.mark.parametrize("bits", [10, 12, 14, 16])
    def test_deep(self, pixels: Pixels, bits: int) -> None:
        deep = np.rint(pixels * ((2**bits - 1) / 255)).astype(np.uint16)
        file = imagecodecs.jpegxl_encode(deep, lossless=True, bitspersample=bits)
        assert_close("jpegxl", file, pixels, 0)

    def test_floating_point(self, pixels: Pixels) -> None:
        file = imagecodecs.jpegxl_encode(pixels.astype(np.float32) / 255, lossless=True)
        assert_close("jpegxl", file, pixels, 0)

    def test_animation_shows_its_first_frame(self, pixels: Pixels) -> None:
        frames = np.stack([pixels, 255 - pixels, pixels])
        assert_close("jpegxl", imagecodecs.jpegxl_encode(frames, lossless=True), pixels, 0)

    def test_a_jpeg_inside(self, pixels: Pixels) -> None:
        jpeg = saved(Image.fromarray(pixels), "JPEG", quality=90)
        expected = registry.get("jpeg").decode(jpeg)
        # The two decoders smooth chroma differently.
        assert_close("jpegxl", imagecodecs.jpegxl_encode_jpeg(jpeg), expected, 3)


def interlaced_png(pixels: Pixels) -> bytes:
    """Write RGB in the seven passes of Adam7 (PNG, section 8.2), which Pillow and libspng cannot."""
    rows = b""
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    for x, y, across, down in passes:
        rows += b"".join(b"\0" + row.tobytes() for row in pixels[y::down, x::across])
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def with_numbers(data: bytes, at: int, form: str, *numbers: int) -> bytes:
    file = bytearray(data)
    struct.pack_into(form, file, at, *numbers)
    return bytes(file)


def bombs(pixels: Pixels) -> dict[str, bytes]:
    """Return files that declare 12,000 x 12,000 pixels, or nearly so, in a few hundred bytes."""
    files = {codec.id: codec.encode(pixels, codec.options()) for codec in registry.all_codecs().values()}
    size = (12_000, 12_000)
    jpegs = {name: data for name, data in files.items() if data.startswith(b"\xff\xd8")}
    lossless = imagecodecs.webp_encode(pixels, lossless=True)
    extended = saved(Image.fromarray(pixels), "WEBP", icc_profile=bytes(300))
    boxed = imagecodecs.jpeg2k_encode(pixels, codecformat="jp2")
    # JPEG XL's SizeHeader, lowest bit first: not small, height as 18 bits, no ratio, width as 18 bits.
    jpegxl = 0 | 2 << 1 | 11_999 << 3 | 0 << 21 | 2 << 24 | 11_999 << 26
    signature = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
    codestream = b"\xff\x0a" + jpegxl.to_bytes(8, "little") + files["jpegxl"][10:]
    headed = {name: data for name, data in files.items() if data.startswith(container.MAGIC)}
    return {
        **{name: with_numbers(data, 4, ">HH", 11_999, 11_999) for name, data in headed.items()},
        **{
            name: with_numbers(data, data.index(b"\xff\xc0") + 5, ">HH", *size)
            for name, data in jpegs.items()
        },
        "png": with_numbers(files["png"], 16, ">II", *size),
        "webp": with_numbers(files["webp"], 26, "<HH", *size),
        "webp lossless": with_numbers(lossless, 21, "<I", 11_999 | 11_999 << 14),
        "webp extended": with_numbers(extended, 24, "<IH", 11_999 | (11_999 & 0xFF) << 24, 11_999 >> 8),
        "avif": with_numbers(files["avif"], files["avif"].index(b"ispe") + 8, ">II", *size),
        "jpeg2000": with_numbers(files["jpeg2000"], 8, ">II", *size),
        "jpeg2000 boxed": with_numbers(boxed, boxed.index(b"\xff\x4f\xff\x51") + 8, ">II", *size),
        "jpeg2000 tiles": with_numbers(files["jpeg2000"], 8, ">6I", 9_000, 9_000, 0, 0, 32, 32),
        "jpeg2000 channels": with_numbers(files["jpeg2000"], 40, ">H", 16_384),
        "jpegxl": codestream,
        "jpegxl boxed": signature + struct.pack(">I4s", 8 + len(codestream), b"jxlc") + codestream,
    }


READ_IN_LITTLE_MEMORY = """
import pathlib, resource, sys, psutil
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError
registry.all_codecs()
limit = psutil.Process().memory_info().vms + 150_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        registry.get(path.name.split()[0]).decode(path.read_bytes())
    except BitstreamError as error:
        print(path.name, ":", error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit on memory")
def test_bombs_are_refused_before_anything_is_allocated(pixels: Pixels, tmp_path: Path) -> None:
    files = bombs(pixels)
    assert {name.split()[0] for name in files} == set(registry.all_codecs())
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    run = [sys.executable, "-c", READ_IN_LITTLE_MEMORY, str(tmp_path)]
    lines = subprocess.run(run, capture_output=True, check=True, timeout=60, text=True).stdout.splitlines()
    assert [line.split(" :")[0] for line in lines] == sorted(files)
    for line in lines:
        sizes = "declares 12000 × 12000 pixels; the limit is 100 megapixels"
        parts = r"declares (79524 tiles and 3|1 tiles and 16384) channels"
        assert re.search(f"{sizes}|{parts}", line), line

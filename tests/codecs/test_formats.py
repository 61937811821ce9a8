"""The worked examples of codecs/FORMATS.md."""

import re
from pathlib import Path

import numpy as np

import keepsight.codecs
from keepsight.codecs import block_stream, container, registry
from keepsight.codecs.patch import Patch

FORMATS = Path(keepsight.codecs.__path__[0], "FORMATS.md").read_text(encoding="utf-8")


def example(tag: str) -> bytes:
    """Return the bytes of the worked example in the section of a tag."""
    section = FORMATS.split(f"\n## {tag}: ")[1].split("\n## ")[0]
    text = re.search(r"`((?:[0-9A-F]{2}\s+){9,}[0-9A-F]{2})`", section.split("Example")[1])
    assert text
    return bytes.fromhex(text[1])


def test_letters_are_unique_and_written_down() -> None:
    for codec in registry.all_codecs().values():
        if codec.tag:
            assert len(codec.tag) == 1
            assert f"`{codec.tag.decode()}`" in FORMATS or f"## {codec.tag.decode()}: " in FORMATS
    letters = [codec.tag for codec in registry.all_codecs().values() if codec.tag]
    assert len(set(letters)) == len(letters)


def test_pipeline() -> None:
    pipeline = registry.get("downscale:factor=2,method=bilinear+png")
    data = pipeline.encode(np.full((2, 4, 3), 128, np.uint8), pipeline.options())
    start = example("P")
    assert data.startswith(start)
    png = registry.get("png").decode(data[len(start) :])
    assert png.shape == (1, 2, 3)


def test_av1() -> None:
    decoded = registry.get("av1").decode(example("A"))
    assert decoded.shape == (2, 4, 3)
    assert np.abs(decoded - np.int64([200, 30, 90])).max() <= 3


def test_keep() -> None:
    decoded = registry.get("keep").decode(example("K"))
    assert decoded.shape == (2, 4, 3)
    assert np.abs(decoded - np.int64([200, 30, 90])).max() <= 3


def test_checksum() -> None:
    assert container.seal(b"123456789")[9:].hex() == "29b1"
    container.check_seal(example("A"))


def test_block_average() -> None:
    pixels = np.full((4, 6, 3), (200, 30, 90), np.uint8)
    pixels[:, 3:] = (40, 160, 220)
    codec = registry.get("block-average")
    assert codec.encode(pixels, codec.options()) == example("B")
    held = block_stream.planes(example("B"))
    assert held.luma.tolist() == [[96, 128], [96, 128]]
    assert held.chroma.tolist() == [[[160]], [[128]]]


def test_layered_roi() -> None:
    data = example("L")
    decoded = registry.get("layered-roi").decode(data)
    assert decoded.shape == (8, 16, 3)
    assert np.abs(decoded - np.int64([200, 30, 90])).max() <= 3
    assert Patch.read(data[10:15], 8, 16) == Patch(0, 8, 2, 12, 1)

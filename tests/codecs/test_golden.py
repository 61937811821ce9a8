"""Files written once must decode to the same pixels for ever.

They pin decoding alone: encoders of other people's libraries may write other bytes in their next version.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from keepsight.codecs import registry
from keepsight.codecs.base import Codec

GOLDEN = Path(__file__).parent / "golden"

# Decoders of one format may differ where the standard leaves the last step free: inverse transforms in
# floating point (JPEG, JPEG 2000, JPEG XL), the smoothing of chroma and the rounding of YCbCr to RGB (JPEG,
# WebP, AVIF).
TOLERANCE = 2


def test_golden_file(codec: Codec) -> None:
    file = GOLDEN / f"{codec.id}{codec.suffix}"
    assert file.is_file(), "no golden file: run python tests/codecs/make_golden.py and add what it writes"
    expected = np.asarray(Image.open(GOLDEN / "expected" / f"{codec.id}.png"))
    decoded = codec.decode(file.read_bytes())
    assert decoded.shape == expected.shape
    tolerance = TOLERANCE if codec.rate_option else 0
    assert np.abs(decoded.astype(int) - expected).max() <= tolerance


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{codec.id}{codec.suffix}" for codec in registry.all_codecs().values()}
    assert {path.name for path in GOLDEN.iterdir() if path.is_file()} == wanted

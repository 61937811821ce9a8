"""Codecs are found by their files, and the folder does not hide the standard library's codecs."""

import codecs as standard_codecs
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import keepsight.codecs
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError

NEW_CODEC = """
from keepsight.codecs.base import Codec
from keepsight.codecs.options import Options


class Raw(Codec):
    id, label, colour, suffix, options = "raw", "Raw", "#000000", ".raw", Options

    def encode(self, pixels, options):
        return b"RAW!" + pixels.shape[0].to_bytes(4) + pixels.tobytes()

    def decode(self, data):
        raise NotImplementedError

    def recognises(self, data):
        return data.startswith(b"RAW!")
"""


@pytest.fixture
def new_codec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "raw.py").write_text(NEW_CODEC)
    monkeypatch.setattr(keepsight.codecs, "__path__", [*keepsight.codecs.__path__, str(tmp_path)])
    registry.refresh()
    yield
    registry.refresh()
    sys.modules.pop("keepsight.codecs.raw", None)


def test_standard_codecs_are_here_lossy_first() -> None:
    ids = list(registry.all_codecs())
    assert set(ids) >= {"jpeg", "webp", "avif", "jpeg2000", "jpegxl", "png"}
    lossless = [codec.rate_option is None for codec in registry.all_codecs().values()]
    assert lossless == sorted(lossless)


@pytest.mark.usefixtures("new_codec")
def test_a_new_codec_is_one_new_file() -> None:
    assert registry.get("raw").label == "Raw"
    assert registry.recognise(b"RAW!....").id == "raw"


def test_an_unknown_id_lists_the_known_ones() -> None:
    with pytest.raises(registry.UnknownCodecError) as error:
        registry.get("gif")
    assert str(error.value).startswith("There is no codec “gif”. Codecs: ")
    assert "jpeg2000" in str(error.value)


@pytest.mark.parametrize("data", [b"", b"\xff", b"GIF89a" + bytes(20), bytes(100), b"RIFF....WAVE"])
def test_files_of_no_codec_are_refused(data: bytes) -> None:
    with pytest.raises(BitstreamError, match="not written by any codec"):
        registry.recognise(data)


def test_the_standard_library_keeps_its_codecs() -> None:
    assert standard_codecs.lookup("utf-8").name == "utf-8"
    assert Path(standard_codecs.__file__).parent == Path(subprocess.__file__).parent


def test_import_codecs_gives_the_standard_library_even_from_the_root() -> None:
    program = "import codecs, keepsight.codecs; codecs.lookup('utf-8'); print(codecs.__file__)"
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, check=True, text=True
    )
    assert Path(run.stdout.strip()).parent == Path(subprocess.__file__).parent

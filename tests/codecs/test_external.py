"""Codecs of other packages and of the user's cards: found, used like built-in ones, left out with cause."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from keepsight.codecs import external, registry
from keepsight.codecs.base import BitstreamError, Codec
from keepsight.codecs.command_card import CodecCardError
from keepsight.codecs.external import add_card, remove_card

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PLUGIN = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Codec" in block)
COPY = """
id = "copy"
label = "Copy"
colour = "#123456"
suffix = ".copy"
encode = ["cp", "{input}", "{output}"]
decode = ["cp", "{input}", "{output}"]
"""

Install = Callable[..., None]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of the user's own."""
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    registry.refresh()
    yield tmp_path / "home"
    monkeypatch.undo()
    registry.refresh()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Install]:
    """Install a package of one module, as pip would."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)

    def put(source: str, module: str = "keepsight_gray", entry: str = "gray = keepsight_gray:Gray") -> None:
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[{external.GROUP}]\n{entry}\n")
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        registry.refresh()

    yield put
    for module in [name for name in sys.modules if name.startswith("keepsight_")]:
        del sys.modules[module]


def card(home: Path, text: str, name: str = "copy") -> None:
    (home / "codecs").mkdir(parents=True, exist_ok=True)
    (home / "codecs" / f"{name}.toml").write_text(text, encoding="utf-8")
    registry.refresh()


def check_round_trip(codec: Codec) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (12, 17, 3), np.uint8)
    for options in codec.ladder():
        decoded = codec.decode(codec.encode(pixels, options))
        assert decoded.shape == pixels.shape
        assert decoded.dtype == np.uint8


def test_the_readmes_plugin_is_a_codec_like_any_other(install: Install) -> None:
    install(PLUGIN)
    assert registry.notes() == []
    gray = registry.get("gray")
    check_round_trip(gray)
    check_round_trip(registry.get("downscale:factor=2+gray:levels=4"))
    pixels = np.full((3, 4, 3), 77, np.uint8)
    assert registry.recognise(gray.encode(pixels, gray.options())) is gray
    piped = registry.get("downscale:factor=2+gray")
    data = piped.encode(pixels, piped.options())
    assert registry.recognise(data).decode(data).shape == (3, 4, 3)
    with pytest.raises(BitstreamError, match="cut off"):
        gray.decode(b"GRAY" + bytes([0, 0, 0, 9] * 2))


def test_a_card_is_a_codec_like_any_other(home: Path) -> None:
    card(home, COPY)
    assert registry.notes() == []
    check_round_trip(registry.get("copy"))
    check_round_trip(registry.get("blur+copy"))
    data = registry.get("copy").encode(np.zeros((3, 4, 3), np.uint8), registry.get("copy").options())
    assert registry.recognise(data).id == "png"


def test_built_in_codecs_read_their_files_themselves(home: Path) -> None:
    card(home, COPY.replace("Copy", "A label before PNG") + 'magic = "89504E47"')
    assert registry.notes() == []
    data = registry.get("png").encode(np.zeros((3, 4, 3), np.uint8), registry.get("png").options())
    assert registry.get("copy").recognises(data)
    assert registry.recognise(data).id == "png"


def test_another_process_finds_the_same(install: Install, home: Path) -> None:
    install(PLUGIN)
    card(home, COPY)
    program = (
        "from keepsight.codecs import registry\n"
        "print(*((codec.id, codec.version) for codec in registry.all_codecs().values()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split("\n")[0] == " ".join(
        str((codec.id, codec.version)) for codec in registry.all_codecs().values()
    )
    assert "('gray', 1)" in run.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "import numpy as np",
            "import no_such_module",
            "cannot be loaded: ModuleNotFoundError: No module named",
        ),
        ("import numpy as np", "1 / 0", "cannot be loaded: ZeroDivisionError: division by zero."),
        ("import numpy as np", "raise SystemExit(3)", "cannot be loaded: SystemExit: 3."),
        ("class Gray(Codec)", "class Other(Codec)", "cannot be loaded: AttributeError: "),
        (
            "class Gray(Codec)",
            "class Gray",
            "names something that is no subclass of keepsight.codecs.base.Codec.",
        ),
        ("def decode", "def decoded", "cannot be loaded: TypeError: Can't instantiate abstract class Gray"),
        ('"gray", "Gray levels"', '"Gray!", "Gray levels"', "“id” that is not usable. It takes lower-case"),
        ('"gray", "Gray levels"', '7, "Gray levels"', "“id” that is not usable. It takes lower-case"),
        ("#A0A0FF", "blue", "“colour” that is not usable. It takes a colour such as “#D55E00”."),
        ("id, label, colour", "id, label, color", "lacks the field “colour”. It takes a colour"),
        ("options, rate_option", "opts, rate_option", "lacks “options”. It takes a subclass of keepsight."),
        (
            "option(16,",
            "option(1,",
            "is not usable: Option “levels” takes a whole number from 2 to 256, not “1”.",
        ),
        ('"levels", (2', '"level", (2', "has a “rate_option” that is none of its options: “level”."),
        ("(2, 4, 8, 16, 32, 64, 128, 256)", "()", "lacks “ladder_values”. "),
        (
            "(2, 4, 8,",
            "(1, 4, 8,",
            "is not usable: Option “levels” takes a whole number from 2 to 256, not “1”.",
        ),
        ('".gray"\n', '".gray"\n    tag = b"J"\n', "or a “tag”, which only built-in codecs have."),
        (
            '"gray", "Gray levels"',
            '"jpeg", "Gray levels"',
            "is left out: the id “jpeg” is taken. Change its id.",
        ),
        ('"gray", "Gray levels"', '"original", "Gray levels"', "is left out: the id “original” is taken."),
    ],
)
def test_a_broken_plugin_is_left_out_with_a_sentence(install: Install, old: str, new: str, said: str) -> None:
    built_in = [type(codec) for codec in registry.all_codecs().values()]
    assert old in PLUGIN
    install(PLUGIN.replace(old, new, 1))
    assert [type(codec) for codec in registry.all_codecs().values()] == built_in
    (note,) = registry.notes()
    assert note.startswith("The codec “gray” of the package “keepsight-gray” ")
    assert said in note
    assert "left out" in note
    with pytest.raises(registry.UnknownCodecError) as error:
        registry.get("gray")
    assert str(error.value).endswith(note)


def test_of_two_with_one_id_the_first_stays(install: Install, home: Path) -> None:
    install(PLUGIN)
    install(PLUGIN, "keepsight_more", "gray = keepsight_more:Gray\nhello = keepsight_more:Gray")
    card(home, COPY.replace('"copy"', '"gray"'))
    assert type(registry.get("gray")).__module__ == "keepsight_gray"
    assert [note.split(" is left out: ")[0] for note in registry.notes()] == [
        "The codec “gray” of the package “keepsight-more”",
        "The codec “hello” of the package “keepsight-more”",
        f"The card “{home / 'codecs' / 'copy.toml'}”",
    ]


def test_a_broken_card_is_left_out_with_a_sentence(home: Path) -> None:
    card(home, COPY)
    card(home, COPY.replace('["cp"', '["no-such-program"'), "absent")
    card(home, "id = 7", "broken")
    assert "copy" in registry.all_codecs()
    absent, broken = registry.notes()
    assert "needs the program “no-such-program”" in absent
    assert broken.startswith(
        f"The card “{home / 'codecs' / 'broken.toml'}” has a field “id” that is not usable."
    )
    assert broken.endswith("It is left out.")


def test_a_card_is_added_replaced_and_removed(home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(COPY)
    for label in ("Copy", "Better copy"):
        mine.write_text(COPY.replace("Copy", label))
        assert add_card(mine, registry.all_codecs().values()).id == "copy"
        registry.refresh()
        assert registry.get("copy").label == label
    assert add_card(home / "codecs" / "copy.toml", registry.all_codecs().values()).label == "Better copy"
    mine.write_text(COPY.replace('"copy"', '"jpeg"'))
    with pytest.raises(CodecCardError, match="The id “jpeg” is taken"):
        add_card(mine, registry.all_codecs().values())
    with pytest.raises(CodecCardError, match=r"There is no card “gray\.toml” in .*Cards there: copy\."):
        remove_card("gray")
    assert remove_card("copy") == home / "codecs" / "copy.toml"
    registry.refresh()
    assert "copy" not in registry.all_codecs()
    with pytest.raises(CodecCardError, match=r"There are no cards there\."):
        remove_card("copy")


def test_a_folder_that_cannot_be_written_is_named(home: Path, tmp_path: Path) -> None:
    home.write_text("in the way")
    mine = tmp_path / "mine.toml"
    mine.write_text(COPY)
    with pytest.raises(
        CodecCardError, match=r"The card could not be copied to “.*copy\.toml”: Not a directory"
    ):
        add_card(mine, [])

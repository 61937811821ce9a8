"""Codecs that are programs: cwebp by the README's card, and small ones that go wrong on purpose."""

import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from keepsight.codecs import command_codec, registry
from keepsight.codecs.base import BitstreamError, EncodeError, Pixels
from keepsight.codecs.command_card import CodecCardError, load_card
from keepsight.codecs.command_codec import CommandCodec, read_pnm

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CARD = next(block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "cwebp" in block)

COPY = """
id = "copy"
label = "Copy"
colour = "#123456"
suffix = ".copy"
image = "ppm"
encode = ["cp", "{input}", "{output}"]
decode = ["cp", "{input}", "{output}"]
"""

Make = Callable[[str], CommandCodec]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a codec of a card's text."""

    def made(text: str) -> CommandCodec:
        path = tmp_path / "card.toml"
        path.write_text(text, encoding="utf-8")
        return CommandCodec(load_card(path))

    return made


@pytest.fixture
def cwebp(make: Make) -> CommandCodec:
    if not (shutil.which("cwebp") and shutil.which("dwebp")):
        pytest.skip("needs the programs cwebp and dwebp: install Debian's package webp")
    return make(CARD)


def encoder(script: str) -> str:
    """Return the copying card with a Python script as its encoder."""
    words = ", ".join(f"'''{word}'''" for word in (sys.executable, "-c", script, "{input}", "{output}"))
    return COPY.replace('encode = ["cp", "{input}", "{output}"]', f"encode = [{words}]")


def noise(height: int = 20, width: int = 30) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("image", ["png", "ppm"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (37, 53)])
def test_pixels_reach_the_programs_and_come_back(make: Make, image: str, shape: tuple[int, int]) -> None:
    codec = make(COPY.replace('"ppm"', f'"{image}"'))
    pixels = noise(*shape)
    decoded = codec.decode(codec.encode(pixels[:, ::-1], codec.options()))
    np.testing.assert_array_equal(decoded, pixels[:, ::-1])
    assert decoded.flags.writeable
    assert decoded.flags.c_contiguous
    assert codec.rate_option is None
    assert codec.ladder() == [codec.options()]


def test_the_readmes_card_is_webp(cwebp: CommandCodec, photo: Callable[..., Pixels]) -> None:
    pixels = photo(96, 128)
    sizes = []
    for options in cwebp.ladder():
        data = cwebp.encode(pixels, options)
        sizes.append(len(data))
        assert cwebp.recognises(data)
        decoded = cwebp.decode(data)
        assert decoded.shape == pixels.shape
        np.testing.assert_array_equal(decoded, registry.get("webp").decode(data))
    assert sizes == sorted(set(sizes))
    assert np.abs(decoded.astype(int) - pixels).mean() < 4


def test_each_option_reaches_the_program(cwebp: CommandCodec, photo: Callable[..., Pixels]) -> None:
    pixels = photo(96, 128)
    plain = cwebp.options()
    changed = [{"quality": 20}, {"sharp": True}, {"preset": "text"}]
    files = [cwebp.encode(pixels, plain), *(cwebp.encode(pixels, plain.replace(**one)) for one in changed)]
    assert len(set(files)) == len(files)
    assert plain.replace(quality=20).in_words() == "quality 20"
    assert next(iter(cwebp.options.model_fields)) == cwebp.rate_option == "quality"


def test_a_programs_last_words_are_shown(cwebp: CommandCodec, make: Make) -> None:
    with pytest.raises(BitstreamError, match=r"^The program “dwebp” failed \(exit code \d+\)\. It said: “.*"):
        cwebp.decode(b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20))
    with pytest.raises(BitstreamError, match=r"not a WebP \(cwebp\) file"):
        cwebp.decode(b"JFIF")
    loud = make(encoder("import sys; print('x' * 9999); sys.exit('no\\x07 such\\nthing')"))
    with pytest.raises(EncodeError, match=r"\(exit code 1\)\. It said: “…x+ no such thing”\.$") as error:
        loud.encode(noise(), loud.options())
    assert len(str(error.value)) < 450
    quiet = make(encoder("import os, signal; os.kill(os.getpid(), signal.SIGTERM)"))
    with pytest.raises(EncodeError, match=r"\(ended by signal 15\)\. It did not say why\.$"):
        quiet.encode(noise(), quiet.options())


def test_a_program_that_takes_too_long_ends_with_all_it_started(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = (
        "import subprocess, pathlib; "
        f"child = subprocess.Popen(['sleep', '100']); pathlib.Path('{child}').write_text(str(child.pid)); "
        "child.wait()"
    )
    codec = make("timeout = 2\n" + encoder(script))
    started = time.monotonic()
    with pytest.raises(EncodeError, match=r"took longer than 2 seconds and was stopped\."):
        codec.encode(noise(), codec.options())
    assert time.monotonic() - started < 10
    _, alive = psutil.wait_procs(_processes(int(child.read_text())), timeout=5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def _processes(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid)] if psutil.pid_exists(pid) else []


def test_a_program_that_writes_without_end_is_stopped(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_codec, "MAX_BYTES", 100_000)
    codec = make(encoder("while True: open('more', 'ab').write(bytes(10_000))"))
    with pytest.raises(EncodeError, match=r"wrote more than 1 GB and was stopped\."):
        codec.encode(noise(), codec.options())


def test_a_program_that_writes_nothing_or_no_image(make: Make) -> None:
    codec = make(encoder("pass"))
    with pytest.raises(EncodeError, match="ended well but wrote no file"):
        codec.encode(noise(), codec.options())
    codec = make(COPY)
    with pytest.raises(BitstreamError, match="no binary PPM or PGM image"):
        codec.decode(b"something else")
    with pytest.raises(BitstreamError, match="limit is 100 megapixels"):
        codec.decode(b"P6 99999 99999 255\n")


def test_there_is_no_shell_and_no_path(make: Make, tmp_path: Path) -> None:
    word = "$(touch x); *"
    check = f"import sys, shutil; assert sys.argv[3:] == ['{word}'], sys.argv; shutil.copy(*sys.argv[1:3])"
    choice = f"""
    [options.word]
    kind = "choice"
    default = "{word}"
    choices = ["{word}", "other"]
    label = "Word"
    help = "Goes to the program as it is."
    """
    codec = make(encoder(check).replace("'''{output}'''", "'''{output}''', '{word}'") + choice)
    assert codec.encode(noise(2, 2), codec.options()).startswith(b"P6\n2 2\n255\n")
    with pytest.raises(EncodeError, match=r"\['-c', 'input\.ppm', 'output\.copy', 'other'\]"):
        codec.encode(noise(2, 2), codec.options.parse({"word": "other"}))


def test_a_programs_end_is_said_when_it_goes_away(make: Make, tmp_path: Path) -> None:
    program = Path(shutil.copy(shutil.which("cp") or "", tmp_path / "my-cp"))
    codec = make(COPY.replace('"cp"', f'"{program}"'))
    program.unlink()
    with pytest.raises(EncodeError, match="could not be run: No such file"):
        codec.encode(noise(), codec.options())


def test_what_changes_the_bytes_changes_the_version(make: Make) -> None:
    version = make(COPY).version
    assert make(COPY.replace("Copy", "Another name")).version == version
    assert make(COPY.replace('["cp", ', '["cp", "-p", ', 1)).version != version


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "cwebp"', "", "lacks the field “id”. It takes lower-case letters"),
        ('id = "cwebp"', 'id = "C webp"', "“id” that is not usable. It takes lower-case letters"),
        ("WebP (cwebp)", "[red]", "“label” that is not usable. It takes 1 to 40 characters, without [ ]"),
        ("#C0A000", "yellow", "“colour” that is not usable. It takes a colour such as “#D55E00”"),
        ('".webp"', '"webp"', "“suffix” that is not usable. It takes an ending of file names"),
        ("timeout = 20 ", "timeout = 0 ", "“timeout” that is not usable. It takes seconds, above 0"),
        ("timeout = 20 ", "time = 20 ", "unknown field “time”. Fields are: id, label, colour"),
        ('image = "ppm"', 'image = "bmp"', "“image” that is not usable. It takes “png” or “ppm”"),
        ('magic = "5249', 'magic = "RI', "“magic” that is not usable. It takes the first bytes"),
        ('decode = ["dwebp", ', "decode = [7, ", "“decode” that is not usable. It takes a list of a program"),
        (
            "{quality}",
            "{qualty}",
            "“encode” has an unknown placeholder “{qualty}”. Placeholders here: {input}",
        ),
        ('"{sharp}", ', "", "“encode” lacks the placeholder “{sharp}”"),
        ('"-ppm", "{input}"', '"{quality}", "{input}"', "“decode” has an unknown placeholder “{quality}”"),
        ('["dwebp"', '["./dwebp"', "Give the program's name alone, or its full path"),
        ('["dwebp"', '["no-such-program"', "needs the program “no-such-program”, which is not there"),
        (
            'kind = "int" ',
            'kind = "whole" ',
            "“options.quality.kind” that is not usable. It takes one of “int”",
        ),
        ("low = 0", 'low = "none"', "“options.quality.low” that is not usable. It takes a number"),
        ("low = 0", "", "lacks the field “options.quality.low”. It takes a number"),
        ("low = 0", "low = 100", "“low” must be below “high” in the option “quality”"),
        ("low = 0", "lowest = 0", "lacks the field “options.quality.low”"),
        ("high = 100", "high = 100\nlog = 1", "unknown field “options.quality.log”. Fields are: label, help"),
        (
            "default = 75",
            "default = 101",
            "“options.quality.default” does not fit. Option “quality” takes a whole",
        ),
        (
            "default = 75",
            "default = 7.5",
            "“options.quality.default” does not fit. Option “quality” takes a whole",
        ),
        ('on = "-sharp_yuv"', "", "lacks the field “options.sharp.on”. It takes text"),
        (
            'default = "default"',
            'default = "none"',
            "“options.preset.default” does not fit. Option “preset” takes",
        ),
        (
            "options.quality]",
            "options.Quality]",
            "“options.Quality” that is not usable. It takes a name of lower",
        ),
        ("[0, 5,", "[-1, 5,", "“ladder” does not fit. Option “quality” takes a whole number from 0 to 100"),
        ("[0, 5,", "[5, 5,", "a ladder's values differ"),
        ("ladder = [0, 5, 10, 20, 30, 45, 60, 75, 90]", "", "“rate” and “ladder” go together"),
        ('rate = "quality"', 'rate = "preset"', "“rate” names “preset”, which is no option of the kind int"),
        ("[options.quality]", "[options.quality", "is no TOML file: "),
    ],
)
def test_a_broken_card_names_file_field_and_what_it_takes(
    make: Make, tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in CARD
    with pytest.raises(CodecCardError) as error:
        make(CARD.replace(old, new))
    sentence = str(error.value)
    assert said in sentence
    assert sentence.startswith((f"The card “{tmp_path / 'card.toml'}” ", "The codec “cwebp” "))
    assert sentence.endswith(".")


def test_names_that_options_cannot_have(make: Make) -> None:
    for name in ("input", "copy", "model_x", "parse"):
        text = CARD.replace("options.quality", f"options.{name}").replace("{quality}", f"{{{name}}}")
        with pytest.raises(CodecCardError, match=f"an option cannot be named “{name}”"):
            make(text.replace('rate = "quality"', f'rate = "{name}"'))


def test_a_card_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(CodecCardError, match=r"cannot be read \(No such file or directory\)"):
        load_card(tmp_path / "none.toml")
    (tmp_path / "card.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CodecCardError, match="it is not text in UTF-8"):
        load_card(tmp_path / "card.toml")


def test_pnm_of_all_kinds() -> None:
    grey = read_pnm(b"P5 # grey\n2 1\n# deep\n255\n\x00\xff")
    assert grey.tolist() == [[[0, 0, 0], [255, 255, 255]]]
    deep = read_pnm(b"P6\n1 1\n65535\n\xff\xff\x80\x80\x00\x00")
    assert deep.tolist() == [[[255, 128, 0]]]
    assert read_pnm(b"P5 1 1 15\n\x0f").tolist() == [[[255, 255, 255]]]
    for data, said in (
        (b"P3 1 1 255\n0 0 0", "no binary PPM"),
        (b"P6 0 1 255\n", "no binary PPM"),
        (b"P6 1 1 254\nabc", "unusual depth"),
        (b"P6 1 1 131071\nabcdef", "unusual depth"),
        (b"P6 2 1 255\nabcde", "cut off"),
    ):
        with pytest.raises(BitstreamError, match=said):
            read_pnm(data)

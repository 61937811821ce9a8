"""A codec made of two command lines, an encoder's and a decoder's, as a card declares them."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import imagecodecs
import numpy as np

from keepsight.codecs.base import BitstreamError, Codec, EncodeError, Pixels, check_declared_size
from keepsight.codecs.command_card import BoolOption, CodecCardError, CommandCard, fill
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options
from keepsight.codecs.png import Png
from keepsight.codecs.reading import to_rgb

MAX_BYTES = 2**30
"""A command that writes more than this is stopped."""

_POLL_S = 0.002
_SAID = 300
"""So many characters of a failed command's last words are shown."""
_PNM = re.compile(rb"P([56])" + rb"(?:\s|#[^\n]*\n)+([1-9]\d{0,8})" * 3 + rb"\s")


class CommandCodec(Codec):
    """An encoder and a decoder that are programs of their own; a `Codec` in all respects.

    Each run has a folder of its own, which it is started in and which goes away with it, and no shell.
    """

    def __init__(self, card: CommandCard) -> None:
        """Declare what the card does. Raises `CodecCardError` where a program is not installed."""
        for command in (card.encode, card.decode):
            if shutil.which(command[0]) is None:
                raise CodecCardError(
                    f"The codec “{card.id}” needs the program “{command[0]}”, which is not there. Install "
                    "it, or give its full path on the card."
                )
        self._card = card
        self.id = card.id
        self.label = card.label
        self.colour = card.colour
        self.suffix = card.suffix
        self.version = _version(card)
        self.options = card.options_class()
        self.rate_option = card.rate
        self.ladder_values = card.ladder
        pairs = re.findall("..", card.magic)
        self._magic = re.compile(
            b"".join(b"." if pair == "??" else re.escape(bytes.fromhex(pair)) for pair in pairs), re.DOTALL
        )

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        pixels = self.encodable(pixels)
        values = {name: self._word(name, value) for name, value in options.model_dump().items()}
        try:
            return self._run(self._card.encode, self._image(pixels), self._image_suffix, self.suffix, values)
        except _CommandError as error:
            raise EncodeError(str(error)) from None

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        if not self._magic.match(data):
            raise BitstreamError(f"This is not a {self.label} file, or it is cut off.")
        try:
            image = self._run(self._card.decode, data, self.suffix, self._image_suffix, {})
        except _CommandError as error:
            raise BitstreamError(str(error)) from None
        return Png().decode(image) if self._card.image == "png" else read_pnm(image)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`. Without first bytes on its card, no file is this codec's."""
        return bool(self._card.magic and self._magic.match(data))

    @property
    def _image_suffix(self) -> str:
        return "." + self._card.image

    def _image(self, pixels: Pixels) -> bytes:
        if self._card.image == "png":
            return bytes(
                imagecodecs.spng_encode(pixels, 0)
            )  # stored: to compress would take longer than to read
        return b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes()

    def _word(self, name: str, value: object) -> str:
        declared = self._card.options[name]
        if isinstance(declared, BoolOption):
            return declared.on if value else declared.off
        return str(value)

    def _run(
        self, command: tuple[str, ...], data: bytes, suffix: str, made: str, values: Mapping[str, str]
    ) -> bytes:
        """Return the file that a command makes of a file. Raises `_CommandError`."""
        # The names have no folder: no path gets into a file, and none can look like an option.
        source, target = f"input{suffix}", f"output{made}"
        words = fill(command, {**values, "input": source, "output": target})
        with tempfile.TemporaryDirectory(prefix="keepsight-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            try:
                (folder / source).write_bytes(data)
                run(words, folder, self._card.timeout)
                if not (folder / target).is_file():
                    raise _CommandError(
                        f"The program “{words[0]}” ended well but wrote no file. Check where the card "
                        "has “{output}”."
                    )
                return (folder / target).read_bytes()
            except OSError as error:
                raise _CommandError(
                    f"The program “{words[0]}” could not be run: {error.strerror or error}."
                ) from None


class _CommandError(Exception):
    """A command failed. The message is a sentence for the user."""


def run(words: list[str], folder: Path, timeout: float) -> None:
    """Run a program in a folder, without a shell, and wait for it.

    Raises `_CommandError` where it fails, takes longer than `timeout` seconds or writes more than `MAX_BYTES`
    into the folder; it is then stopped with all that it started.
    """
    started = time.monotonic()
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # a process group of its own, which can be ended as one
        )
    try:
        while True:
            ended = process.poll() is not None
            if _size(folder) > MAX_BYTES:
                raise _CommandError(f"The program “{words[0]}” wrote more than 1 GB and was stopped.")
            if ended:
                break
            if time.monotonic() - started > timeout:
                raise _CommandError(
                    f"The program “{words[0]}” took longer than {timeout:g} seconds and was stopped. "
                    "The card's “timeout” can be raised."
                )
            time.sleep(_POLL_S)
    finally:
        _end(process)
    if process.returncode != 0:
        raise _CommandError(
            f"The program “{words[0]}” failed ({_ending(process.returncode)}). {_last_words(folder / 'said')}"
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process, and what it left running."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder, which may go away meanwhile."""
    total = 0
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def _ending(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"ended by signal {-code}"


def _last_words(log: Path) -> str:
    """Return the end of what a program printed, as a sentence."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4 * _SAID))
        text = file.read().decode("utf-8", "replace")
    printable = "".join(char if char.isprintable() else " " for char in text)
    said = " ".join(printable.split())
    if not said:
        return "It did not say why."
    return f"It said: “{'…' if len(said) > _SAID else ''}{said[-_SAID:]}”."


def read_pnm(data: bytes) -> Pixels:
    """Decode a binary PGM or PPM file (netpbm) of 8 or 16 bits to (H, W, 3). Raises `BitstreamError`."""
    header = _PNM.match(data)
    if header is None:
        raise BitstreamError("The decoder wrote no binary PPM or PGM image.")
    width, height, largest = (int(header[i]) for i in (2, 3, 4))
    check_declared_size(height, width)
    bits = largest.bit_length()
    if largest != 2**bits - 1 or bits > 16:
        raise BitstreamError("The decoder wrote a PPM image of an unusual depth.")
    shape = (height, width, 3 if header[1] == b"6" else 1)
    kind = np.dtype(">u2" if bits > 8 else "u1")
    if len(data) - header.end() < np.prod(shape, dtype=np.int64) * kind.itemsize:
        raise BitstreamError("The decoder wrote a PPM image that is cut off.")
    samples = np.frombuffer(data, kind, int(np.prod(shape)), header.end()).reshape(shape)
    return to_rgb(samples.astype(kind.newbyteorder("=")), bits)


def _version(card: CommandCard) -> int:
    """Return a number that changes with whatever may change the bytes or the pixels."""
    says = card.model_dump_json(include={"encode", "decode", "image", "options"})
    return int.from_bytes(hashlib.sha256(says.encode()).digest()[:4])

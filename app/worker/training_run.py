"""A training in a process of its own: the window goes on, and a crash there costs a sentence."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

_STOPPED = 130
"""Exit code of a training that was asked to stop."""
_PATIENCE_MS = 15_000
"""How long the end of the program waits for the last checkpoint; the one before is there in any case."""
_PROGRAM = "from keepsight.app.cli import main; main()"


@dataclass(frozen=True)
class TrainingPoint:
    """How far a training is; see `keepsight.models.training.Progress`. None is not known (yet)."""

    stage: str
    step: int
    total: int
    loss: float | None
    accuracy: float | None
    held_out_loss: float | None
    held_out_accuracy: float | None


@dataclass(frozen=True)
class TrainingEnd:
    """How a training ended."""

    card: Path | None
    """What it made, if anything."""
    stopped: bool
    """Whether it was asked to; the same command goes on."""
    error: str
    """What went wrong, as a sentence; "" where all went well."""


class TrainingRun(QObject):
    """Runs one command of “keepsight train” at a time.

    The process stops in order where its input ends: when it is asked to, and when this program is gone.
    """

    advanced = Signal(object)
    """`TrainingPoint`."""
    said = Signal(str, bool)
    """A sentence of the training, and whether it is a warning."""
    ended = Signal(object)
    """`TrainingEnd`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._stopping = False
        self._card: Path | None = None
        self._complaint = ""

    @property
    def running(self) -> bool:
        """Whether a training runs."""
        return self._process is not None

    def start(self, words: Sequence[str]) -> None:
        """Run a command of “keepsight train”, without the program's name. None may be running."""
        assert self._process is None
        self._stopping, self._card, self._complaint = False, None, ""
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUTF8", "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read)
        process.finished.connect(lambda code, _: self._end(code))
        process.errorOccurred.connect(self._fail)
        train, *rest = words
        process.start(sys.executable, ["-c", _PROGRAM, train, "--json-lines", *rest])

    def stop(self) -> None:
        """Ask for an orderly end, after the step in hand and with a checkpoint."""
        if self._process is not None:
            self._stopping = True
            self._process.closeWriteChannel()

    def close(self) -> None:
        """Stop, and wait until the process is gone."""
        process = self._process
        if process is not None:
            self.stop()
            if not process.waitForFinished(_PATIENCE_MS):
                process.kill()
                process.waitForFinished()

    def _read(self) -> None:
        """Take the whole lines that there are."""
        process = self._process
        if process is None:
            return
        for channel in (QProcess.ProcessChannel.StandardError, QProcess.ProcessChannel.StandardOutput):
            process.setReadChannel(channel)
            while process.canReadLine():
                self._take(bytes(process.readLine().data()).decode(errors="replace").strip(), channel)

    def _take(self, line: str, channel: QProcess.ProcessChannel) -> None:
        if channel == QProcess.ProcessChannel.StandardError:
            self._complain(line)
        elif line.startswith("{"):
            told = json.loads(line)
            if "card" in told:
                self._card = Path(told["card"])
            else:
                self.advanced.emit(
                    TrainingPoint(**{one.name: told[one.name] for one in fields(TrainingPoint)})
                )
        elif line:
            self.said.emit(line, False)

    def _complain(self, line: str) -> None:
        """Pass on the complaint before: the last one, which ends the training, goes with the end."""
        if line:
            if self._complaint:
                self.said.emit(self._complaint, True)
            self._complaint = line

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._complaint = f"The training cannot be started: {self._process.errorString()}."
            self._end(1)

    def _end(self, code: int) -> None:
        self._read()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        stopped = self._stopping and self._card is None
        error = ""
        if code == 0 or stopped or code == _STOPPED:
            if self._complaint and not stopped:
                self.said.emit(self._complaint, True)
        else:
            error = self._complaint or "The training ended by itself, most likely for want of memory."
        self.ended.emit(TrainingEnd(self._card, stopped or code == _STOPPED, error))

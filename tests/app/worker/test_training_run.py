"""The process of a training: it ends in order, also where the program that started it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QProcess

from keepsight.app.worker.training_run import TrainingEnd, TrainingPoint, TrainingRun

WAIT_MS = 120_000
START = """
import sys
from PySide6.QtCore import QCoreApplication
from keepsight.app.worker.training_run import TrainingRun
app = QCoreApplication([])
run = TrainingRun()
run.advanced.connect(lambda point: print(run._process.processId(), point.step, flush=True))
run.start(sys.argv[1:])
app.exec()
"""


def words(out: Path, epochs: int = 200) -> list[str]:
    return [
        *(
            "train",
            "distill",
            "scenes",
            "--photos",
            "6",
            "--classifier",
            "scenes",
            "--codec",
            "jpeg:quality=8",
        ),
        *("--device", "cpu", "--batch", "2", "--epochs", str(epochs), "--out", str(out)),
    ]


@pytest.fixture
def run(qapp, qtbot):
    run = TrainingRun()
    told: list[TrainingPoint] = []
    ends: list[TrainingEnd] = []
    said: list[tuple[str, bool]] = []
    run.advanced.connect(told.append)
    run.ended.connect(ends.append)
    run.said.connect(lambda *words: said.append(words))
    yield run, told, ends, said
    run.close()


def test_it_is_stopped_goes_on_and_leaves_a_card(run, qtbot, tmp_path: Path) -> None:
    training, told, ends, said = run
    training.start(words(tmp_path, 4))
    qtbot.waitUntil(lambda: any(one.stage == "train" for one in told), timeout=WAIT_MS)
    training.stop()
    qtbot.waitUntil(lambda: bool(ends), timeout=WAIT_MS)
    assert not training.running
    if ends[0].stopped:  # a fast machine may have been through
        assert ends[0] == TrainingEnd(None, stopped=True, error="")
        training.start(words(tmp_path, 4))
        qtbot.waitUntil(lambda: len(ends) == 2, timeout=WAIT_MS)
    assert (ends[-1].card, ends[-1].stopped) == (tmp_path / "classifier.toml", False)
    assert ends[-1].error == "" or ends[-1].error.startswith("The training did not get better")  # of 5 photos
    assert told[0].step == 1
    assert 3 <= told[-1].step <= told[-1].total
    assert told[-1].held_out_loss is not None
    assert any("held out, compressed" in sentence and not warning for sentence, warning in said)


def test_what_is_wrong_is_the_sentence_at_the_end(run, qtbot, tmp_path: Path) -> None:
    training, _, ends, said = run
    training.start(["train", "distill", str(tmp_path), "--codec", "gif", "--out", str(tmp_path / "out")])
    qtbot.waitUntil(lambda: bool(ends), timeout=WAIT_MS)
    assert ends[0].error.startswith(("There are no photos in", "There is no codec"))
    assert ends[0].card is None
    assert said == []


def test_a_training_that_was_killed_is_told(run, qtbot, tmp_path: Path) -> None:
    training, told, ends, _ = run
    training.start(words(tmp_path))
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    process = training._process
    assert isinstance(process, QProcess)
    process.kill()
    qtbot.waitUntil(lambda: bool(ends), timeout=WAIT_MS)
    assert ends[0].error.startswith("The training ended by itself")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_it_ends_in_order_where_the_program_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, *words(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        child = psutil.Process(pid)
        os.kill(parent.pid, signal.SIGKILL)
    assert child.wait(60) in (None, 130)
    deadline = time.monotonic() + 10
    while not (tmp_path / "training").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "training").exists()
    assert not (tmp_path / "classifier.toml").exists()

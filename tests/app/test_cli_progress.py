"""Ctrl+C and Ctrl+Z as a shell sends them, to the whole process group; workers and clusters."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
from distributed import LocalCluster
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine import limits, map_figures

posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")
runner = CliRunner()


@contextmanager
def _started(*words: object) -> "Iterator[subprocess.Popen[str]]":
    """Run a command as the leader of a process group; nothing of it may be left at the end."""
    call = [sys.executable, "-W", "error", "-c", "from keepsight.app.cli import main; main()"]
    with subprocess.Popen(
        [*call, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            yield process
            assert not [p for p in psutil.process_iter(["pid"]) if _group(p.pid) == process.pid]
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _send(process: "subprocess.Popen[str]", number: int) -> None:
    os.killpg(process.pid, number)


def _wait_for(store: Path, process: "subprocess.Popen[str]") -> None:
    """Wait until a store holds some rows."""
    while process.poll() is None:
        time.sleep(0.05)
        if store.exists():
            # The tables may not be there yet.
            with closing(sqlite3.connect(store, timeout=30)) as rows, suppress(sqlite3.OperationalError):
                if rows.execute("SELECT count(*) FROM measurement").fetchone()[0] > 20:
                    return


@posix
def test_ctrl_c_ends_a_threshold_with_what_there_is(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    with _started("threshold", "scenes", "--codec", "jpeg", "--guide", "none", "--store", store) as process:
        _wait_for(store, process)
        _send(process, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert stderr.startswith("Stopped after ")
    assert "the same command goes on" in stderr
    assert stderr.count("\n") == 1
    assert re.search("photos? of scenes", stdout)


@posix
@pytest.mark.parametrize(
    ("words", "after", "sentence"),
    [
        (["limit", "--codecs", "png,jpeg"], (limits, "outcome"), "Stopped after 1 of 2 codecs.\n"),
        (["maps", "--maps", "edges"], (map_figures, "score"), "Stopped after 2 photos: "),
    ],
)
def test_ctrl_c_ends_other_commands_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch, words: list[str], after: tuple[ModuleType, str], sentence: str
) -> None:
    calls = 0
    plain = getattr(*after)

    def press_in_the_second(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            signal.raise_signal(signal.SIGINT)
        return plain(*given)

    monkeypatch.setattr(*after, press_in_the_second)
    done = runner.invoke(app, [words[0], "samples", *words[1:], "--photos", "5"])
    assert done.exit_code == 130
    assert done.stderr.startswith(sentence)
    assert "photos of samples" in done.stdout or "2 of samples" in done.stdout


@posix
def test_ctrl_z_and_fg_go_on(tmp_path: Path) -> None:
    store, csv = tmp_path / "s.sqlite", tmp_path / "o.csv"
    words = ["sweep", "samples", "--codecs", "avif", "--store", store, "--csv", csv]
    with _started(*words) as process:
        _wait_for(store, process)
        _send(process, signal.SIGTSTP)
        time.sleep(0.3)
        stopped = psutil.Process(process.pid)
        assert stopped.status() == psutil.STATUS_STOPPED
        before = stopped.cpu_times()
        time.sleep(0.5)
        assert stopped.cpu_times() == before
        _send(process, signal.SIGCONT)
        _, stderr = process.communicate(timeout=120)
    assert (process.returncode, stderr) == (0, "")
    assert len(csv.read_text().splitlines()) == 1 + 10


@posix
def test_a_second_ctrl_c_does_not_wait() -> None:
    program = (
        "import signal\n"
        "from keepsight.app.cli_progress import stopped_by_ctrl_c\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n"
        "    with stopped_by_ctrl_c() as stopped:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "        assert stopped()\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "except KeyboardInterrupt:\n"
        "    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "    print('interrupted')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


@pytest.mark.parametrize("workers", [1, 3])
def test_workers(workers: int) -> None:
    words = ["sweep", "samples", "--codecs", "png", "--photos", "2", "--workers", str(workers)]
    done = runner.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "2 photos of samples" in done.stdout


def test_a_cluster() -> None:
    with LocalCluster(n_workers=1, processes=False, dashboard_address=":0", silence_logs=50) as local:
        words = ["--codecs", "png", "--photos", "2", "--cluster", local.scheduler_address]
        swept = runner.invoke(app, ["sweep", "samples", *words])
        found = runner.invoke(app, ["limit", "samples", *words])
    for done in (swept, found):
        assert done.exit_code == 0, done.output
        assert "2 photos of samples" in done.stdout


def test_a_cluster_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = runner.invoke(app, ["sweep", "samples", "--codecs", "png", "--cluster", "tcp://127.0.0.1:1"])
    assert done.exit_code == 1
    assert done.stderr == (
        "A cluster needs the package “distributed”. Install it: pip install 'keepsight[cluster]'.\n"
    )

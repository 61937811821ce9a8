"""Codec processes that are killed: the work is done all the same, by others, and the window hears of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor

import psutil
import pytest

from keepsight.app.worker.codec_processes import CodecProcesses


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def processes(said: list[str]) -> Iterator[CodecProcesses]:
    processes = CodecProcesses(said.append)
    yield processes
    processes.shutdown(cancel_futures=True)


def test_work_of_a_killed_process_is_done_by_another(processes: CodecProcesses, said: list[str]) -> None:
    first = processes.submit(os.getpid).result(60)
    under_way = [processes.submit(time.sleep, 1.0) for _ in range(3)]
    time.sleep(0.3)
    psutil.Process(first).kill()
    assert [future.result(60) for future in under_way] == [None] * 3
    assert processes.submit(os.getpid).result(60) != first
    assert len(said) == 1
    assert "do its work again" in said[0]
    assert processes.submit(pow, 2, 5).result(60) == 32


def test_what_kills_every_process_is_given_up(processes: CodecProcesses, said: list[str]) -> None:
    with pytest.raises(BrokenExecutor):
        processes.submit(os._exit, 1).result(60)
    assert len(said) == 2
    assert processes.submit(pow, 2, 6).result(60) == 64


def test_errors_and_cancelling(processes: CodecProcesses) -> None:
    with pytest.raises(ZeroDivisionError):
        processes.submit(divmod, 1, 0).result(60)
    waiting = [processes.submit(time.sleep, 0.2) for _ in range(12)]
    assert waiting[-1].cancel()
    assert [future.result(60) for future in waiting[:-1]] == [None] * 11


def test_processes_die_while_work_is_cancelled(processes: CodecProcesses, said: list[str]) -> None:
    victim = processes.submit(os.getpid).result(60)
    futures = [processes.submit(time.sleep, 0.3) for _ in range(40)]
    time.sleep(0.1)  # the first ones are under way
    cancelled = [future for future in futures[1:] if future.cancel()]
    psutil.Process(victim).kill()
    done = [future for future in futures if future not in cancelled]
    assert 30 < len(cancelled) < 40
    assert [future.result(60) for future in done] == [None] * len(done)
    assert processes.submit(pow, 2, 7).result(60) == 128
    assert len(said) == 1


def test_what_waits_is_done_before_the_end_or_cancelled(said: list[str]) -> None:
    processes = CodecProcesses(said.append)
    futures = [processes.submit(pow, 2, i) for i in range(12)]
    processes.shutdown()
    assert [future.result(0) for future in futures] == [2**i for i in range(12)]
    processes = CodecProcesses(said.append)
    futures = [processes.submit(time.sleep, 0.2) for _ in range(20)]
    processes.shutdown(cancel_futures=True)
    assert all(future.done() for future in futures)
    assert futures[-1].cancelled()
    assert not said


def test_no_work_after_the_end(said: list[str]) -> None:
    processes = CodecProcesses(said.append)
    processes.shutdown()
    with pytest.raises(RuntimeError):
        processes.submit(os.getpid)
    assert not said


def test_no_work_after_the_end_of_processes_that_died(said: list[str]) -> None:
    processes = CodecProcesses(said.append)
    victim = processes.submit(os.getpid).result(60)
    under_way = processes.submit(time.sleep, 5.0)
    processes._closed = True  # as it is while a shutdown waits
    psutil.Process(victim).kill()
    with pytest.raises(BrokenExecutor):
        under_way.result(60)
    with pytest.raises(RuntimeError):
        processes.submit(os.getpid)
    processes.shutdown()
    assert not said


def test_processes_end_with_a_program_that_is_killed() -> None:
    code = (
        "import os, signal\n"
        "from keepsight.app.worker.codec_processes import CodecProcesses\n"
        "if __name__ == '__main__':\n"
        "    print(CodecProcesses(print).submit(os.getpid).result(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    worker = int(done.stdout)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the process outlived the program"
        time.sleep(0.1)

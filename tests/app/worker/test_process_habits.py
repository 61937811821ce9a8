import platform
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import multiprocessing, time
import psutil
from keepsight.app.worker import process_habits

def let_go(told):
    # Blocks so small that the C library does not ask the system for each.
    process_habits.TRIM_S = 0.1
    process_habits.step_back(0)
    blocks = [b"x" * 100_000 for _ in range(1000)]
    kept = blocks[::10]  # what stays between the others keeps the C library from giving those back by itself
    del blocks
    before = psutil.Process().memory_full_info().uss
    time.sleep(1)
    told.send(before - psutil.Process().memory_full_info().uss)

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=let_go, args=(theirs,))
    process.start()
    theirs.close()  # so that a process which fails ends the wait
    print(ours.recv())
    process.join()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="only GNU's C library is asked"
)
def test_a_process_that_serves_the_window_gives_back_what_is_free(tmp_path: Path) -> None:
    script = tmp_path / "let_go.py"
    script.write_text(_SCRIPT)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert float(ended.stdout) > 50e6

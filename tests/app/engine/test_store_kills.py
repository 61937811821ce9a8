"""A sweep that is killed without warning loses nothing that it showed; more moments in tests/fuzz."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "fuzz" / "fuzz_kills.py"


def test_killed_sweeps_lose_nothing() -> None:
    call = [sys.executable, str(SCRIPT), "--kills", "5"]
    ended = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "nothing lost, nothing twice" in ended.stdout

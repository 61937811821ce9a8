"""Random actions on the real window raise nothing and leave nothing; more of them in tests/fuzz."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "fuzz" / "fuzz_window.py"


def test_random_actions_break_nothing() -> None:
    call = [sys.executable, str(SCRIPT), "--actions", "60", "--seed", "7"]
    ended = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "actions                                60" in ended.stdout

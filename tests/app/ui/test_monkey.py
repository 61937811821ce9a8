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


_LAST_OPENS_A_MENU = """
from pathlib import Path
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QToolButton
import fuzz_window
from monkey import Monkey

app = QApplication([])
window, button = QMainWindow(), QToolButton()
button.setMenu(QMenu(button))
button.menu().addAction("Nothing")
button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
button.resize(9, 9)
window.setCentralWidget(button)
window.show()
fuzz_window.STUCK_S = 5
run = fuzz_window.Run.__new__(fuzz_window.Run)
run.problems, run.times, run._log = fuzz_window.Problems(), [], None
run.monkey = Monkey(window, Path(), 0)
run.monkey._acts = {run.monkey._use_control: 1}
run.play(1)
print(f"{len(run.times) - 1} actions closed the menu")
"""


def test_a_menu_that_the_last_action_opens_is_closed() -> None:
    call = [sys.executable, "-c", _LAST_OPENS_A_MENU]
    ended = subprocess.run(call, capture_output=True, text=True, check=False, cwd=SCRIPT.parent)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert int(ended.stdout.split()[0]) >= 1

"""The window offers the codecs that a user brings, and says which it had to leave out."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Setting
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

COPY = """
id = "{id}"
label = "Copy"
colour = "{colour}"
suffix = ".copy"
encode = ["cp", "{{input}}", "{{output}}"]
decode = ["cp", "{{input}}", "{{output}}"]
"""


def test_the_menu_has_them_and_the_log_names_the_broken(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "codecs").mkdir()
    (tmp_path / "codecs" / "good.toml").write_text(COPY.format(id="copy", colour="#123456"))
    (tmp_path / "codecs" / "bad.toml").write_text(COPY.format(id="bad", colour="blue"))
    with monkeypatch.context() as patch:
        patch.setenv("KEEPSIGHT_HOME", str(tmp_path))
        registry.refresh()
        window = MainWindow("scenes")
        qtbot.addWidget(window)
        window.add_pane(Setting("copy", registry.get("copy").ladder()[0]))
        pane = window.grid.panes[window.grid.selection]
        assert pane.codec.currentText() == "Copy"
        log = window.curves.log.toPlainText()
        assert (
            "bad.toml” has a field “colour” that is not usable. It takes a colour such as “#D55E00”." in log
        )
        assert window.problems == []
        window.shut_down()
    registry.refresh()

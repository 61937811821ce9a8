"""Candidates of Keep in the whole window, with the real engine and a real classifier behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.ui import search_words as words
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 120_000


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder: Path = tmp_path_factory.mktemp("photos")
    Image.open(SAMPLES[0].path).convert("RGB").resize((120, 90)).save(folder / "small.png")
    with opened("scenes") as window:
        window.begin([folder], sweep_photos=None, keep=False)
        yield window


@pytest.fixture
def number(window: MainWindow, qtbot) -> int:
    """The first compressed pane, selected and with Keep at its cheapest; the tab is open."""
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    number = list(window.grid.panes)[1]
    window.grid.select(number)
    window.curves.setCurrentWidget(window.search.panel)
    window._set_codec(number, "keep")
    window._set_options(window._bench.settings[number].options.model_dump() | {"effort": 1})
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    return number


def test_a_candidate_is_shown_as_one_and_the_chosen_file_comes_back(window, number, qtbot) -> None:
    panel, keep = window.search.panel, registry.get("keep")
    found = window._shown[number].found
    assert words.is_read(found)
    assert panel.finding.text().startswith(f"{len(found.tried)} candidates tried in")
    assert window.side.builder._guide.text() == f"Guided by {window._bench.judge.card.name}"
    chosen = window.grid.panes[number].content
    assert chosen.note == ""
    other = next(one for one in found.tried if one is not found.chosen)
    at = panel.plot.position_of(other)
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    content = window.grid.panes[number].content
    assert content.options == f"candidate: {other.words}"
    assert content.note == "A candidate, not the chosen file."
    assert content.bytes == len(other.data)
    assert (content.pixels == keep.decode(other.data)).all()
    assert content.psnr is not None
    assert content.rows
    assert window._shown[number].found is found, "nothing is searched again"
    assert "Escape goes back" in panel.finding.text()
    panel.plot.setFocus()
    qtbot.keyClick(panel.plot, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    back = window.grid.panes[number].content
    assert (back.options, back.bytes, back.note) == (chosen.options, chosen.bytes, "")


def test_an_option_wins_over_a_candidate(window, number, qtbot) -> None:
    shown = window._shown[number]
    other = next(one for one in shown.found.tried if one is not shown.found.chosen)
    window._set_options(shown.request.setting.options.model_dump() | {"lmbda": 100.0})
    window.search.panel.plot.candidate_chosen.emit(other)  # of the search that is no longer asked for
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    assert window._shown[number].request.candidate is None
    assert window._shown[number].request.setting.options.lmbda == 100
    assert window.search.panel.plot._found is window._shown[number].found, "the plot follows"


def test_an_aim_that_is_not_met_is_said(window, number, qtbot) -> None:
    options = window._bench.settings[number].options
    window._set_options(options.model_dump() | {"aim": "size", "size": 20})
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    content = window.grid.panes[number].content
    assert content.note.startswith("No file of at most 20 bytes was found")
    assert window.search.panel.finding.text().startswith(content.note)
    assert content.options == "at most 20 bytes · effort 1"


def test_other_codecs_did_not_search(window, number, qtbot) -> None:
    window.grid.select(list(window.grid.panes)[2])
    assert window.search.panel.hint.isVisible()
    window.grid.select(number)
    assert not window.search.panel.hint.isVisible()
    window._set_codec(number, "jpeg")
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    assert window.search.panel.hint.isVisible()

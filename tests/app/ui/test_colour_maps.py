import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from keepsight.app.ui.colour_bar import ColourBar
from keepsight.app.ui.colour_maps import COLOUR_MAPS, DIFFERENCE, ColourMap


def rgba(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4).astype(int)


def flat(colours: ColourMap, value: float, maximum: float) -> np.ndarray:
    """Return the colour of a map that has one value everywhere."""
    shown = rgba(colours.coloured(np.full((4, 6), value, np.float32), maximum))
    assert np.ptp(shown.reshape(-1, 4), axis=0).max() <= 5  # of the interpolation
    return shown[0, 0]


def test_viridis_comes_first_and_every_scale_is_there() -> None:
    assert list(COLOUR_MAPS) == ["viridis", "magma", "inferno", "turbo", "grey"]
    for colours in (*COLOUR_MAPS.values(), DIFFERENCE):
        assert colours.table.shape == (256, 3)
        assert colours.label
        assert colours.help


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_a_value_has_the_colour_of_its_share_of_the_maximum(name: str) -> None:
    colours = COLOUR_MAPS[name]
    for value, place in ((2.5, 127), (5, 255), (50, 255)):
        shown = flat(colours, value, 5)
        assert np.abs(shown[:3] - colours.table[place]).max() <= 4
        assert shown[3] == 255
    assert flat(colours, 0, 5)[3] == 0
    assert 100 < flat(colours, 1.2, 5)[3] < 140


def test_with_one_maximum_maps_compare_and_with_two_they_do_not() -> None:
    viridis = COLOUR_MAPS["viridis"]
    assert np.abs(flat(viridis, 3, 4) - flat(viridis, 6, 8)).max() <= 3
    assert np.abs(flat(viridis, 3, 4) - flat(viridis, 3, 8)).max() > 50


def test_zero_is_neutral_in_a_difference_and_the_signs_are_told_apart() -> None:
    assert flat(DIFFERENCE, 0, 2)[3] == 0
    middle = DIFFERENCE.table[127].astype(int)
    assert np.ptp(middle) <= 3
    less, more = (flat(DIFFERENCE, value, 2) for value in (-2, 2))
    assert less[3] == more[3] == 255
    assert less[2] > less[0] + 100
    assert more[0] > more[2] + 100


def test_a_map_of_nothing_is_transparent() -> None:
    for colours in (COLOUR_MAPS["magma"], DIFFERENCE):
        assert flat(colours, 0, 0)[3] == 0


def test_the_bar_tells_its_ends(qtbot: QtBot) -> None:
    bar = ColourBar()
    qtbot.addWidget(bar)
    bar.resize(150, 25)
    bar.show()
    assert bar.texts() == ("", "", "")
    blank = bar.grab().toImage()
    bar.show_scale(COLOUR_MAPS["magma"], 2.3141)
    assert bar.texts() == ("0 low", "", "high 2.31")
    assert "2.31" in bar.toolTip()
    assert bar.grab().toImage() != blank
    bar.show_scale(DIFFERENCE, 0.312)
    assert bar.texts() == ("−0.31 less", "0", "more +0.31")
    row = rgba(bar.grab().toImage())[3]
    assert np.abs(row[0, :3] - DIFFERENCE.table[0]).max() < 12
    assert np.abs(row[-1, :3] - DIFFERENCE.table[-1]).max() < 12
    bar.show_scale(DIFFERENCE, None)
    assert bar.texts() == ("", "", "")

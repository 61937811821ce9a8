import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.ui.parts_panel import PartsPanel
from keepsight.codecs import registry
from keepsight.codecs.base import Part

RNG = np.random.default_rng(0)
FLAT = np.full((10, 20), 36, np.uint8)


@pytest.fixture
def panel(qtbot: QtBot) -> PartsPanel:
    panel = PartsPanel()
    qtbot.addWidget(panel)
    return panel


def colour(panel: PartsPanel, place: int) -> str:
    return panel.pictures[place].pixmap().toImage().pixelColor(5, 5).name()


def texts(panel: PartsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


def test_planes_stand_side_by_side_with_their_bytes(panel: PartsPanel) -> None:
    pixels = np.full((20, 40, 3), (200, 100, 50), np.uint8)
    panel.show_parts((Part("Means", pixels, 1234), Part("Dispersion", FLAT, 56, 72, "grey levels")))
    QApplication.processEvents()
    assert texts(panel) == ["In the file", "Means", "1,234 B", "Dispersion", "56 B"]
    assert colour(panel, 0) == "#c86432"
    sizes = [picture.pixmap().deviceIndependentSize().toTuple() for picture in panel.pictures]
    assert sizes == [(102, 51), (102, 51)]
    panel.show_parts(())
    assert not panel.isVisible()


def test_the_scale_does_not_follow_the_picture(panel: PartsPanel) -> None:
    shades = []
    for value in (0, 36, 72):
        panel.show_parts((Part("Dispersion", np.full_like(FLAT, value), 1, 72),))
        shades.append(colour(panel, 0))
    assert (shades[0], shades[2]) == ("#440154", "#fde725")  # the ends of viridis
    mixed = FLAT.copy()
    mixed[-1] = 72
    panel.show_parts((Part("Dispersion", mixed, 1, 72),))
    assert colour(panel, 0) == shades[1]


@pytest.mark.parametrize("spec", ["block-average", "downscale:factor=2+blur+block-average"])
def test_block_averages_show_their_planes(panel: PartsPanel, spec: str) -> None:
    codec = registry.get(spec)
    pixels = RNG.integers(0, 256, (61, 90, 3), np.uint8)
    data = codec.encode(pixels, codec.options().replace(block=4, dispersion=3))
    means, dispersion = codec.parts(data)
    side = 2 if "downscale" in spec else 1
    rows, columns = -(-round(61 / side) // 4), -(-90 // side // 4)
    assert means.values.shape == (rows, columns, 3)
    assert dispersion.values.shape == (rows, columns)
    assert dispersion.values.max() <= dispersion.top
    assert 0 < means.bytes + dispersion.bytes < len(data)
    panel.show_parts((means, dispersion))
    assert len(panel.pictures) == 2


def test_a_plane_of_one_value_and_a_long_one_are_shown(panel: PartsPanel) -> None:
    for shape in ((1, 1), (1, 5000), (5000, 1)):
        panel.show_parts((Part("Dispersion", np.zeros(shape, np.uint8), 3, 72),))
        assert not panel.pictures[0].pixmap().isNull()


def test_other_codecs_have_no_planes() -> None:
    jpeg = registry.get("jpeg")
    assert jpeg.parts(jpeg.encode(np.zeros((8, 8, 3), np.uint8), jpeg.options())) == ()

from typing import Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.ui.options_form import NumberInput, OptionsForm
from keepsight.codecs.options import Options, option


class SomeOptions(Options):
    quality: int = option(75, "Quality", "Higher keeps more detail.", low=1, high=100)
    distance: float = option(1.0, "Distance", "Lower keeps more detail.", low=0, high=15, step=0.1)
    rate: float = option(1000, "Rate", "How much bytes weigh.", low=10, high=100_000, step=10, log=True)
    chroma: Literal["4:4:4", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")
    progressive: bool = option(True, "Progressive", "Shows a coarse picture early.")


DEFAULTS = SomeOptions().model_dump()


@pytest.fixture
def form(qtbot: QtBot) -> OptionsForm:
    form = OptionsForm()
    qtbot.addWidget(form)
    form.resize(250, 260)
    form.set_options(SomeOptions.fields(), {})
    form.show()
    return form


def number(form: OptionsForm, label: str) -> NumberInput:
    return next(entry for entry in form.findChildren(NumberInput) if entry.slider.accessibleName() == label)


def test_form_starts_from_defaults_and_takes_values(form: OptionsForm, qtbot: QtBot) -> None:
    assert form.values() == DEFAULTS
    assert list(form.values()) == list(DEFAULTS)
    asked = DEFAULTS | {"quality": 8, "distance": 2.3, "rate": 120.0, "chroma": "4:4:4", "progressive": False}
    with qtbot.assertNotEmitted(form.changed):
        form.set_options(SomeOptions.fields(), asked)
    assert form.values() == asked
    assert SomeOptions.parse(form.values()).model_dump() == asked


def test_every_move_of_a_slider_tells_all_values(form: OptionsForm, qtbot: QtBot) -> None:
    told: list[dict[str, object]] = []
    form.changed.connect(told.append)
    slider = number(form, "Quality").slider
    for position in (10, 20, 30):
        slider.setValue(position)
    assert [values["quality"] for values in told] == [11, 21, 31]
    assert all(set(values) == set(DEFAULTS) for values in told)
    assert isinstance(told[0]["quality"], int)


@pytest.mark.parametrize(
    ("label", "name"), [("Quality", "quality"), ("Distance", "distance"), ("Rate", "rate")]
)
def test_slider_reaches_both_ends_and_only_valid_values(form: OptionsForm, label: str, name: str) -> None:
    field = next(field for field in SomeOptions.fields() if field.name == name)
    slider = number(form, label).slider
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert form.values()[name] == field.low
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert form.values()[name] == field.high
    for position in range(0, slider.maximum() + 1, 7):
        slider.setValue(position)
        assert SomeOptions.parse(form.values()).model_dump() == form.values()


def test_log_slider_has_the_geometric_mean_in_the_middle(form: OptionsForm) -> None:
    entry = number(form, "Rate")
    entry.slider.setValue(entry.slider.maximum() // 2)
    assert form.values()["rate"] == pytest.approx(1000, rel=0.25)


def test_typed_number_moves_the_slider(form: OptionsForm, qtbot: QtBot) -> None:
    entry = number(form, "Quality")
    entry.spin.selectAll()
    with qtbot.waitSignal(form.changed, timeout=500) as told:
        QTest.keyClicks(entry.spin, "42")
        QTest.keyClick(entry.spin, Qt.Key.Key_Return)
    assert told.args is not None
    assert told.args[0]["quality"] == 42
    assert entry.slider.value() == 41


def test_typed_number_out_of_range_is_not_taken(form: OptionsForm) -> None:
    entry = number(form, "Quality")
    entry.spin.selectAll()
    QTest.keyClicks(entry.spin, "5000")
    QTest.keyClick(entry.spin, Qt.Key.Key_Return)
    assert 1 <= int(form.values()["quality"]) <= 100


def test_shift_is_fine_and_ctrl_is_coarse(form: OptionsForm, qtbot: QtBot) -> None:
    slider = number(form, "Distance").slider
    none, shift, ctrl = (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    )
    steps = {}
    for modifier in (shift, none, ctrl):
        form.set_options(SomeOptions.fields(), {"distance": 5.0})
        QTest.keyClick(slider, Qt.Key.Key_Right, modifier)
        steps[modifier] = float(form.values()["distance"]) - 5.0
        QTest.keyClick(slider, Qt.Key.Key_Left, modifier)
        assert form.values()["distance"] == 5.0
        form.setFocus()
        _wheel(slider, -120, modifier)
        assert form.values()["distance"] == 5.0, "the column scrolls instead"
        slider.setFocus()
        qtbot.waitUntil(slider.hasFocus)
        _wheel(slider, -120, modifier)
        assert form.values()["distance"] == pytest.approx(5.0 - steps[modifier])
    assert steps[shift] == pytest.approx(0.1)
    assert steps[none] == pytest.approx(0.3)
    assert steps[ctrl] == pytest.approx(1.5)


def test_choice_and_tick_tell(form: OptionsForm, qtbot: QtBot) -> None:
    combo, check = form.findChild(QComboBox), form.findChild(QCheckBox)
    with qtbot.waitSignal(form.changed, timeout=500) as told:
        QTest.keyClick(combo, Qt.Key.Key_Up)
    assert told.args == [DEFAULTS | {"chroma": "4:4:4"}]
    with qtbot.waitSignal(form.changed, timeout=500) as told:
        QTest.keyClick(check, Qt.Key.Key_Space)
    assert told.args == [DEFAULTS | {"chroma": "4:4:4", "progressive": False}]


def test_reset_sets_the_defaults_and_tells_once(form: OptionsForm, qtbot: QtBot) -> None:
    assert not form.reset_button.isEnabled()
    form.set_options(SomeOptions.fields(), {"quality": 3, "progressive": False})
    assert form.reset_button.isEnabled()
    told: list[dict[str, object]] = []
    form.changed.connect(told.append)
    QTest.mouseClick(form.reset_button, Qt.MouseButton.LeftButton)
    assert told == [DEFAULTS]
    assert not form.reset_button.isEnabled()


def test_same_options_keep_the_controls_others_replace_them(form: OptionsForm) -> None:
    slider = number(form, "Quality").slider
    form.set_options(SomeOptions.fields(), {"quality": 9})
    assert number(form, "Quality").slider is slider
    form.set_options(SomeOptions.fields()[1:2], {"distance": 4.0})
    assert form.values() == {"distance": 4.0}


def test_headings_stand_above_their_options(form: OptionsForm) -> None:
    form.set_options(SomeOptions.fields(), {"quality": 9}, {"quality": "Blur", "chroma": "AVIF"})
    QApplication.processEvents()
    said = [label.text() for label in form.findChildren(QLabel) if label.isVisible() and label.text()]
    assert said == ["Blur", "Quality", "Distance", "Rate", "AVIF", "Chroma"]
    slider = number(form, "Quality").slider
    form.reset()
    assert form.values() == DEFAULTS
    assert number(form, "Quality").slider is slider


def test_codec_without_options_says_so(form: OptionsForm) -> None:
    form.set_options([], {})
    assert form.values() == {}
    said = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    assert "This compressor has no options." in said
    assert not form.reset_button.isVisible()


def test_every_control_has_help_a_name_and_the_keyboard(form: OptionsForm) -> None:
    for field in SomeOptions.fields():
        entry = form._inputs[field.name]
        assert entry.toolTip() == field.help
        parts = [entry.slider, entry.spin] if isinstance(entry, NumberInput) else [entry]
        for part in parts:
            assert part.toolTip() == field.help
            assert part.accessibleName() or (isinstance(part, QCheckBox) and part.text())
            assert part.focusPolicy() & Qt.FocusPolicy.TabFocus


def _wheel(slider: object, delta: int, modifier: Qt.KeyboardModifier) -> None:
    at = QPointF(5, 5)
    none = Qt.MouseButton.NoButton
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        slider, QWheelEvent(at, at, QPoint(), QPoint(0, delta), none, modifier, phase, False)
    )

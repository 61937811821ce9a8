"""The Qt binding itself: a fault there ends the program without a message."""

import sys

import PySide6
from PySide6.QtCore import QObject


def test_calls_do_not_wear_out_none() -> None:
    """PySide6 6.12.0 takes one reference to None at each call without a result.

    Before Python 3.12, where None counts references, the program is aborted after some thousand calls.
    """
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        thing.setObjectName("name")
    lost = before - sys.getrefcount(None)
    assert lost < 500, f"PySide6 {PySide6.__version__} lost {lost} references to None: use another version"

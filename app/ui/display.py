"""Whether there is a display for the window: Qt itself would abort with words for programmers."""

import ctypes
import os
import socket
import sys
from pathlib import Path

_INSTEAD = "Use “keepsight snapshot OUT.png” to render it to a picture."


def why_no_display() -> str:
    """Return a sentence where no display can be reached, "" where one can or Qt has to find out itself."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or platform not in {"", "xcb", "wayland"}:
        return ""
    x11, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not (x11 or wayland):
        return f"There is no display for the window. {_INSTEAD}"
    if (wayland and _reaches_wayland(wayland)) or (x11 and _reaches_x11()):
        return ""
    named = " and ".join(f"“{name}”" for name in (x11, wayland) if name)
    return f"The display {named} for the window cannot be reached. {_INSTEAD}"


def _reaches_x11() -> bool:
    """Connect as Qt does, with the same library; where that is missing, another sentence is due."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _reaches_wayland(name: str) -> bool:
    """Connect to the compositor's socket: a path, or a name in the folder of the session."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", ""), name)))
        except OSError:
            return False
    return True

"""Every test here runs with the program's look, and fails if it leaves a thread or a timer behind."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from keepsight.app.engine.types import Curve, CurvePoint, Share
from keepsight.app.ui import theme
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

# Mean bytes and top-1 accuracy, measured on 500 labelled photos.
MEASURED = {
    "jpeg": ((2230, 0.356), (3613, 0.628), (6510, 0.778), (9695, 0.834)),
    "webp": ((1879, 0.460), (3722, 0.686), (6927, 0.824)),
    "avif": ((1289, 0.424), (2564, 0.698), (4523, 0.794), (7333, 0.830)),
}


@pytest.fixture(scope="session", autouse=True)
def themed(qapp: QApplication) -> None:
    theme.apply(qapp)


@pytest.fixture(scope="module", autouse=True)
def no_window_stays() -> Iterator[None]:
    """Delete the windows that the tests of a file have closed: each makes a change of the theme slower."""
    yield
    for window in QApplication.topLevelWidgets():
        if isinstance(window, QMainWindow) and not window.isVisible():
            shiboken6.delete(window)


def at_work() -> dict[int, str]:
    """Return what runs in this process: Python threads, Qt threads and timers, by identity.

    Not timers that fire once: a window that is shared by tests may still wait for a setting to rest.
    """
    found = {id(thread): f"thread {thread.name}" for thread in threading.enumerate()}
    for thing in shiboken6.getAllValidWrappers():
        if isinstance(thing, QThread) and thing.isRunning() and thing is not QThread.currentThread():
            found[id(thing)] = f"Qt thread {thing.objectName() or thing!r}"
        elif isinstance(thing, QTimer) and thing.isActive() and not thing.isSingleShot():
            found[id(thing)] = f"timer of {thing.parent()!r}, every {thing.interval()} ms"
    return found


@pytest.fixture(scope="session")
def list_at_work() -> Callable[[], dict[int, str]]:
    return at_work


@pytest.fixture(scope="session")
def opened(qapp: QApplication) -> Callable[..., AbstractContextManager[MainWindow]]:
    """Open the real window, with a classifier that is not loaded yet; all that it began ends with it."""

    @contextmanager
    def window(classifier: str, width: int = 1440, height: int = 900) -> Iterator[MainWindow]:
        before = at_work()
        window = MainWindow(classifier)
        window.resize(width, height)
        window.show()
        # All threads of the pool start now, so that a test is not blamed for one that starts later.
        barrier = threading.Barrier(5)
        for _ in range(4):
            window.bench._pool.submit(barrier.wait)
        barrier.wait()
        yield window
        window.close()
        window.shut_down()
        left = {key: words for key, words in at_work().items() if key not in before}
        assert not left, f"left running: {', '.join(left.values())}"

    return window


@pytest.fixture(autouse=True)
def nothing_waits_to_be_deleted() -> Iterator[None]:
    """Delete now what a test closed: no event loop does it between tests, and half a plot hears of themes."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a Python thread, a Qt thread or an active timer behind."""
    before = at_work()
    yield
    left = {key: words for key, words in at_work().items() if key not in before}
    assert not left, f"left running: {', '.join(left.values())}"


def point(codec_id: str, place: int, photos: int, labelled: bool) -> CurvePoint:
    size, top1 = MEASURED[codec_id][place]
    half = 1 / photos**0.5
    share = Share(top1, max(0, top1 - half), min(1, top1 + half))
    return CurvePoint(
        codec=codec_id,
        options=registry.get(codec_id).ladder()[place].to_json(),
        photos=photos,
        failed=0,
        mean_bytes=size,
        bpp=8 * size / 224**2,
        top1=share if labelled else None,
        top5=share if labelled else None,
        agreement=share,
        p_true=top1 if labelled else None,
        p_kept=top1,
        kl=1 - top1,
        psnr=20 + 10 * top1,
        ssim=top1,
        ms_ssim=top1,
        encode_ms=4.25,
        decode_ms=1.5,
        classify_ms=23.0,
    )


@pytest.fixture
def curves() -> Callable[..., list[Curve]]:
    """Make curves of these codecs, all that were measured if none is named."""

    def make(*codec_ids: str, photos: int = 500, labelled: bool = True) -> list[Curve]:
        return [
            Curve(codec_id, [point(codec_id, i, photos, labelled) for i in range(len(MEASURED[codec_id]))])
            for codec_id in codec_ids or MEASURED
        ]

    return make

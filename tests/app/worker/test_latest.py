"""Latest wins: what runs when requests come faster than they can be served."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from keepsight.app.engine.photos import PhotoError
from keepsight.app.worker.latest import Latest


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Gate:
    """Work that waits for permission before it yields its request and then a second result."""

    def __init__(self) -> None:
        self.started: list[object] = []
        self.entered = threading.Semaphore(0)
        self.allowed = threading.Semaphore(0)

    def __call__(self, request: object) -> Iterator[object]:
        self.started.append(request)
        self.entered.release()
        self.allowed.acquire()
        yield request
        yield f"{request} done"


def collect(latest: Latest) -> list[object]:
    results: list[object] = []
    latest.result.connect(results.append)
    return results


def test_every_result_of_a_lonely_request_arrives(qtbot, pool):
    latest = Latest(pool, lambda request: iter([request, request + 1]))
    results = collect(latest)
    with qtbot.waitSignal(latest.busy_changed, check_params_cb=lambda busy: not busy):
        latest.submit(1)
    assert results == [1, 2]


def test_of_many_requests_the_first_and_the_last_run(qtbot, pool):
    gate = Gate()
    latest = Latest(pool, gate)
    results = collect(latest)
    latest.submit("a")
    gate.entered.acquire()
    for request in "bcd":
        latest.submit(request)
    gate.allowed.release(2)
    qtbot.waitUntil(lambda: not latest.busy)
    assert gate.started == ["a", "d"]
    # The running one shows what it had, but does not go on while a newer one waits.
    assert results == ["a", "d", "d done"]


def test_nothing_arrives_after_a_cancel(qtbot, pool):
    gate = Gate()
    latest = Latest(pool, gate)
    results = collect(latest)
    latest.submit("a")
    gate.entered.acquire()
    latest.submit("b")
    latest.cancel()
    gate.allowed.release(2)
    qtbot.waitUntil(lambda: not latest.busy)
    assert gate.started == ["a"]
    assert results == []


def test_a_request_after_a_cancel_is_served(qtbot, pool):
    gate = Gate()
    latest = Latest(pool, gate)
    results = collect(latest)
    latest.submit("a")
    gate.entered.acquire()
    latest.cancel()
    latest.submit("b")
    gate.allowed.release(2)
    qtbot.waitUntil(lambda: not latest.busy)
    assert results == ["b", "b done"]


def test_one_that_is_done_with_goes_when_its_work_has_ended(qtbot, pool, caplog):
    gate = Gate()
    latest = Latest(pool, gate)
    results = collect(latest)
    latest.submit("a")
    gate.entered.acquire()
    latest.retire()
    with qtbot.waitSignal(latest.destroyed):
        gate.allowed.release(2)
    assert results == []
    assert not caplog.records
    idle = Latest(pool, gate)
    with qtbot.waitSignal(idle.destroyed):
        idle.retire()


def test_an_error_for_the_user_arrives_as_its_sentence_and_the_next_request_works(qtbot, pool):
    def work(request: object) -> Iterator[object]:
        if request == "bad":
            raise PhotoError("“x” is empty. Copy it again.")
        yield request

    latest = Latest(pool, work)
    results = collect(latest)
    with qtbot.waitSignal(latest.failed) as failed:
        latest.submit("bad")
    assert failed.args == ["“x” is empty. Copy it again."]
    qtbot.waitUntil(lambda: not latest.busy)
    latest.submit("good")
    qtbot.waitUntil(lambda: not latest.busy)
    assert results == ["good"]


def test_an_unexpected_error_is_a_sentence_too(qtbot, pool, caplog):
    latest = Latest(pool, lambda request: iter([1 / request]))
    with qtbot.waitSignal(latest.failed) as failed:
        latest.submit(0)
    assert "division by zero" in failed.args[0]
    assert "Traceback" in caplog.text
    qtbot.waitUntil(lambda: not latest.busy)

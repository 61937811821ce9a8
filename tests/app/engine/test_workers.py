"""A sweep on a real Dask cluster, its workers lost half-way included, and on processes that die."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from distributed import LocalCluster

from keepsight.app.engine import workers as workers_module
from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.app.engine.types import Measurement, Setting
from keepsight.app.engine.workers import ClusterError, WorkersLostError, cluster
from keepsight.models.types import Judge

ITEMS = open_data("samples").items[:6]
SETTINGS = default_settings(["jpeg", "webp"])[::4]
ALL = len(ITEMS) * (1 + len(SETTINGS))


def _timeless(row: Measurement) -> Measurement:
    """Without what another run may have otherwise: times, and the last digits of what a batch sums up."""
    return replace(row, encode_s=0, decode_s=0, classify_s=0, p_kept=0, kl=0)


@pytest.fixture(scope="module")
def local() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of the worker that is killed
def test_a_cluster_gives_the_same_rows_also_when_it_loses_a_worker(judge: Judge, local: LocalCluster) -> None:
    here = [row for rows in sweep(ITEMS, SETTINGS, judge, protocol="crop", seed=1) for row in rows]
    with cluster(local.scheduler_address) as (executor, workers):
        assert workers == 2
        there: list[Measurement] = []
        for rows in sweep(
            ITEMS, SETTINGS, judge, protocol="crop", seed=1, executor=executor, workers=workers, batch=4
        ):
            if not there:
                os.kill(local.workers[0].pid, signal.SIGKILL)
            there += rows
    assert not any(row.error for row in there)
    assert len({(row.photo, row.codec, row.options) for row in there}) == len(there) == ALL
    assert [_timeless(row) for row in there] == [_timeless(row) for row in here]


def test_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "_CONNECT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense", "http://127.0.0.1:9"):
        with (
            pytest.raises(ClusterError, match=f"There is no Dask scheduler at “{address}”. "),
            cluster(address),
        ):
            pass


def test_a_cluster_without_workers() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0", silence_logs=50) as empty,
        pytest.raises(ClusterError, match="has no workers"),
        cluster(empty.scheduler_address),
    ):
        pass


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_processes_that_die_end_a_sweep_with_a_sentence(judge: Judge) -> None:
    many: list[Item] = ITEMS * 3
    settings: list[Setting] = SETTINGS
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        running = sweep(many, settings, judge, protocol="crop", seed=1, executor=executor, batch=4)
        first = next(running)
        executor.submit(_die)
        with pytest.raises(WorkersLostError, match="Start the sweep again"):
            first += [row for rows in running for row in rows]
    assert not any(row.error for row in first)

"""Which sweep filled a store: noted with its rows, and read again."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from keepsight.app.engine import runs
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.runs import Run, command_line, noted, run_of
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement
from keepsight.models.types import Judge


@pytest.fixture(scope="module")
def about(judge: Judge) -> Run:
    return run_of(judge, None, "crop", data="scenes", photos=2, seed=3, command="keepsight sweep scenes")


def _complain(sentence: str) -> None:
    raise AssertionError(sentence)


def test_a_run_says_what_its_times_hang_on(judge: Judge, about: Run) -> None:
    assert (about.fingerprint, about.runtime) == (judge.card.fingerprint, judge.runtime)
    assert "logical cores" in about.machine
    assert {"keepsight", "Python", "numpy", "torch", "libavif (in imagecodecs)"} <= about.versions.keys()
    assert all(version[0].isdigit() for version in about.versions.values())


def test_a_command_line_survives_a_shell() -> None:
    line = command_line("sweep", "my photos", codecs="downscale:factor=2+avif", guide_map=None, seed=0)
    assert shlex.split(line) == [
        *("keepsight", "sweep", "my photos"),
        *("--codecs", "downscale:factor=2+avif", "--seed", "0"),
    ]


def test_rows_belong_to_the_run_that_measured_them_last(tmp_path: Path, row: Measurement, about: Run) -> None:
    again = about.model_copy(update={"started": "later", "seed": 4})
    with Store(tmp_path / "s.sqlite") as store:
        store.add([row])
        with noted(store, about, _complain) as note:
            kept = [replace(row, codec=ORIGINAL, options="{}"), replace(row, options="{}")]
            store.add(kept)
            note([*kept, replace(row, error="It failed.")])
        with noted(store, again, _complain):
            store.add([replace(row, options="{}", bytes=1)])
        first, second = store.runs()
        assert [Run.model_validate_json(run.about) for run in (first, second)] == [about, again]
        assert (first.failed, first.failures, second.failed) == (1, ["It failed."], 0)
        assert first.ended is not None
        assert store.rows_by_run("crop", "c") == {None: 1, first.id: 1, second.id: 1}
        store.add([replace(row, photo="q")])
        assert store.rows_by_run("crop", "c")[None] == 2


def test_a_run_that_was_killed_has_no_end(tmp_path: Path, row: Measurement, about: Run) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.begin(about.model_dump_json())
        assert store.runs() == []
        store.add([row])
    with Store(tmp_path / "s.sqlite") as store:
        assert [run.ended for run in store.runs()] == [None]


def test_only_a_run_with_failures_is_kept_without_rows(tmp_path: Path, row: Measurement, about: Run) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        with noted(store, about, _complain) as note:
            note([row])  # it stood in the store already
        assert store.runs() == []
        with noted(store, about, _complain) as note:
            note([replace(row, error=f"Failure {n}.") for n in range(100)])
        (run,) = store.runs()
        assert run.failed == 100
        assert run.failures[0] == "Failure 0."
        assert len(run.failures) < 100


def test_a_stopped_sweep_notes_what_failed(tmp_path: Path, row: Measurement, about: Run) -> None:
    def stopped(store: Store) -> None:
        with noted(store, about, _complain) as note:
            note([replace(row, error="It failed.")])
            raise KeyboardInterrupt

    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(KeyboardInterrupt):
            stopped(store)
        assert [run.failed for run in store.runs()] == [1]


def test_a_store_that_fails_at_the_end_is_a_sentence(tmp_path: Path, row: Measurement, about: Run) -> None:
    warnings: list[str] = []
    with Store(tmp_path / "s.sqlite") as store, noted(store, about, warnings.append) as note:
        note([replace(row, error="It failed.")])
        store.close()
        (tmp_path / "s.sqlite").unlink()
        (tmp_path / "s.sqlite").mkdir()
    assert len(warnings) == 1
    assert warnings[0].endswith(
        "cannot be opened or written. Choose a file in a folder that you may write to."
    )


def test_the_processor_has_a_name_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "Path", lambda _: Path("/none"))
    assert runs.machine()[0].isalnum()

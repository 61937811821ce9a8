"""What goes wrong while a sweep runs: it goes on where it can, and what it showed is in the store."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keepsight.app.engine import keeping, store_schema
from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import Store, StoreError
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.app.engine.types import Measurement
from keepsight.models.errors import BrokenAnswerError, ModelError
from keepsight.models.types import Importance, Judge

SETTINGS = default_settings(["jpeg"])[::4]
EACH = 1 + len(SETTINGS)


def _run(judge: Judge, items: list[Item], **how: Any) -> list[Measurement]:
    how = {"protocol": "crop", "seed": 0, "batch": 8} | how
    return [row for rows in sweep(items, how.pop("settings", SETTINGS), judge, **how) for row in rows]


class _Odd:
    """A judge that answers some images with NaN, as one with broken weights does."""

    def __init__(self, judge: Judge, odd: set[bytes]) -> None:
        self.card, self.device, self._judge, self._odd = judge.card, judge.device, judge, odd

    def predict(self, batch: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        if any(image.tobytes() in self._odd for image in batch):
            raise BrokenAnswerError("“Odd” answers with values that are no numbers.")
        return self._judge.predict(batch)

    def explain(self, *_: Any) -> Importance:
        raise ModelError("“Odd” draws no map.")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return open_data("samples").items[:3]


def test_answers_that_are_no_numbers(judge: Judge, items: list[Item], tmp_path: Path) -> None:
    odd = _Odd(judge, {judge.card.prepare(items[0].load().pixels).tobytes()})
    with Store(tmp_path / "s.sqlite") as store:
        rows = _run(odd, items, store=store)
        bad = [row for row in rows if row.error]
        assert {(row.name, row.photo) for row in bad} == {(items[0].name, items[0].load().key)}
        assert len(bad) == EACH  # nothing to compare the compressed ones with
        assert "answers with values that are no numbers" in bad[0].error
        assert f"“{items[0].name}”" in bad[0].error
        assert len(rows) == len(items) * EACH
        assert len(store.rows("crop", judge.card.fingerprint)) == (len(items) - 1) * EACH
        # A classifier that is whole again reads what is missing.
        assert not any(row.error for row in _run(judge, items, store=store))


def test_a_guide_that_fails(judge: Judge, items: list[Item]) -> None:
    settings = [*SETTINGS, *default_settings(["roi-jpeg"])[:2]]
    rows = _run(judge, items[:2], settings=settings, guide=Guiding((_Odd(judge, set()),)))
    bad = [row for row in rows if row.error]
    assert {row.codec for row in bad} == {"roi-jpeg"}
    assert len(bad) == 2 * 2
    assert all("draws no map" in row.error and row.name in row.error for row in bad)
    assert len(rows) == 2 * (1 + len(settings))


def test_photos_that_vanish_or_change(judge: Judge, tmp_path: Path, items: list[Item]) -> None:
    pixels = items[0].load().pixels
    for i in range(12):
        Image.fromarray(np.roll(pixels, i, axis=1)).save(tmp_path / f"{i}.png")
    found = open_data(tmp_path).items
    old = {item.name: item.load().key for item in found}
    running = sweep(found, SETTINGS, judge, protocol="crop", seed=0, batch=4)
    rows = next(running)
    seen = {row.name for row in rows}
    for item in found:
        if item.name in seen or item.path is None:
            continue
        kind = int(item.path.stem) % 3
        if kind == 0:
            item.path.unlink()
        elif kind == 1:
            item.path.write_bytes(item.path.read_bytes()[:100])
        else:
            Image.fromarray(255 - pixels).save(item.path)
    rows += [row for more in running for row in more]
    bad = {row.name: row for row in rows if row.error}
    assert len(bad) >= 4
    assert all(f"{name}”" in row.error and row.codec == ORIGINAL for name, row in bad.items())
    assert any(row.photo != old[row.name] for row in rows if not row.error)
    for name in {item.name for item in found} - bad.keys():
        own = [row for row in rows if row.name == name]
        assert len(own) == EACH
        assert len({row.photo for row in own}) == 1  # never half of one picture, half of another


def test_a_store_that_is_locked_meanwhile(
    judge: Judge, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_schema, "LOCK_WAIT_S", 0.1)
    monkeypatch.setattr(keeping, "_RETRY_S", 0.0)
    path = tmp_path / "s.sqlite"
    said: list[str] = []
    with Store(path) as store:
        running = sweep(
            items, SETTINGS, judge, protocol="crop", seed=0, batch=4, store=store, warn=said.append
        )
        shown = next(running)
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        shown += next(running)
        shown += next(running)
        assert len(said) == 1
        assert "in use by another program" in said[0]
        other.rollback()
        other.close()
        shown += [row for rows in running for row in rows]
        assert len(said) == 1
        assert not any(row.error for row in shown)
        kept = store.rows("crop", judge.card.fingerprint)
        assert sorted(kept, key=repr) == sorted(shown, key=repr)


def test_a_store_that_stays_full(
    judge: Judge, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = store_schema.connect
    Store(tmp_path / "empty.sqlite").close()
    with closing(plain(tmp_path / "empty.sqlite")) as empty:
        (pages,) = empty.execute("PRAGMA page_count").fetchone()

    def connect(path: Path) -> sqlite3.Connection:
        connection = plain(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")  # the tables alone
        return connection

    monkeypatch.setattr(store_schema, "connect", connect)
    said: list[str] = []
    with Store(tmp_path / "s.sqlite") as store:
        many = [replace(item, load=partial(_renamed, item, "x" * 9000)) for item in items]
        rows = _run(judge, many, store=store, warn=said.append)
        assert len([row for row in rows if not row.error]) == len(items) * EACH
        assert "the disk is full" in said[0]
        assert said[-1].startswith("Measurements not kept for the next time: ")
        with pytest.raises(StoreError, match="the disk is full"):
            _run(judge, many, store=store)


def _renamed(item: Item, name: str) -> Any:
    return replace(item.load(), name=name)


def test_a_stored_row_bears_the_name_of_the_photo_that_was_asked_for(
    judge: Judge, items: list[Item], tmp_path: Path
) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        _run(judge, items[:1], store=store)
        other = replace(items[0], name="other", load=partial(_renamed, items[0], "other"))
        assert {row.name for row in _run(judge, [other], store=store)} == {"other"}

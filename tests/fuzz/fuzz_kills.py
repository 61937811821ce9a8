"""Kill sweeps without warning at random moments, and see that nothing that was shown is lost.

Run: python tests/fuzz/fuzz_kills.py --kills 50

A sweep on scenes runs in a process of its own and prints every row as it comes; after a random number of
new rows and a random moment it is killed, and the next one goes on with the same store. It ends with 1 if a
row that was printed is not in the store, is there twice or with other figures, if the file is not sound, or
if the sweep that is at last let run gives other rows than one that nothing disturbed.
"""

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keepsight.app.engine.data import open_data
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.models import judges
from keepsight.models.catalog import find_card

PHOTOS = 24
CODECS = ("jpeg", "webp")
_KEY = ("photo", "codec", "codec_version", "options", "protocol", "classifier", "guide")
_TIMES = ("encode_s", "decode_s", "classify_s")
_FLOATS = ("p_true", "p_kept", "kl")
"""They differ in the last digits where another batch was read at once."""

Row = dict[str, Any]


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def run_sweep(path: Path) -> None:
    """Sweep, and print each row once the sweep has given it."""
    card = find_card("scenes")
    judge = judges.load(card, "cpu")
    items = open_data("scenes", card).items[:PHOTOS]
    with Store(path) as store:
        for rows in sweep(
            items, default_settings(CODECS)[::3], judge, protocol="crop", seed=0, store=store, batch=8
        ):
            print("".join(json.dumps(asdict(row)) + "\n" for row in rows), end="", flush=True)


def shown(path: Path, kill_after: int | None, delay_s: float = 0.0) -> list[Row]:
    """Run a sweep in another process; return what it printed until its end, or until it was killed."""
    call = [sys.executable, __file__, "--sweep", str(path)]
    rows: list[Row] = []
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith("\n"):
                break  # cut by the kill
            rows.append(json.loads(line))
            if kill_after is not None and len(rows) == kill_after:
                time.sleep(delay_s)
                process.kill()
    if kill_after is None and process.returncode:
        raise RuntimeError("A sweep that nobody killed failed.")
    return rows


def stored(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path)) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    if sound != "ok":
        raise RuntimeError(f"The store is not sound: {sound}")
    with Store(path) as store:
        return [asdict(row) for rows in store.batches() for row in rows]


def same(row: Row, other: Row) -> bool:
    """Whether two rows tell the same, but for times and last digits."""
    exact = row.keys() - {*_TIMES, *_FLOATS}
    return all(row[name] == other[name] for name in exact) and all(
        abs((row[name] or 0) - (other[name] or 0)) < 1e-3 for name in _FLOATS
    )


def faults(printed: dict[tuple[Any, ...], Row], path: Path) -> list[str]:
    """Say what is wrong with the store after a kill."""
    there = stored(path)
    found = {key_of(row): row for row in there}
    lost = [key for key in printed if key not in found]
    changed = [key for key, row in printed.items() if key in found and found[key] != row]
    words = (
        (len(there) - len(found), "rows twice"),
        (len(lost), "rows that were shown are lost"),
        (len(changed), "rows are not as they were shown"),
    )
    return [f"{count} {what}" for count, what in words if count]


def main() -> int:
    """Kill sweeps; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sweep", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.sweep:
        run_sweep(asked.sweep)
        return 0
    rng = random.Random(asked.seed)
    bad: list[str] = []
    with TemporaryDirectory() as folder:
        undisturbed = {key_of(row): row for row in shown(Path(folder) / "undisturbed.sqlite", None)}
        kills = round_ = 0
        while kills < asked.kills:
            round_ += 1
            path, printed = Path(folder) / f"{round_}.sqlite", {}
            for left in range(min(10, asked.kills - kills), 0, -1):
                kills += 1
                new = rng.randint(1, max(1, 2 * (len(undisturbed) - len(printed)) // (left + 1)))
                rows = shown(path, min(len(printed) + new, len(undisturbed) - 1), rng.uniform(0, 0.1))
                printed |= {key_of(row): row for row in rows}
                bad += [f"kill {kills}: {fault}" for fault in faults(printed, path)]
                print(f"kill {kills}: {len(rows)} rows shown, {len(printed)} so far", flush=True)
            end = shown(path, None)
            bad += faults(printed | {key_of(row): row for row in end}, path)
            resumed = {key_of(row): row for row in end}
            if resumed.keys() != undisturbed.keys() or len(end) != len(resumed):
                bad.append("the resumed sweep has other rows than the undisturbed one")
            elif other := sum(not same(row, undisturbed[key]) for key, row in resumed.items()):
                bad.append(f"{other} rows of the resumed sweep differ from the undisturbed one's")
    print(
        "\n".join(bad) or f"{kills} kills of a sweep of {len(undisturbed)} rows: nothing lost, nothing twice"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

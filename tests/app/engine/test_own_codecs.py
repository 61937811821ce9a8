"""Codecs that a user brings are swept like built-in ones, also in processes of their own."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from keepsight.app.engine.data import open_data
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import default_settings, sweep
from keepsight.app.engine.types import Measurement
from keepsight.codecs import registry
from keepsight.models.types import Judge

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
PLUGIN = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Codec" in block)
CARD = """
id = "{id}"
label = "{id}"
colour = "#123456"
suffix = ".own"
image = "ppm"
encode = ["{program}", "-c", "{script}", "{{input}}", "{{output}}", "{{strength}}"]
decode = ["cp", "{{input}}", "{{output}}"]
rate = "strength"
ladder = [2, 1]

[options.strength]
kind = "float"
default = 1
low = 1
high = 2
label = "Strength"
help = "How much is taken away."
"""
HALVE = (
    "import sys; from PIL import Image; scale = 1 / float(sys.argv[3]); "
    "Image.open(sys.argv[1]).point(lambda value: value * scale).save(sys.argv[2], 'PPM')"
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with the codec “gray”, and cards of “dim” and of “fails”."""
    site = tmp_path / "site"
    info = site / "keepsight_gray-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "keepsight_gray.py").write_text(PLUGIN, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keepsight-gray\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[keepsight.codecs]\ngray = keepsight_gray:Gray\n")
    cards = tmp_path / "home" / "codecs"
    cards.mkdir(parents=True)
    for name, script in (("dim", HALVE), ("fails", "raise SystemExit('out of paint')")):
        (cards / f"{name}.toml").write_text(CARD.format(id=name, program=sys.executable, script=script))
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    registry.refresh()
    yield
    monkeypatch.undo()
    sys.modules.pop("keepsight_gray", None)
    registry.refresh()


@pytest.mark.usefixtures("own")
def test_a_sweep_on_processes_measures_them(judge: Judge, tmp_path: Path) -> None:
    assert registry.notes() == []
    ids = ["gray", "dim", "fails", "blur+dim"]
    settings = default_settings(ids)
    items = open_data("samples").items[:1]

    def measure() -> list[Measurement]:
        how = {"protocol": "crop", "seed": 0, "executor": pool, "store": store}
        return [row for rows in sweep(items, settings, judge, **how) for row in rows]

    with ProcessPoolExecutor(1, get_context("spawn")) as pool, Store(tmp_path / "rows.sqlite") as store:
        rows = measure()
        again = measure()
    good = {(row.codec, row.options): row for row in rows if not row.error}
    assert [sum(codec == own for codec, _ in good) for own in registry_ids(ids)] == [8, 2, 0, 2]
    assert {row.codec_version for row in rows if row.codec == "dim"} == {registry.get("dim").version}
    by_strength = [good["dim", options.to_json()] for options in registry.get("dim").ladder()]
    assert by_strength[0].psnr < 20 < by_strength[1].psnr
    assert {row.error.split(": ", 1)[1] for row in rows if row.error} == {
        f"The program “{sys.executable}” failed (exit code 1). It said: “out of paint”."
    }
    assert [row for row in again if not row.error] == [row for row in rows if not row.error]


def registry_ids(ids: list[str]) -> list[str]:
    return [registry.get(name).id for name in ids]

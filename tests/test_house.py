"""The house itself: what lies where, who may import whom, types and lint."""

import codecs
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "codecs", "models", "resources")


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_list_of_packages_equals_the_folders():
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        "keepsight." + ".".join(init.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for init in (ROOT / room).rglob("__init__.py")
    }
    assert set(configured) == folders
    with_code = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert all((folder / "__init__.py").is_file() for folder in with_code)


def test_the_standard_librarys_codecs_is_not_hidden():
    assert codecs.lookup("utf-8").name == "utf-8"
    assert ROOT not in Path(codecs.__file__).parents


def test_imports_go_down_only():
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_ruff_is_content(arguments: tuple[str, ...]):
    result = run("ruff", *arguments, "--no-cache", ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_mypy_is_content(tmp_path: Path):
    # Links give the folders their import names: `codecs` at the root would hide the standard one.
    (tmp_path / "keepsight").mkdir()
    for room in ROOMS:
        (tmp_path / "keepsight" / room).symlink_to(ROOT / room)
    packages = [argument for room in ROOMS for argument in ("-p", f"keepsight.{room}")]
    result = run(
        "mypy", "--config-file", str(ROOT / "pyproject.toml"), *packages, cwd=tmp_path, MYPYPATH=str(tmp_path)
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_file_has_grown_out_of_hand():
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in ROOT.rglob("*.py")
        if not any(part.startswith(".") or part in {"build"} for part in path.relative_to(ROOT).parts)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def test_the_window_starts_without_torch():
    code = "import sys, keepsight.app.ui.launch; print(sorted({'torch', 'skimage'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


_LOADS_OPENVINO = """
import threading
import {package}
import openvino
assert openvino.convert_model, "the part that reports is there"
print(threading.active_count())
"""


@pytest.mark.parametrize("package", ["keepsight.codecs", "keepsight.models"])
def test_openvino_reports_nothing(package: str, tmp_path: Path):
    named = ("CI", "TF_BUILD", "JENKINS_URL")  # where one is set, it would not report in any case
    environment = {name: value for name, value in os.environ.items() if name not in named}
    done = subprocess.run(
        [sys.executable, "-c", _LOADS_OPENVINO.format(package=package)],
        env=environment | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1\n", "a thread that reports was started"
    assert not (tmp_path / "intel").exists(), "it keeps an identifier of the user there"

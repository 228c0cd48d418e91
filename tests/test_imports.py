"""What an import costs, and that the contract of imports bites."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import insole
from insole.cli import main

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {"PySide6", "pyqtgraph", "bleak", "serial", "pyarrow", "pandas", "polars"}


SLOW = {"scipy.signal", "scipy.interpolate", "scipy.stats", "scipy.optimize"}


def modules_after(code: str, *arguments: str) -> set[str]:
    """Modules loaded in a fresh process that has run `code`."""
    report = "\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + report, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


COMMAND = """
import sys
from insole.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
"""


def test_help_needs_the_standard_library_only() -> None:
    assert not modules_after(COMMAND, "--help") & (EXTRAS | {"numpy", "scipy", "rich", "mcap"})


def test_import_is_light() -> None:
    assert not modules_after("import insole") & (EXTRAS | {"numpy", "scipy", "rich", "mcap"})


def test_analysis_needs_no_extra(tmp_path: Path) -> None:
    recording = tmp_path / "run.mcap"
    assert main(["simulate", "-o", str(recording), "--seconds", "12"]) == 0
    assert not modules_after(COMMAND, "analyze", str(recording), "--json") & (EXTRAS | SLOW | {"rich"})
    assert not modules_after(COMMAND, "analyze", str(recording)) & EXTRAS


def test_the_wire_format_stands_alone_with_numpy() -> None:
    code = """
import sys
sys.modules["zlib_ng"] = None
import numpy as np
from firmware_protocol import Decoder, encode_pressure
from firmware_protocol.crc import crc32, register
import zlib
assert crc32 is zlib.crc32
assert register(b"123456789") == 0x2DFD2D88
counts = np.arange(48, dtype=np.uint16).reshape(3, 16)
assert (Decoder().push(encode_pressure(0, 0, 0, 5000, counts)).frames[0].counts == counts).all()
"""
    assert not modules_after(code) & (EXTRAS | {"insole", "scipy"})


def test_data_files_travel_with_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    data = settings["tool"]["setuptools"]["package-data"]
    packed = {
        file for package, patterns in data.items() for pattern in patterns for file in (ROOT / package).glob(pattern)
    }
    for package in ("insole", "firmware_protocol", "replay_data"):
        for kind in ("toml", "json", "mcap", "c", "h", "typed"):
            assert set((ROOT / package).rglob(f"*.{kind}")) <= packed


def test_public_names() -> None:
    for name in insole.__all__:
        assert callable(getattr(insole, name))
    assert set(insole.__all__) <= set(dir(insole))
    with pytest.raises(AttributeError, match="no attribute 'pressure'"):
        insole.pressure  # noqa: B018


BREACHES = {
    "layers import only downward": ("insole/blocks.py", "import insole.report.plain"),
    "the wire format knows nothing of the application": ("firmware_protocol/crc.py", "import insole.errors"),
    "no Qt, radio, port, event loop or clock in the pipeline and the wire format": (
        "insole/pipeline/clock/lines.py",
        "import time",
    ),
    "only the dashboard knows Qt": ("insole/report/plain.py", "import PySide6"),
}


def test_contract_of_imports_bites(tmp_path: Path) -> None:
    for room in ("insole", "firmware_protocol"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in BREACHES.values():
        with (tmp_path / file).open("a", encoding="utf-8") as text:
            text.write(f"\n{line}\n")
    here = "import sys; sys.path.insert(0, '.'); "
    code = f"{here}from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    verdicts = " ".join(done.stdout.split())
    for contract in BREACHES:
        assert f"{contract} BROKEN" in verdicts

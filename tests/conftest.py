"""Fixtures every test may use."""

from __future__ import annotations

import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from recorded import recorded_bytes

from insole.analysis import Analysis, analyse
from insole.cli import main

pytest_plugins = ("skips",)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings that stand beside the project, never inside it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "real_data"
    if not folder.is_dir():
        pytest.skip("real recordings are not beside this checkout (../shared/real_data)")
    return folder


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three seconds of two links, closed properly; for the tests of what is recorded."""
    path = tmp_path / "run.mcap"
    path.write_bytes(recorded_bytes(3.0))
    return path


@pytest.fixture(scope="session")
def limping_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 s of a synthetic runner with a limp, for the tests of what is exported."""
    path = tmp_path_factory.mktemp("limping") / "run.mcap"
    assert main(["simulate", "-o", str(path), "--seconds", "40", "--limp", "0.2", "--seed", "4"]) == 0
    return path


@pytest.fixture(scope="session")
def limping_analysis(limping_run: Path) -> Analysis:
    """What comes of that run."""
    return analyse(limping_run)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """How pytest-qt starts Qt: without a display unless one is asked for."""
    return ["test", "-platform", os.environ.get("QT_QPA_PLATFORM", "offscreen")]


@pytest.fixture
def bare_pty() -> Iterator[tuple[int, str]]:
    """A pseudo terminal: the device's end, and the name of the other."""
    device_end, other_end = os.openpty()
    tty.setraw(other_end)
    yield device_end, os.ttyname(other_end)
    os.close(device_end)
    os.close(other_end)

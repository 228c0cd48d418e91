"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ("skips",)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings that stand beside the project, never inside it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "real_data"
    if not folder.is_dir():
        pytest.skip("real recordings are not beside this checkout (../shared/real_data)")
    return folder


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """How pytest-qt starts Qt: without a display unless one is asked for."""
    return ["test", "-platform", os.environ.get("QT_QPA_PLATFORM", "offscreen")]

"""Fixtures every test may use."""

from __future__ import annotations

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

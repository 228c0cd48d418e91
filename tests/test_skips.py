"""The gate on skipped tests, driven through a real run of pytest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LISTED = "real recordings are not beside this checkout"


@pytest.mark.parametrize(
    ("reasons", "code"), [([LISTED], 0), ([LISTED, "felt like it"], 1), ([], 0)], ids=["listed", "not listed", "none"]
)
def test_only_a_listed_skip_passes(tmp_path: Path, reasons: list[str], code: int) -> None:
    for name in ("skips.py", "allowed_skips.txt"):
        shutil.copy(Path(__file__).with_name(name), tmp_path)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ("skips",)\n', encoding="utf-8")
    lines = ["import pytest", "def test_passes(): pass"]
    lines += [f"def test_skipped_{i}(): pytest.skip({reason!r})" for i, reason in enumerate(reasons)]
    (tmp_path / "test_some.py").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert ("not on tests/allowed_skips.txt" in done.stdout) == (code == 1)
    assert ("felt like it" in done.stdout) == ("felt like it" in reasons)

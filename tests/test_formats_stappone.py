"""stAPPone: raw channels without a calibration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import stappone

from insole.blocks import GRAVITY_M_S2, Side
from insole.errors import FormatError
from insole.formats import import_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stappone.csv"


def test_counts_are_kept_and_scaled_to_half_a_nominal_body_weight(path: Path) -> None:
    path.write_text(stappone(7.0), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.runner.body_mass_source == "nominal"
    assert "uncalibrated" in imported.header.warnings[0]
    foot = delivered(imported).feet[Side.LEFT]
    raw = foot.kpa / foot.device.scale_kpa
    np.testing.assert_allclose(raw, np.rint(raw), atol=1e-6)
    above = foot.force_n - np.percentile(foot.force_n, 5)
    assert above.mean() == pytest.approx(35 * GRAVITY_M_S2, rel=1e-3)
    assert imported.header.start_utc.startswith("2026-01-15T16:36:19.568")


def test_two_soles_in_one_file(path: Path) -> None:
    path.write_text(stappone(soles=[1, 2]), encoding="utf-8")
    feet = delivered(import_file(path)).feet
    assert set(feet) == {Side.LEFT, Side.RIGHT}
    assert [len(foot.number) for foot in feet.values()] == [375, 375]


def test_corrupt_rows_are_gaps(path: Path) -> None:
    lines = stappone().split("\n")
    lines[20] = lines[20][:-1] + "1"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert 19 not in delivered(import_file(path)).feet[Side.LEFT].number


def test_unknown_sole(path: Path) -> None:
    path.write_text(stappone(soles=[7]), encoding="utf-8")
    with pytest.raises(FormatError, match="line 2: sole_id 7"):
        import_file(path)


def test_real_walk(real_data: Path) -> None:
    foot = delivered(import_file(real_data / "stappone" / "walk_62hz.csv")).feet[Side.LEFT]
    assert foot.number.tolist() == list(range(4575))
    assert foot.device.rate_hz == 62.5

"""The generic force table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import force_n, force_table, table, times

from insole.blocks import GRAVITY_M_S2, Side
from insole.errors import FormatError
from insole.formats import import_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "force.csv"


def test_what_was_written_is_delivered(path: Path) -> None:
    path.write_text(force_table(), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.source == "import:force"
    assert imported.header.runner.body_mass_kg is None
    feet = delivered(imported).feet
    t = times(3.0, 200.0)
    for side in (Side.LEFT, Side.RIGHT):
        foot = feet[side]
        assert foot.device.rate_hz == 200.0
        np.testing.assert_allclose(foot.t_s, t, atol=1e-6)
        step_n = foot.device.scale_kpa[0]
        assert step_n <= 0.05
        np.testing.assert_allclose(foot.force_n, force_n(t, right=side is Side.RIGHT), atol=0.5 * step_n + 0.006)


def test_decimal_comma_and_one_foot(path: Path) -> None:
    path.write_text(force_table().replace(",", ";").replace(".", ","), encoding="utf-16")
    both = delivered(import_file(path)).feet
    path.write_text("\n".join(line.rsplit(",", 1)[0] for line in force_table().split("\n")), encoding="utf-8")
    left = delivered(import_file(path)).feet
    assert set(left) == {Side.LEFT}
    np.testing.assert_array_equal(left[Side.LEFT].force_n, both[Side.LEFT].force_n)


def test_a_belt_in_body_weights_without_mass_is_nominal_and_says_so(path: Path) -> None:
    path.write_text(
        "time_s,total_force_bw\n" + "".join(f"{i / 100},{1 + i % 2}\n" for i in range(50)), encoding="utf-8"
    )
    imported = import_file(path)
    assert imported.header.runner.body_mass_source == "nominal"
    assert "no body mass is known" in imported.header.warnings[0]
    mass_kg = imported.header.runner.body_mass_kg
    assert mass_kg is not None
    force = delivered(imported).feet[Side.BELT].force_n
    np.testing.assert_allclose(force[:2] / (mass_kg * GRAVITY_M_S2), [1, 2], rtol=1e-4)


def test_a_belt_in_body_weights_with_mass_is_newtons(path: Path) -> None:
    path.write_text("time_s,total_force_bw\n" + "".join(f"{i / 100},2\n" for i in range(50)), encoding="utf-8")
    imported = import_file(path, body_mass_kg=60.0)
    assert imported.header.runner.body_mass_source == "option"
    assert not imported.header.warnings
    np.testing.assert_allclose(delivered(imported).feet[Side.BELT].force_n, 2 * 60 * GRAVITY_M_S2, atol=0.05)


def test_missing_samples_and_rows_are_gaps(path: Path) -> None:
    lines = force_table().split("\n")
    lines[50] = lines[50].rsplit(",", 1)[0] + ","
    del lines[100:104]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = delivered(import_file(path))
    rows = set(range(600)) - {99, 100, 101, 102}
    assert set(result.feet[Side.LEFT].number.tolist()) == rows
    assert set(result.feet[Side.RIGHT].number.tolist()) == rows - {49}
    assert "1 frames of the right foot without a value" in result.remarks


def test_negative_values_survive(path: Path) -> None:
    path.write_text(
        table([["time_s", "left_force_n"], *([f"{i / 100:.2f}", f"{-40.25 if i % 3 else 900}"] for i in range(60))])
    )
    force = delivered(import_file(path)).feet[Side.LEFT].force_n
    assert force.min() == pytest.approx(-40.25, abs=0.03)


def test_time_far_from_zero_starts_the_recording(path: Path) -> None:
    path.write_text(
        "time_s,left_force_n\n" + "".join(f"{120 + i / 100:.2f},500\n" for i in range(60)), encoding="utf-8"
    )
    assert delivered(import_file(path)).feet[Side.LEFT].t_s[0] == 0.0
    path.write_text(
        "time_s,left_force_n\n" + "".join(f"{0.01 + i / 100:.2f},500\n" for i in range(60)), encoding="utf-8"
    )
    assert delivered(import_file(path)).feet[Side.LEFT].t_s[0] == 0.01


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("time_s,left_force_n,left_force_n", "stands twice"),
        ("time_s,left_force_n,total_force_n", "give one or the other"),
        ("time_s,left_force_n,right_force_bw", "give one or the other"),
    ],
)
def test_headers_that_contradict_themselves(path: Path, header: str, message: str) -> None:
    path.write_text(header + "\n" + "0,1,2\n" * 30, encoding="utf-8")
    with pytest.raises(FormatError, match=rf"force\.csv, line 1: .*{message}"):
        import_file(path)


def test_downward_force_is_refused(path: Path) -> None:
    path.write_text("time_s,left_force_n\n" + "".join(f"{i / 100:.2f},-900\n" for i in range(60)), encoding="utf-8")
    with pytest.raises(FormatError, match="negative under load"):
        import_file(path)


def test_wild_values_are_left_out(path: Path) -> None:
    lines = force_table().split("\n")
    lines[50] = "0.245,1e12,10"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = delivered(import_file(path))
    assert 49 not in result.feet[Side.LEFT].number
    assert result.feet[Side.LEFT].force_n.max() < 2000


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 300.0, 1000.0])
def test_any_rate(path: Path, rate_hz: float) -> None:
    path.write_text(force_table(2.0, rate_hz), encoding="utf-8")
    foot = delivered(import_file(path)).feet[Side.LEFT]
    assert foot.device.rate_hz == pytest.approx(rate_hz, rel=1e-4)
    assert foot.number.tolist() == list(range(int(2 * rate_hz)))

"""pedar ASCII exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import force_n, pedar, times

from insole.blocks import GRAVITY_M_S2, Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats import import_file

AREA_MM2 = Device.named("pedar_y").area_mm2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pedar.asc"


def test_both_feet(path: Path) -> None:
    path.write_text(pedar(area_mm2=AREA_MM2), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.start_utc == "2023-04-25T10:49:00"
    assert b"Jane" not in imported.header.to_json()
    result = delivered(imported)
    assert not result.remarks
    t = 0.01 + times(2.0, 100.0)
    for side, foot in result.feet.items():
        np.testing.assert_allclose(foot.t_s, t, atol=1e-6)
        np.testing.assert_allclose(
            foot.force_n, force_n(t, right=side is Side.RIGHT), atol=1.25 * AREA_MM2.sum() * 1e-3
        )
        np.testing.assert_array_equal(foot.device.area_mm2, AREA_MM2)


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_one_insole(path: Path, side: Side) -> None:
    path.write_text(pedar(area_mm2=AREA_MM2, insoles=[side.label]), encoding="utf-8")
    assert set(delivered(import_file(path)).feet) == {side}


def test_the_size_decides_the_areas(path: Path) -> None:
    path.write_text(pedar(area_mm2=AREA_MM2, size="vw"), encoding="utf-8")
    assert import_file(path).header.feet[Side.LEFT].area_mm2.sum() == 15893.0


def test_a_name_that_only_looks_like_a_number_is_no_place(path: Path) -> None:
    path.write_text(pedar(area_mm2=AREA_MM2).replace("     23\t", "     2³\t"), encoding="utf-8")
    assert set(delivered(import_file(path)).feet) == {Side.LEFT, Side.RIGHT}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sensor type:  y-", "sensor type:  q-", "no size whose areas are known"),
        ("in  kPa", "in  bar", "pressure in 'bar'"),
        ("[Hz]:   100", "[Hz]:   abc", "scanning rate 'abc'"),
        ("     99\t      1", "      1", "cells for 2 insoles"),
        ("     99\t      1", "      1\t     99", "column 100 is cell 1: expected 99"),
    ],
)
def test_damaged_headers_are_refused(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(pedar(area_mm2=AREA_MM2).replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        import_file(path)


@pytest.mark.parametrize("size", ["u", "v", "w", "x", "y", "uw", "vw", "xw"])
def test_layout_is_that_of_a_foot(size: str) -> None:
    device = Device.named(f"pedar_{size}")
    assert device.n_cells == 99
    assert (np.diff(device.y) > -0.05).all()
    assert ((device.x > 0) & (device.x < 1) & (device.y > 0) & (device.y < 1)).all()
    # The toe end lies on the medial side, and rows are numbered from medial to lateral.
    assert device.x[-4:].mean() < 0.45
    assert device.x[0] < device.x[4]


def test_real_walk_implies_the_body_mass(real_data: Path) -> None:
    """Mean force of both feet over whole strides of a slow walk is body weight: 90.9 kg by an independent script."""
    feet = delivered(import_file(real_data / "pedar" / "pedar_example.asc")).feet
    left, right = feet[Side.LEFT], feet[Side.RIGHT]
    assert left.number.tolist() == right.number.tolist() == list(range(1505))
    up = np.flatnonzero((left.force_n[1:] > 100) & (left.force_n[:-1] <= 100))
    strides = slice(up[0], up[-1])
    assert (left.force_n + right.force_n)[strides].mean() / GRAVITY_M_S2 == pytest.approx(90.9, abs=3.0)


def test_real_cells_are_exact(real_data: Path) -> None:
    path = real_data / "pedar" / "pedar_example.asc"
    with path.open() as file:
        rows = np.loadtxt(file, skiprows=10)
    feet = delivered(import_file(path)).feet
    np.testing.assert_allclose(feet[Side.LEFT].kpa, rows[:, 1:100], atol=1e-9)
    np.testing.assert_allclose(feet[Side.RIGHT].kpa, rows[:, 100:], atol=1e-9)

"""Force plates: OpenSim storage files and C3D."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import c3d, force_n, mot, times

from insole.blocks import Side
from insole.errors import FormatError
from insole.formats import import_file


def test_mot_vertical_is_y(tmp_path: Path) -> None:
    path = tmp_path / "grf.mot"
    path.write_text(mot(), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.source == "import:mot"
    t = times(2.0, 300.0)
    for side, foot in delivered(imported).feet.items():
        assert foot.device.rate_hz == 300.0
        np.testing.assert_allclose(foot.t_s, t, atol=2e-6)
        np.testing.assert_allclose(foot.force_n, force_n(t, right=side is Side.RIGHT), atol=0.026)


@pytest.mark.parametrize(
    ("first", "second"),
    [("ground_force_1_vy", "ground_force_2_vy"), ("ground_force_vy", "1_ground_force_vy")],
)
def test_mot_plates_of_no_foot_are_refused(tmp_path: Path, first: str, second: str) -> None:
    path = tmp_path / "grf.mot"
    path.write_text(mot().replace("R_ground_force_vy", first).replace("L_ground_force_vy", second))
    with pytest.raises(FormatError, match="which foot is on which plate"):
        import_file(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("datarows 600", "nRows=600", ()),
        ("datarows 600", "datarows 700", ("the header counts 700 rows, and there are 600: cut off, or changed since",)),
        ("datacolumns 13", "nColumns=9", ("the header counts 9 columns, and there are 13: cut off, or changed since",)),
    ],
)
def test_mot_that_its_header_counts_otherwise(tmp_path: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    path = tmp_path / "grf.mot"
    assert old in mot()
    for end in ("", "\n\n"):
        path.write_text(mot().replace(old, new) + end, encoding="utf-8")
        assert import_file(path).header.warnings == said


def test_mot_without_forces_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grf.mot"
    path.write_text(mot().replace("_vy", "_vq"), encoding="utf-8")
    with pytest.raises(FormatError, match="no vertical ground force"):
        import_file(path)


def test_real_mot_has_one_stance_a_foot(real_data: Path) -> None:
    feet = delivered(import_file(real_data / "treadmill_grf" / "overground_run_300hz.mot")).feet
    assert {side.label: round(foot.force_n.max()) for side, foot in feet.items()} == {"left": 1623, "right": 1751}
    assert all(len(foot.number) == 246 for foot in feet.values())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("in_floats", "scale"), [(True, 1.0), (True, 0.5), (False, 0.25)])
def test_c3d_number_formats(tmp_path: Path, order: str, in_floats: bool, scale: float) -> None:
    path = tmp_path / "plates.c3d"
    t = times(2.0, 1000.0)
    force = np.stack([force_n(t), force_n(t, right=True)], axis=1)
    path.write_bytes(c3d(force, ["Fz1", "Fz2"], order=order, in_floats=in_floats, scale=scale))
    imported = import_file(path)
    assert "2 force plates added up" in imported.header.warnings[0]
    foot = delivered(imported).feet[Side.BELT]
    assert foot.device.rate_hz == 1000.0
    np.testing.assert_allclose(foot.force_n, force.sum(axis=1), atol=0.03 + (0 if in_floats else 0.25))


def test_c3d_plates_named_by_foot(tmp_path: Path) -> None:
    path = tmp_path / "plates.c3d"
    t = times(2.0, 1000.0)
    path.write_bytes(c3d(np.stack([force_n(t, right=True), force_n(t)], axis=1), ["RightFz", "LeftFz"]))
    feet = delivered(import_file(path)).feet
    np.testing.assert_allclose(feet[Side.LEFT].force_n, force_n(t), atol=0.03)
    np.testing.assert_allclose(feet[Side.RIGHT].force_n, force_n(t, right=True), atol=0.03)


@pytest.mark.parametrize(("spike", "said"), [(5_000.0, None), (60_000.0, "1 forces beyond 20000 N: left out")])
@pytest.mark.parametrize("up", [1.0, -1.0])
def test_c3d_with_a_spike_keeps_its_sign(tmp_path: Path, up: float, spike: float, said: str | None) -> None:
    path, force = tmp_path / "plates.c3d", force_n(times(2.0, 1000.0))
    damaged = up * force
    damaged[700] = -up * spike
    path.write_bytes(c3d(damaged[:, None], ["Fz"]))
    result = delivered(import_file(path))
    foot = result.feet[Side.BELT]
    at = np.rint(foot.t_s * 1000.0).astype(np.int64)
    assert len(at) == len(force) - (said is not None)
    np.testing.assert_allclose(foot.force_n[at != 700], force[at[at != 700]], atol=0.2)
    assert [remark for remark in result.remarks if "beyond" in remark] == ([said] if said else [])


def test_c3d_cut_off_ends_earlier(tmp_path: Path) -> None:
    path = tmp_path / "plates.c3d"
    data = c3d(force_n(times(2.0, 1000.0))[:, None], ["Fz"])
    path.write_bytes(data[: len(data) - 6100])
    foot = delivered(import_file(path)).feet[Side.BELT]
    assert 1400 <= len(foot.number) < 1500


@pytest.mark.parametrize("cut", [1, 500, 513, 700, 1530, 1536])
def test_c3d_without_samples_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "plates.c3d"
    path.write_bytes(c3d(force_n(times(2.0, 1000.0))[:, None], ["Fz"])[:cut])
    with pytest.raises(FormatError):
        import_file(path, format="c3d")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"RATE", b"RAXE", "POINT:RATE is nan"),
        (b"CHANNEL", b"CHANNEX", "no force plates"),
        (b"USED", b"USEX", "is nan: expected"),
    ],
)
def test_c3d_with_parameters_missing_is_refused(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = tmp_path / "plates.c3d"
    path.write_bytes(c3d(force_n(times(1.0, 1000.0))[:, None], ["Fz"]).replace(old, new))
    with pytest.raises(FormatError, match=message):
        import_file(path)


def test_real_c3d_is_what_another_reader_reads(real_data: Path) -> None:
    """The sum of the five vertical forces, by ezc3d 1.7.2: mean 323.073 N, first sample below."""
    foot = delivered(import_file(real_data / "loadsol" / "standing_force_plates_1000hz.c3d")).feet[Side.BELT]
    assert len(foot.number) == 13140
    assert foot.force_n.mean() == pytest.approx(323.073, abs=0.01)

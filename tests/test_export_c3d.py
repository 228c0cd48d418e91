"""C3D for laboratories: written through ezc3d, read back with the package c3d, held against the contact table."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import c3d
import numpy as np
import pytest
import vendor_files as made

from insole.analysis import Analysis
from insole.blocks import ContactTable, FloatArray, Kind, Side
from insole.cli import main
from insole.report import c3d as written_c3d
from insole.report.c3d import write_c3d
from insole.report.force import find_zeros, force_series
from insole.report.grid import Grid
from insole.report.ground import on_ground, whole_contacts


@dataclass(frozen=True, slots=True)
class Read:
    """A file as the other library sees it."""

    rate_hz: float
    first_frame: int
    frames: int
    channels: dict[str, FloatArray]
    units: dict[str, str]
    events: list[tuple[float, str, str]]
    body_mass_kg: float


def read(path: Path) -> Read:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No point data found in file")
        reader = c3d.Reader(file)
        labels = [label.strip() for label in reader.analog_labels]
        analog = np.concatenate([analog for _, _, analog in reader.read_frames()], axis=1)
        units = [unit.strip() for unit in reader.get("ANALOG:UNITS").string_array]
        events: list[tuple[float, str, str]] = []
        for number in ("", *map(str, range(2, 20))):
            if reader.get(f"EVENT:TIMES{number}") is not None:
                times = reader.get(f"EVENT:TIMES{number}").float_array[:, 1].tolist()
                names = [name.strip() for name in reader.get(f"EVENT:LABELS{number}").string_array]
                sides = [side.strip() for side in reader.get(f"EVENT:CONTEXTS{number}").string_array]
                events += zip(times, names, sides, strict=True)
        assert reader.get("EVENT:USED").int16_value == len(events)
        return Read(
            reader.analog_rate,
            reader.first_frame,
            reader.last_frame,
            dict(zip(labels, analog, strict=True)),
            dict(zip(labels, units, strict=True)),
            events,
            reader.get("PROCESSING:BODYMASS").float_value,
        )


@pytest.fixture(scope="module")
def exported(limping_run: Path) -> Read:
    path = limping_run.with_name("run.c3d")
    assert main(["export", str(limping_run), "-o", str(path)]) == 0
    return read(path)


def test_rate_frames_and_units(limping_run: Path, limping_analysis: Analysis, exported: Read) -> None:
    assert (exported.rate_hz, exported.first_frame) == (200.0, 1)
    assert exported.frames == int(limping_analysis.duration_s * 200) + 1
    assert {exported.units[f"{side}_force_n"] for side in ("left", "right")} == {"N"}
    assert exported.units["left_cop_x_mm"] == "mm"
    assert not list(limping_run.parent.glob("*.part*"))
    assert exported.body_mass_kg == pytest.approx(limping_analysis.header.runner.body_mass_kg)


def test_samples_are_the_frames(limping_run: Path, limping_analysis: Analysis, exported: Read) -> None:
    """Between two frames on the line through them, and NaN where frames are missing."""
    pieces = list(force_series(limping_run, limping_analysis.header, find_zeros(limping_run, limping_analysis.header)))
    for side in (Side.LEFT, Side.RIGHT):
        t_s = np.concatenate([piece.t_s for piece in pieces if piece.side == side])
        force_n = np.concatenate([piece.force_n for piece in pieces if piece.side == side])
        channel = exported.channels[f"{side.label}_force_n"]
        at_s = np.arange(len(channel)) / 200
        expected = np.interp(at_s, t_s, force_n, left=np.nan, right=np.nan)
        for before, after in pairwise(t_s):
            if after - before > 1.5 / 200:
                expected[(at_s > before) & (at_s < after)] = np.nan
        assert np.isnan(expected).mean() < 0.1
        np.testing.assert_allclose(channel, expected, atol=0.01)


def test_regions_add_up(exported: Read) -> None:
    names = [f"left_{mask}_n" for mask in ("heel", "midfoot", "mth1", "mth2", "mth3_5", "hallux", "toes")]
    total = sum(exported.channels[name] for name in names)
    np.testing.assert_allclose(total, exported.channels["left_force_n"], atol=0.05)


def test_events_are_the_contacts(limping_analysis: Analysis, exported: Read) -> None:
    whole = whole_contacts(limping_analysis.contacts)
    assert len(whole) > 80
    expected = [
        *(
            (t, "Foot Strike", Side(side).label.capitalize())
            for t, side in zip(whole.strike_s, whole.side, strict=True)
        ),
        *((t, "Foot Off", Side(side).label.capitalize()) for t, side in zip(whole.toe_off_s, whole.side, strict=True)),
    ]
    assert [(label, side) for _, label, side in exported.events] == [
        (label, side) for _, label, side in sorted(expected)
    ]
    np.testing.assert_allclose([t for t, _, _ in exported.events], [t for t, _, _ in sorted(expected)], atol=1e-5)


def test_contact_channels_are_the_contacts(limping_analysis: Analysis, exported: Read) -> None:
    for side in (Side.LEFT, Side.RIGHT):
        channel = exported.channels[f"{side.label}_contact"]
        run = whole_contacts(limping_analysis.contacts.rows(limping_analysis.contacts.side == side))
        begun = np.flatnonzero(np.diff(channel) > 0) + 1
        np.testing.assert_allclose(begun / 200, run.strike_s, atol=1.01 / 200)
        assert set(channel.tolist()) == {0.0, 1.0}


def test_what_finds_no_room_is_said(
    limping_run: Path, limping_analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written_c3d, "MOST_EVENTS", 100)
    monkeypatch.setattr(written_c3d, "MOST_FRAMES", 1000)
    written = write_c3d(tmp_path / "run.c3d", limping_analysis, find_zeros(limping_run, limping_analysis.header))
    assert (written.events, written.events_left_out) == (100, 2 * len(whole_contacts(limping_analysis.contacts)) - 100)
    again = read(tmp_path / "run.c3d")
    assert len(again.events) == 100
    assert again.frames <= 1000
    assert again.rate_hz == pytest.approx(200.0)


def test_as_many_events_as_fit(limping_analysis: Analysis, tmp_path: Path) -> None:
    """The parameters of a full file still fit into the 255 blocks that a C3D file has for them."""
    left = whole_contacts(limping_analysis.contacts.rows(limping_analysis.contacts.side == Side.LEFT)).rows(slice(0, 1))
    many = [replace(left, strike_s=left.strike_s + n, toe_off_s=left.toe_off_s + n) for n in range(2000)]
    full = replace(limping_analysis, contacts=ContactTable.join(many))
    written = write_c3d(tmp_path / "full.c3d", full, find_zeros(limping_analysis.file, limping_analysis.header))
    assert (written.events, written.events_left_out) == (written_c3d.MOST_EVENTS, 4000 - written_c3d.MOST_EVENTS)
    got = read(tmp_path / "full.c3d")
    assert len(got.events) == written_c3d.MOST_EVENTS
    assert (np.diff([t for t, _, _ in got.events]) > 0).all()


def test_one_foot_without_cells(tmp_path: Path) -> None:
    """A force table of one foot: one force and its contacts, nothing invented beside them."""
    table = tmp_path / "plate.csv"
    t_s = made.times(10.0, 500.0)
    force_n = made.force_n(t_s)
    rows = "".join(f"{t:.3f},{f:.2f}\n" for t, f in zip(t_s, force_n, strict=True))
    table.write_text("time_s,right_force_n\n" + rows, encoding="utf-8")
    assert main(["export", str(table), "-o", str(tmp_path / "plate.c3d"), "--body-mass", "70"]) == 0
    got = read(tmp_path / "plate.c3d")
    assert set(got.channels) == {"right_force_n", "right_contact"}
    np.testing.assert_allclose(got.channels["right_force_n"][: len(force_n)], force_n, atol=0.06)
    assert {side for _, _, side in got.events} == {"Right"}


def test_refusals(limping_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.c3d").write_bytes(b"mine")
    assert main(["export", str(limping_run), "-o", str(tmp_path / "mine.c3d")]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["export", str(limping_run), "-o", str(tmp_path / "x.xlsx")]) == 1
    assert ".c3d" in capsys.readouterr().err


# ---- one clock for both feet ---------------------------------------------------------------------------------------


def test_grid_interpolates_and_leaves_gaps() -> None:
    t_s = np.array([0.003, 0.013, 0.023, 0.053, 0.063])
    grid = Grid(8, 1, 100.0, 0.01)
    for cut in (slice(0, 2), slice(2, 3), slice(3, 5)):
        grid.add(t_s[cut], 1000 * t_s[cut, np.newaxis])
    np.testing.assert_allclose(grid.values[:, 0], [np.nan, 10, 20, np.nan, np.nan, np.nan, 60, np.nan], rtol=1e-5)


def test_grid_takes_frames_on_its_samples_as_they_are() -> None:
    t_s = np.arange(5) * 0.01
    values = np.array([[1.0], [np.nan], [3.0], [4.0], [np.nan]])
    grid = Grid(5, 1, 100.0, 0.01)
    grid.add(t_s, values)
    np.testing.assert_array_equal(grid.values, values)


def test_on_ground_counts_both_ends(limping_analysis: Analysis) -> None:
    left = whole_contacts(limping_analysis.contacts.rows(limping_analysis.contacts.side == Side.LEFT))
    one = left.rows(slice(3, 4))
    t_s = np.array([one.strike_s[0] - 1e-9, one.strike_s[0], one.toe_off_s[0], one.toe_off_s[0] + 1e-9])
    assert on_ground(t_s, one, Side.LEFT).tolist() == [0, 1, 1, 0]
    assert on_ground(t_s, one, Side.RIGHT).tolist() == [0, 0, 0, 0]
    assert (left.kind != Kind.REJECTED).all()

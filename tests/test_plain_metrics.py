"""The contact table against a second, plain computation of METRICS.md (plain_metrics), on recordings of both kinds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import plain_metrics
import pytest
from plain_metrics import Foot
from stances import BODY_WEIGHT_N, MASS_KG
from synthesised import analysed, packets_of, plate

import replay_data
from insole.blocks import ContactTable, CountArray, FloatArray, Input, Packets, Side
from insole.device import Device
from insole.formats import import_file
from insole.pipeline import Pipeline
from insole.pipeline.decode import LinkDecoder
from insole.pipeline.metrics.cop import width_at_mm
from insole.recording import open_recording

RUNS = ("even_runner", "hard_left_heel", "forefoot_runner")
FOR_S = 45.0
Rows = list[dict[str, Any]]


def frames_of(inputs: Iterable[Input]) -> dict[Side, tuple[CountArray, FloatArray]]:
    """Counts and device seconds of each foot, as they were sent."""
    links: dict[int, LinkDecoder] = {}
    parts: dict[Side, list[tuple[np.ndarray, np.ndarray]]] = {}
    for packets in inputs:
        if isinstance(packets, Packets):
            decoder = links.setdefault(packets.link, LinkDecoder())
            decoder.deliver(packets)
            heard = decoder.decode()
            for received in heard.frames:
                parts.setdefault(Side(received.side), []).append((received.counts, received.tick_us * 1e-6))
    return {
        side: (np.concatenate([c for c, _ in found]), np.concatenate([t for _, t in found]))
        for side, found in sorted(parts.items())
    }


def foot_of(device: Device, counts: CountArray, t_s: FloatArray, mass_kg: float) -> Foot:
    return Foot(
        kpa=(counts.astype(np.float64) - device.offset_counts) * device.scale_kpa,
        t_s=t_s,
        fs=device.rate_hz,
        x=device.x,
        y=device.y,
        area_mm2=device.area_mm2,
        length_mm=device.length_mm,
        width_mm=device.width_mm,
        width_at_two_thirds_mm=width_at_mm(device, 2 / 3),
        mass_kg=mass_kg,
        zeroed=device.zeroed,
    )


def plain_rows(feet: dict[Side, Foot]) -> dict[Side, Rows]:
    """With the noise of the noisier foot for both."""
    sigma_n = max(plain_metrics.unloaded_start(foot, foot.raw_n)[1] for foot in feet.values())
    return {side: plain_metrics.contacts(foot, sigma_n) for side, foot in feet.items()}


def paired(table: ContactTable, rows: Rows) -> tuple[ContactTable, Rows]:
    """Those that both have: strikes a constant apart, as the clocks of device and recording are."""
    ic = np.array([row["ic_s"] for row in rows])
    fits = {apart: np.abs(table.strike_s[:, None] - apart - ic).min(axis=1).sum() for apart in table.strike_s[2] - ic}
    off = table.strike_s[:, None] - min(fits, key=lambda apart: fits[apart]) - ic
    near = np.abs(off).argmin(axis=1)
    same = np.abs(off[np.arange(len(near)), near]) < 0.05
    assert same.all(), "a contact that only the table has"
    return table, [rows[i] for i in near]


def assert_same(table: ContactTable, rows: Rows, but: tuple[str, ...] = ()) -> set[str]:
    """Every number of the plain computation stands in the table, and no other of its kind; their names."""
    names = {name for row in rows for name in row} - {"ic_s", "poi_s", *but}
    for name in names:
        plain = np.array([row.get(name, np.nan) for row in rows])
        np.testing.assert_allclose(table.columns[name], plain, rtol=1e-5, atol=1e-5, err_msg=name)
    return names


@pytest.mark.parametrize("name", RUNS)
def test_shipped_recordings(name: str) -> None:
    recording = open_recording(replay_data.recording(name))
    header = recording.header
    until_ns = header.start_host_ns + FOR_S * 1e9
    inputs = [
        item
        for item in chain.from_iterable(recording.inputs())
        if isinstance(item, Packets) and item.t_host_ns[-1] < until_ns
    ]
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    table = ContactTable.join([pipeline.push(inputs).contacts, pipeline.finish().contacts])
    assert header.runner.body_mass_kg is not None
    mass_kg = header.runner.body_mass_kg
    feet = {side: foot_of(header.feet[side], *frames, mass_kg) for side, frames in frames_of(inputs).items()}
    for side, rows in plain_rows(feet).items():
        run, same = paired(table.running(side), rows)
        assert len(run) > 50
        names = assert_same(run, same)
        assert len(names) > 75
        assert {"valr_bw_s", "strike_index_pct", "mlr_mid", "pti_peak_kpa_s_heel", "mth_ratio"} <= names


@pytest.mark.parametrize(("file", "from_s", "to_s"), [("S04_Sequence_01", 26.7, 36.0), ("S11_Sequence_08", 7.0, 16.7)])
def test_real_insoles(real_data: Path, file: str, from_s: float, to_s: float) -> None:
    """The jogging, in a time without lost frames; at 100 Hz, so nothing is smoothed and the steepest slope withheld."""
    imported = import_file(real_data / "opengo_jogging" / f"{file}_insoles.csv", body_mass_kg=MASS_KG)
    devices = imported.header.feet
    feet, inputs = {}, []
    for side, (counts, t_s) in frames_of(chain.from_iterable(imported.inputs)).items():
        now = (t_s >= from_s) & (t_s < to_s)
        assert np.diff(t_s[now]).max() < 0.011
        inputs.append(packets_of(side, counts[now], 100.0))
        feet[side] = foot_of(devices[side], counts[now], np.arange(now.sum()) / 100.0, MASS_KG)
    table = analysed(devices, inputs)
    for side, rows in plain_rows(feet).items():
        run, same = paired(table.running(side), rows)
        assert len(run) >= 4
        names = assert_same(run, same, but=("vilr_bw_s", *AT_200_HZ))
        assert {"valr_bw_s", "strike_index_pct", "cop_path_mm", "mlr_mid"} <= names


AT_200_HZ = (
    "impact_peak_bw", "time_to_impact_peak_ms", "lr_ic_ip_bw_s", "valr_ip_bw_s", "valr_t2080_bw_s",
)  # fmt: skip


def test_treadmill(real_data: Path) -> None:
    """All trials of the 500 Hz file; one belt, so a dip of any length ends a contact."""
    device = plate(500.0)
    names: set[str] = set()
    for force_bw in np.loadtxt(real_data / "treadmill_grf" / "vertical_force_bw_500hz.csv", delimiter=","):
        counts = np.rint(force_bw[:, None] * BODY_WEIGHT_N / device.scale_kpa + device.offset_counts).astype(np.uint16)
        run = analysed({Side.BELT: device}, [packets_of(Side.BELT, counts, 500.0)]).running()
        foot = foot_of(device, counts, np.arange(len(counts)) / 500.0, MASS_KG)
        sigma_n = plain_metrics.unloaded_start(foot, foot.raw_n, spell_s=0.06)[1]  # flights will do: the zero is known
        rows, same = paired(run, plain_metrics.contacts(foot, sigma_n, merge_s=0.0))
        inner = np.array([row["ic_s"] for row in same]) > 0.025  # a hole may lie before the first frame
        rows, same = rows.rows(inner), [row for row, keep in zip(same, inner, strict=True) if keep]
        assert len(rows) >= 12
        names |= assert_same(rows, same)
    assert {"valr_bw_s", "impact_peak_bw", "lr_3_12_bw_s"} <= names

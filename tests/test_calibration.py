"""Gains and zeros from marked phases: found, refused, in force from the end marker on, the same for any cut."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stances import Pressures
from synthesised import analysed, counts_of, every_stride, packets_of
from waveforms import G2_AMPLITUDE_BW, half_sine

from firmware_protocol import encode_pressure_packets
from insole.analysis import analyse
from insole.blocks import (
    GRAVITY_M_S2,
    ContactTable,
    FloatArray,
    Input,
    Kind,
    Marker,
    Packets,
    SettingChange,
    Side,
    Status,
    Tick,
    Update,
)
from insole.cli import main
from insole.device import Device
from insole.errors import SettingsError
from insole.pipeline import Pipeline
from insole.pipeline.calibration import PhaseSpan, parse_label
from insole.recording import Header, Recorder
from insole.settings import Calibration, Runner, Settings
from insole.sources.synthetic import SyntheticOptions, simulate

MASS_KG = 70.0
WEIGHT_N = MASS_KG * GRAVITY_M_S2
RATE_HZ = 200
FEET = (Side.LEFT, Side.RIGHT)
PRELOAD_COUNTS = 40  # 4 kPa on every cell

# Seconds and what each foot carries, in body weights: the usual order of a calibration, then running.
PLAN = (("air", 3.0), ("both", 11.0), ("left", 6.0), ("right", 6.0), ("run", 24.0))
PHASES = ("unloaded:0.5..2.5", "stance:3.5..13.5", "left:14.5..19.5", "right:20.5..25.5")


def device() -> Device:
    return Device(
        "test",
        float(RATE_HZ),
        np.array([0.3, 0.7, 0.3, 0.7]),
        np.array([0.1, 0.2, 0.7, 0.8]),
        np.full(4, 4000.0),
        np.full(4, 0.1),
        tau_ms=1.0,
    )


def load_bw(side: Side, plan: Sequence[tuple[str, float]]) -> FloatArray:
    """What one foot carries, frame by frame."""
    parts = []
    for kind, seconds in plan:
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        if kind == "run":
            phase = (t + (0.35 if side is Side.RIGHT else 0.0)) % 0.7
            # Two contacts of 0.25 s a stride of 0.7 s carry the body on average.
            parts.append(np.where(phase < 0.25, 0.35 * np.pi / 0.5 * np.sin(np.pi * phase / 0.25), 0.0))
        else:
            stands = {"air": 0.0, "both": 0.5, "left": 1.0, "right": 0.0, "shaky": 0.5}[kind]
            stands = 1.0 - stands if kind in ("left", "right") and side is Side.RIGHT else stands
            sway = 0.06 * np.sin(2 * np.pi * t) if kind == "shaky" else 0.0
            parts.append(np.full(len(t), stands) + sway)
    return np.concatenate(parts)


def session(
    reads: Sequence[float] = (1.0, 1.0), plan: Sequence[tuple[str, float]] = PLAN, marked: Sequence[str] = ()
) -> list[Input]:
    """Packets of two feet whose insoles read a share of the load, ticks, and the markers of these phases."""
    inputs: list[tuple[int, int, Input]] = []
    for side, share in zip(FEET, reads, strict=True):
        rng = np.random.default_rng(int(side))
        load = load_bw(side, plan)
        counts = share * WEIGHT_N * load[:, None] / 16.0 * 10.0 + PRELOAD_COUNTS + rng.normal(0.0, 2.0, (len(load), 4))
        packets = encode_pressure_packets(side, 0, 0, 5000, np.rint(np.maximum(counts, 0)).astype(np.uint16))
        per_packet = len(load) / len(packets)
        for n, packet in enumerate(packets):
            t_ns = round((n + 1) * per_packet * 5e6)
            inputs.append((t_ns, 0, Packets.one(int(side), t_ns, packet)))
    end_ns = max(item[0] for item in inputs)
    inputs += [(t_ns, 2, Tick(t_ns)) for t_ns in range(200_000_000, end_ns, 200_000_000)]
    for span in map(PhaseSpan.parse, marked):
        inputs += [(marker.t_host_ns, 1, marker) for marker in span.markers(0)]
    return [item for *_, item in sorted(inputs, key=lambda entry: entry[:2])]


def pipeline(mass_kg: float | None = MASS_KG, source: str = "recording") -> Pipeline:
    runner = Runner(body_mass_kg=mass_kg, body_mass_source=source)
    return Pipeline(dict.fromkeys(FEET, device()), Settings(), runner, 0)


def run(inputs: Sequence[Input], engine: Pipeline | None = None) -> tuple[Pipeline, list[Update]]:
    engine = engine or pipeline()
    return engine, [engine.push(inputs[i : i + 40]) for i in range(0, len(inputs), 40)] + [engine.finish()]


def notes(updates: Sequence[Update]) -> list[str]:
    return [warning for update in updates for warning in update.warnings if warning.startswith("calibration")]


def peaks_bw(updates: Sequence[Update], side: Side, after_s: float = 0.0) -> FloatArray:
    table = ContactTable.join([update.contacts for update in updates]).running(side)
    return table.columns["peak_force_bw"][table.strike_s > after_s]


TRUE_PEAK_BW = 0.35 * np.pi / 0.5


def test_all_phases_give_both_gains_and_zeros_and_the_feet_read_body_weight() -> None:
    engine, updates = run(session((0.8, 0.6), marked=PHASES))
    found = engine.calibration
    assert found.gain_left == pytest.approx(1 / 0.8, rel=2e-3)
    assert found.gain_right == pytest.approx(1 / 0.6, rel=2e-3)
    assert found.lr_known
    for zero, gain in ((found.zero_left_kpa, found.gain_left), (found.zero_right_kpa, found.gain_right)):
        assert zero == pytest.approx([0.1 * PRELOAD_COUNTS * gain] * 4, rel=0.02)
    assert len(notes(updates)) == 5
    assert not any("refused" in note for note in notes(updates))
    for side in FEET:
        assert np.nanmean(peaks_bw(updates, side)) == pytest.approx(TRUE_PEAK_BW, rel=0.01)
    assert updates[-1].health.k_dyn == pytest.approx(1.0, abs=0.02)
    assert all(gauge.calibrated for gauge in updates[-1].gauges)


def test_a_two_foot_stance_gives_one_gain_and_leaves_left_against_right_unknown() -> None:
    engine, updates = run(session((0.8, 0.6), marked=PHASES[:2]))
    found = engine.calibration
    assert found.gain_left == found.gain_right == pytest.approx(1 / 0.7, rel=2e-3)
    assert not found.lr_known
    assert updates[-1].health.k_dyn == pytest.approx(1.0, abs=0.02)


def test_a_stance_after_the_legs_keeps_their_proportion() -> None:
    plan = (*PLAN[:4], ("both", 11.0), PLAN[4])
    engine, _ = run(session((0.8, 0.6), plan, (PHASES[0], PHASES[2], PHASES[3], "stance:26.5..36.5")))
    assert engine.calibration.gain_left / engine.calibration.gain_right == pytest.approx(0.6 / 0.8, rel=2e-3)
    assert engine.calibration.lr_known


def test_a_stance_before_any_unloaded_moment_waits_for_the_first_swings() -> None:
    engine, updates = run(session((0.8, 0.8), marked=PHASES[1:2]))
    before_run = [update for update in updates if update.t_s < 26.0]
    assert not notes(before_run)
    assert engine.calibration.gain_left == pytest.approx(1 / 0.8, rel=2e-3)
    assert np.nanmean(peaks_bw(updates, Side.LEFT)) == pytest.approx(TRUE_PEAK_BW, rel=0.01)


def test_contacts_before_the_end_marker_keep_the_gain_they_had() -> None:
    plan = (("air", 3.0), ("run", 12.0), ("both", 12.0), ("run", 12.0))
    _, updates = run(session((0.8, 0.8), plan, ("stance:16..26",)))
    early = ContactTable.join([update.contacts for update in updates]).running()
    first, second = early.strike_s < 15.0, early.strike_s > 27.0
    assert np.nanmean(early.columns["peak_force_bw"][first]) == pytest.approx(0.8 * TRUE_PEAK_BW, rel=0.01)
    assert np.nanmean(early.columns["peak_force_bw"][second]) == pytest.approx(TRUE_PEAK_BW, rel=0.01)
    medians = early.columns["valr_bw_s_median"]
    assert np.isnan(medians[np.flatnonzero(second)[:4]]).all()  # nothing of the other gain goes on


@pytest.mark.parametrize(
    ("marked", "plan", "said"),
    [
        (("unloaded:0.5..2.5", "stance:3.5..13.5"), (PLAN[0], ("shaky", 11.0), *PLAN[2:]), "varied by"),
        (("unloaded:0.5..2.5", "stance:3.5..6.5"), PLAN, "only 3."),
        (("unloaded:0.5..2.5", "left:4..9"), PLAN, "the right foot carries 50 % of body weight"),
        (("unloaded:0.5..2.5", "right:14.5..19.5"), PLAN, "the left foot carries"),
        (("unloaded:4..10",), PLAN, "refused for the left foot, it carries 407 N: lift it"),
        (("unloaded:0.5..2.5", "stance:28..38"), PLAN, "varied by"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_and_changes_nothing(
    marked: Sequence[str], plan: Sequence[tuple[str, float]], said: str
) -> None:
    engine, updates = run(session(plan=plan, marked=marked))
    refused = [note for note in notes(updates) if "refused" in note]
    assert said in refused[0]
    assert engine.calibration.gain_left == engine.calibration.gain_right == 1.0
    assert not engine.calibration.lr_known


def test_a_gain_out_of_range_and_a_body_mass_nobody_measured_are_refused() -> None:
    engine, updates = run(session((0.4, 0.4), marked=PHASES[:2]))
    assert "it would take a gain of 2.50 for the left insole" in notes(updates)[-1]
    assert engine.calibration.gain_left == 1.0
    for unknown in (pipeline(None), pipeline(MASS_KG, "estimated")):
        engine, updates = run(session(marked=PHASES[:2]), unknown)
        assert "the body mass was not measured" in notes(updates)[-1]
        assert engine.calibration.gain_left == 1.0


def test_a_gain_can_be_set_by_hand_within_its_range() -> None:
    plan = (("air", 3.0), ("run", 24.0))
    inputs = session((0.8, 1.0), plan)
    half = len(inputs) // 2
    changes = [
        SettingChange(0, "calibration.gain_left", 0.0),  # refused, and the session goes on
        SettingChange(0, "calibration.gain_left", 1.25),
    ]
    engine, updates = run([*inputs[:half], *changes, *inputs[half:]])
    assert engine.calibration.gain_left == 1.25
    assert any("calibration.gain_left = 0: expected 0.5 to 2" in w for update in updates for w in update.warnings)
    peaks = peaks_bw(updates, Side.LEFT)
    assert peaks[0] == pytest.approx(0.8 * TRUE_PEAK_BW, rel=0.01)
    assert peaks[-1] == pytest.approx(TRUE_PEAK_BW, rel=0.01)


@pytest.mark.parametrize("label", ["", "stance", "stance begin", "both start", "start"])
def test_a_label_that_says_nothing_is_named(label: str) -> None:
    assert parse_label(label) is None
    _, updates = run([Marker(0, "calibration", label)])
    assert f"calibration marker '{label}'" in notes(updates)[0]


def test_an_end_or_a_beginning_alone_is_named() -> None:
    _, updates = run([Marker(0, "calibration", "stance end"), Marker(1, "calibration", "left start")])
    assert [note.rsplit(": ", 1)[1] for note in notes(updates)] == [
        "it has no beginning, and is left out",
        "it has no end, and is left out",
    ]


def test_grouping_the_inputs_gives_the_same_bits() -> None:
    plan = (("air", 3.0), ("run", 8.0), ("both", 10.5), ("run", 9.0), ("left", 5.0), ("right", 5.0), ("run", 9.0))
    marked = ("unloaded:0.5..2.5", "stance:11.2..20.9", "left:30.6..35.1", "right:35.6..40.2")
    inputs = session((0.8, 0.6), plan, marked)
    engine = pipeline()
    one_by_one = [engine.push([item]) for item in inputs] + [engine.finish()]
    rng = np.random.default_rng(3)
    for cuts in ([], sorted(rng.integers(1, len(inputs), 20).tolist())):
        engine = pipeline()
        edges = [0, *cuts, len(inputs)]
        updates = [engine.push(inputs[a:b]) for a, b in itertools.pairwise(edges)] + [engine.finish()]
        one, other = (ContactTable.join([update.contacts for update in some]) for some in (one_by_one, updates))
        assert len(one) > 60
        np.testing.assert_array_equal(one.strike_s, other.strike_s)
        for name in one.columns:
            np.testing.assert_array_equal(one.columns[name], other.columns[name], err_msg=name)
        assert repr(updates[-1].numbers) == repr(one_by_one[-1].numbers)
        assert notes(updates) == notes(one_by_one)


# ---- a file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A synthetic runner whose insoles read a fifth too little, standing for 15 s first."""
    simulation = simulate(SyntheticOptions(seconds=45.0, plan="stand:15,run", lr_known=False))
    header = simulation.header
    feet = {side: foot.with_changes(scale_kpa=0.8 * foot.scale_kpa) for side, foot in header.feet.items()}
    path = tmp_path / "run.mcap"
    with Recorder(path, replace(header, feet=feet)) as recorder:
        for inputs in simulation.inputs:
            recorder(inputs)
    return path


def test_analyze_finds_the_gain_of_the_whole_file(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(recording), "--json", "--calibrate", "3..13"]) == 0
    document = json.loads(capsys.readouterr().out)
    gain = document["calibration"]["gain_left"]
    assert gain == document["calibration"]["gain_right"] == pytest.approx(1.25, rel=0.02)
    assert any("stance at 3.0 to 13.0 s: gain" in warning for warning in document["warnings"])
    plain = analyse(recording).contacts.running()
    peak = np.nanmean(plain.columns["peak_force_bw"])
    assert document["metrics"]["peak_force_bw"]["left"]["mean"] == pytest.approx(gain * peak, rel=0.02)
    assert document["metrics"]["peak_force_bw"]["asymmetry_pct"]["calibrated"] is False
    assert document["metrics"]["contact_time_ms"]["asymmetry_pct"]["calibrated"] is True


def test_markers_in_the_recording_do_the_same_and_give_way_to_the_option(tmp_path: Path) -> None:
    path = tmp_path / "marked.mcap"
    header = Header(
        feet=dict.fromkeys(FEET, device()),
        settings=Settings(),
        runner=Runner(body_mass_kg=MASS_KG),
        start_host_ns=0,
        start_utc="2026-01-02T03:04:05+00:00",
        source="test:",
    )
    with Recorder(path, header) as recorder:
        for item in session((0.8, 0.6), marked=PHASES):
            recorder([item])
    analysis = analyse(path)
    live, _ = run(session((0.8, 0.6), marked=PHASES))
    assert analysis.header.settings.calibration == live.calibration
    instead = analyse(path, calibrate=[PhaseSpan.parse("3.5..13.5")])
    assert not instead.header.settings.calibration.lr_known
    assert instead.header.settings.calibration.zero_left_kpa is None
    again = analyse(path, calibrate=[PhaseSpan.parse(phase) for phase in PHASES])
    assert again.header.settings.calibration.gain_right == pytest.approx(1 / 0.6, rel=2e-3)
    assert again.header.settings.calibration.lr_known
    assert np.count_nonzero(again.contacts.kind == Kind.RUN) > 50


def test_phases_outside_the_file_or_over_each_other_are_named(recording: Path) -> None:
    late = analyse(recording, calibrate=[PhaseSpan.parse("60..70")])
    assert any("only 0.0 s of frames" in warning for warning in late.warnings)
    assert late.header.settings.calibration == Calibration()
    with pytest.raises(SettingsError, match="stance and left overlap at 12 s"):
        analyse(recording, calibrate=[PhaseSpan.parse("3..13"), PhaseSpan.parse("left:12..17")])


@pytest.mark.parametrize("text", ["3", "3..", "13..3", "both:3..13", "left:a..b", "-1..5", "1..inf", "nan..3"])
def test_a_phase_that_makes_no_sense_is_wrong_usage(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["analyze", "x.mcap", f"--calibrate={text}"])
    assert ended.value.code == 2
    assert f"'{text}'" in capsys.readouterr().err


@pytest.mark.parametrize("laced_kpa", [0.0, 2.0, 10.0])
def test_lacing_above_the_zero_of_the_insole_off_the_foot_hides_no_toe_off_and_is_reported(laced_kpa: float) -> None:
    """METRICS.md 1.3: 10 kPa are 180 N here, far above what ends a contact."""
    insole = few_cells(RATE_HZ)
    steps = every_stride(half_sine_on(insole), 20, RATE_HZ)
    packets = packets_of(Side.LEFT, counts_of(insole, steps, rest_kpa=laced_kpa), RATE_HZ)
    known = Settings(calibration=Calibration(zero_left_kpa=(0.0,) * insole.n_cells))
    run = analysed({Side.LEFT: insole}, [packets], settings=known).running()
    assert len(run) == 20
    np.testing.assert_allclose(run.columns["peak_force_bw"][-5:], G2_AMPLITUDE_BW, rtol=0.01)
    assert run.columns["preload_kpa"][-1] == pytest.approx(laced_kpa, abs=0.05)
    without = analysed({Side.LEFT: insole}, [packets]).running()
    assert np.isnan(without.columns["preload_kpa"]).all()
    assert (without.status["preload_kpa"] == Status.NO_UNLOADED_ZERO).all()


def few_cells(rate_hz: float) -> Device:
    return Device(
        "few cells",
        float(rate_hz),
        np.array([0.3, 0.7, 0.3, 0.7]),
        np.array([0.1, 0.2, 0.7, 0.8]),
        np.full(4, 4500.0),
        np.full(4, 0.02),
        offset_counts=1000.0,
    )


def half_sine_on(insole: Device) -> Pressures:
    """The same pressure on every cell."""

    def pressures(t: FloatArray) -> FloatArray:
        return np.repeat(half_sine(t)[:, None] / insole.area_mm2.sum() * 1e3, insole.n_cells, axis=1)

    return pressures

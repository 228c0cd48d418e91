"""The one loop and the analysis of whole files: live, replayed and analysed, the same inputs give the same numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recorded import flat, header, interleaved
from virtual_time import run_in_virtual_time

from insole import analyse, run
from insole.analysis import mass_over_whole_strides
from insole.blocks import GRAVITY_M_S2, ContactTable, Flag, Health, Input, Kind, Quality, Side, Update
from insole.errors import FormatError, RecordingError, SettingsError
from insole.pipeline import Pipeline
from insole.recording import Header, Recorder, open_recording
from insole.report.summary import document
from insole.settings import Calibration, FlagSettings, Runner, Settings
from insole.sources import open_source
from insole.sources.replay import ReplaySource
from insole.sources.synthetic import SyntheticOptions, simulate

SECONDS = 24.0


@pytest.fixture(scope="module")
def session() -> tuple[Header, list[list[Input]]]:
    """A runner with a radio that loses packets."""
    simulation = simulate(SyntheticOptions(seconds=SECONDS, seed=5, loss_pct=2.0, cells=16))
    return simulation.header, list(simulation.inputs)


@pytest.fixture(scope="module")
def recording(session: tuple[Header, list[list[Input]]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("session") / "run.mcap", *session)


def recorded(path: Path, head: Header, batches: Iterable[list[Input]]) -> Path:
    with Recorder(path, head) as recorder:
        for inputs in batches:
            recorder(inputs)
    return path


def pipeline_of(head: Header) -> Pipeline:
    return Pipeline(head.feet, head.settings, head.runner, head.start_host_ns)


class Collected:
    """A sink that keeps what outlives a push."""

    def __init__(self) -> None:
        self.updates: list[Update] = []

    def __call__(self, update: Update) -> None:
        self.updates.append(update)

    @property
    def contacts(self) -> ContactTable:
        return ContactTable.join([update.contacts for update in self.updates])

    @property
    def flags(self) -> list[Flag]:
        ended = [flag for update in self.updates for flag in update.flag_spans]
        return sorted([*ended, *self.updates[-1].flags], key=lambda flag: flag.from_s)


def assert_same_contacts(a: ContactTable, b: ContactTable) -> None:
    """Bit for bit."""
    assert len(a) == len(b) > 0
    for name in ("contact_id", "side", "kind", "strike_s", "toe_off_s", "quality"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    for kind in ("columns", "uncertainty", "status"):
        mine, others = getattr(a, kind), getattr(b, kind)
        assert mine.keys() == others.keys()
        for name in mine:
            np.testing.assert_array_equal(mine[name], others[name], err_msg=name)


def told(health: Health) -> list[str]:
    """All of it as text, in which an unknown number equals itself."""
    return [repr(item) for part in (health.links, health.feet, health.foot_links) for item in sorted(part.items())]


# ---- the loop --------------------------------------------------------------------------------------------------------


def test_analysis_replay_and_any_grouping_give_the_same_numbers(
    session: tuple[Header, list[list[Input]]], recording: Path
) -> None:
    head, batches = session
    analysis = analyse(recording)
    assert len(analysis.contacts.running()) > 35

    paced, unpaced = Collected(), Collected()
    for sink, speed in ((paced, 16.0), (unpaced, float("inf"))):
        source = ReplaySource(recording, speed=speed)
        run_in_virtual_time(run(source, pipeline_of(source.header), [sink]))
        assert_same_contacts(sink.contacts, analysis.contacts)
        assert repr(sink.flags) == repr(list(analysis.flags))
        assert told(sink.updates[-1].health) == told(analysis.health)

    live = pipeline_of(head)
    updates = [live.push(inputs) for inputs in interleaved(batches)]
    assert_same_contacts(ContactTable.join([u.contacts for u in [*updates, live.finish()]]), analysis.contacts)


def test_recording_packet_by_packet_as_links_deliver_gives_the_same_numbers(
    session: tuple[Header, list[list[Input]]], recording: Path, tmp_path: Path
) -> None:
    head, batches = session
    live = recorded(tmp_path / "live.mcap", head, interleaved(batches))
    assert flat(open_recording(live).inputs()) == flat(interleaved(batches))
    assert_same_contacts(analyse(live).contacts, analyse(recording).contacts)


def test_every_sink_gets_every_update_and_the_end(recording: Path) -> None:
    first, second = Collected(), Collected()
    source = ReplaySource(recording, speed=float("inf"))
    run_in_virtual_time(run(source, pipeline_of(source.header), [first, second]))
    assert [id(update) for update in first.updates] == [id(update) for update in second.updates]
    assert len(first.updates) > 2


class Broken(Exception):
    """A bug somewhere behind the pipeline."""


def test_a_bug_in_a_sink_loses_no_data(recording: Path, tmp_path: Path) -> None:
    seen = Collected()

    def sink(update: Update) -> None:
        seen(update)
        if len(seen.updates) == 2:
            raise Broken

    copy = tmp_path / "copy.mcap"
    source = ReplaySource(recording, speed=float("inf"))
    with pytest.raises(Broken), Recorder(copy, source.header) as recorder:
        run_in_virtual_time(run(source, pipeline_of(source.header), [sink], recorder))
    kept = open_recording(copy)
    whole = flat(open_recording(recording).by_link())
    assert flat(kept.by_link()) == whole[: len(flat(kept.by_link()))]
    assert kept.complete
    assert analyse(copy).duration_s >= seen.updates[-1].t_s - 0.1


def test_a_recorded_replay_is_the_same_recording(recording: Path, tmp_path: Path) -> None:
    source = ReplaySource(recording, speed=float("inf"))
    with Recorder(tmp_path / "again.mcap", source.header) as recorder:
        run_in_virtual_time(run(source, pipeline_of(source.header), [], recorder))
    assert_same_contacts(analyse(tmp_path / "again.mcap").contacts, analyse(recording).contacts)


def test_a_synthetic_source_runs_through_the_same_loop() -> None:
    source = open_source("synthetic:?seconds=12&seed=2&cells=8&speed=inf")
    sink = Collected()
    asyncio.run(run(source, pipeline_of(source.header), [sink]))
    assert len(sink.contacts.running()) > 10


# ---- analysis --------------------------------------------------------------------------------------------------------


def test_a_contact_that_is_cut_off_by_the_end_has_no_picture() -> None:
    simulation = simulate(SyntheticOptions(seconds=12.0, cells=16, seed=5))
    head = simulation.header
    pipeline = Pipeline(head.feet, head.settings, head.runner, head.start_host_ns)
    updates = [pipeline.push([item for inputs in simulation.inputs for item in inputs]), pipeline.finish()]
    table = ContactTable.join([update.contacts for update in updates])
    unseen = table.contact_id[(table.quality & Quality.END_UNSEEN) != 0].tolist()
    pictured = [shape.contact_id for update in updates for shape in update.shapes]
    assert len(unseen) == 1
    assert not set(unseen) & set(pictured)
    assert unseen[0] - 2 in pictured  # what is shown of that foot at the end is the contact before


def test_duration_and_progress(recording: Path) -> None:
    shares: list[float] = []
    analysis = analyse(recording, progress=shares.append)
    assert analysis.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert analysis.warnings == ()


def test_body_mass_of_the_option_before_that_of_the_recording(recording: Path) -> None:
    runner = analyse(recording).header.runner
    assert (runner.body_mass_kg, runner.body_mass_source) == (70.0, "recording")
    runner = analyse(recording, body_mass_kg=81.0).header.runner
    assert (runner.body_mass_kg, runner.body_mass_source) == (81.0, "option")
    with pytest.raises(SettingsError, match="body mass"):
        analyse(recording, body_mass_kg=8.1)


@pytest.mark.parametrize("mass_kg", [48.0, 70.0, 104.0])
def test_body_mass_is_estimated_from_whole_strides(tmp_path: Path, mass_kg: float) -> None:
    simulation = simulate(SyntheticOptions(seconds=25.0, seed=4, body_mass_kg=mass_kg))
    anonymous = replace(simulation.header, runner=Runner())
    shares: list[float] = []
    path = recorded(tmp_path / "run.mcap", anonymous, simulation.inputs)
    analysis = analyse(path, progress=shares.append)
    runner = analysis.header.runner
    assert runner.body_mass_source == "estimated"
    assert runner.body_mass_kg == pytest.approx(mass_kg, rel=0.02)
    assert shares == sorted(shares)
    given = analyse(path, body_mass_kg=runner.body_mass_kg)
    np.testing.assert_array_equal(given.contacts.strike_s, analysis.contacts.strike_s)
    np.testing.assert_array_equal(given.contacts.columns["valr_bw_s"], analysis.contacts.columns["valr_bw_s"])


@pytest.mark.parametrize("options", [{"feet": "left"}, {"plan": "walk"}, {"plan": "stand"}])
def test_without_running_of_both_feet_body_mass_stays_unknown(tmp_path: Path, options: dict[str, str]) -> None:
    simulation = simulate(SyntheticOptions.from_mapping({"seconds": "20", "seed": "4", **options}))
    anonymous = replace(simulation.header, runner=Runner())
    analysis = analyse(recorded(tmp_path / "run.mcap", anonymous, simulation.inputs))
    assert analysis.header.runner.body_mass_kg is None
    assert any("body mass unknown" in line for line in analysis.warnings)
    assert np.isnan(analysis.contacts.columns.get("peak_force_bw", np.array([]))).all()


def stride_table(strikes: list[tuple[float, Side, Kind, float]]) -> ContactTable:
    """Contacts by strike, side, kind and impulse in BW s."""
    strike_s = np.array([row[0] for row in strikes])
    return ContactTable(
        np.arange(len(strikes)),
        np.array([row[1] for row in strikes], np.int8),
        np.array([row[2] for row in strikes], np.int8),
        strike_s,
        strike_s + 0.25,
        np.zeros(len(strikes), np.uint16),
        {"impulse_bw_s": np.array([row[3] for row in strikes])},
    )


def test_mean_force_over_whole_strides_in_numbers() -> None:
    # Strides of 0.7 s with impulses of 0.40 and 0.37 BW s: 1.1 body weights of the assumed mass.
    rows = [
        (0.35 * n, Side.LEFT if n % 2 == 0 else Side.RIGHT, Kind.RUN, 0.40 if n % 2 == 0 else 0.37) for n in range(21)
    ]
    assert mass_over_whole_strides(stride_table(rows), 70.0) == pytest.approx(77.0)
    # A contact that was not measured, or not seen, takes its stride out; the mean of the rest stays.
    rows[5] = (*rows[5][:3], float("nan"))
    del rows[12]
    rows[15] = (*rows[15][:2], Kind.REJECTED, 0.1)
    assert mass_over_whole_strides(stride_table(rows), 70.0) == pytest.approx(77.0)
    # A pause between two bouts is no stride.
    later = [(t + 30.0, *rest) for t, *rest in rows]
    assert mass_over_whole_strides(stride_table(rows + later), 70.0) == pytest.approx(77.0)


def test_no_mass_from_too_little_or_from_nonsense() -> None:
    rows = [(0.35 * n, Side.LEFT if n % 2 == 0 else Side.RIGHT, Kind.RUN, 0.4) for n in range(21)]
    assert mass_over_whole_strides(stride_table(rows[:5]), 70.0) is None
    assert mass_over_whole_strides(stride_table([row for row in rows if row[1] == Side.LEFT]), 70.0) is None
    assert mass_over_whole_strides(stride_table([(*row[:3], 0.05) for row in rows]), 70.0) is None
    assert mass_over_whole_strides(ContactTable.empty(), 70.0) is None


def test_settings_of_the_user_replace_those_of_the_recording_but_not_its_calibration(
    session: tuple[Header, list[list[Input]]], tmp_path: Path
) -> None:
    head, batches = session
    calibrated = Settings(calibration=Calibration(gain_left=1.05, lr_known=True), target_valr_bw_s=50.0)
    path = recorded(tmp_path / "run.mcap", replace(head, settings=calibrated), batches[:100])
    assert analyse(path).header.settings == calibrated
    mine = Settings(flags=FlagSettings(enabled=False))
    assert analyse(path, settings=mine).header.settings == replace(mine, calibration=calibrated.calibration)
    recalibrated = replace(mine, calibration=Calibration(gain_right=1.1))
    assert analyse(path, settings=recalibrated).header.settings == recalibrated


def test_a_recording_cut_off_is_analysed_up_to_the_cut(recording: Path, tmp_path: Path) -> None:
    whole = analyse(recording)
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(recording.read_bytes()[: recording.stat().st_size // 2])
    half = analyse(cut)
    assert 0.3 * SECONDS < half.duration_s < 0.7 * SECONDS
    assert any("no end" in line for line in half.warnings)
    n = int(np.count_nonzero(whole.contacts.toe_off_s < half.duration_s - 2.0))
    assert n > 10
    np.testing.assert_array_equal(half.contacts.strike_s[:n], whole.contacts.strike_s[:n])


def test_a_recording_that_is_still_written_is_analysed(
    session: tuple[Header, list[list[Input]]], tmp_path: Path
) -> None:
    head, batches = session
    path = tmp_path / "growing.mcap"
    with Recorder(path, head) as recorder:
        for inputs in batches[:75]:
            recorder(inputs)
        analysis = analyse(path)
    assert analysis.duration_s == pytest.approx(15.0, abs=1.0)
    assert any("still going on" in line for line in analysis.warnings)


def test_a_recording_with_nothing_in_it_is_analysed(tmp_path: Path) -> None:
    analysis = analyse(recorded(tmp_path / "empty.mcap", header(), []))
    assert len(analysis.contacts) == 0
    assert analysis.duration_s == 0.0


# ---- vendors' files --------------------------------------------------------------------------------------------------


def half_sines() -> Iterator[tuple[float, float, float]]:
    """Time and the force of both feet at 200 Hz: a 60 kg runner, 12 s, contacts of 0.25 s a stride of 0.7 s."""
    peak_n = 60.0 * GRAVITY_M_S2 * np.pi / 2 * 0.7 / 0.25 / 2
    for n in range(12 * 200):
        t = n / 200
        feet = [(t - start) % 0.7 for start in (0.1, 0.45)]
        left, right = (peak_n * np.sin(np.pi * phase / 0.25) if phase < 0.25 else 0.0 for phase in feet)
        yield t, float(left), float(right)


@pytest.fixture
def force_table(tmp_path: Path) -> Path:
    lines = ["time_s,left_force_n,right_force_n"]
    lines += [f"{t:.3f},{left:.2f},{right:.2f}" for t, left, right in half_sines()]
    path = tmp_path / "forces.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_vendors_file_goes_through_the_same_pipeline(force_table: Path) -> None:
    analysis = analyse(force_table)
    assert analysis.header.source == "import:force"
    assert analysis.header.runner.body_mass_source == "estimated"
    assert analysis.header.runner.body_mass_kg == pytest.approx(60.0, rel=0.02)
    running = analysis.contacts.running()
    assert len(running) > 25
    assert np.diff(running.strike_s) == pytest.approx(0.35, abs=0.003)
    assert analyse(force_table, body_mass_kg=61.0).header.runner.body_mass_source == "option"


def test_a_table_in_body_weights_takes_the_mass_of_the_option(tmp_path: Path) -> None:
    weight_n = 60.0 * GRAVITY_M_S2
    lines = ["time_s,left_force_bw,right_force_bw"]
    lines += [f"{t:.3f},{left / weight_n:.4f},{right / weight_n:.4f}" for t, left, right in half_sines()]
    path = tmp_path / "weights.csv"
    path.write_text("\n".join(lines) + "\n")
    nominal, given = analyse(path), analyse(path, body_mass_kg=60.0)
    assert nominal.header.runner.body_mass_source == "nominal"
    for name in ("peak_force_bw", "impulse_bw_s"):
        mine, theirs = (a.contacts.running().columns[name] for a in (nominal, given))
        np.testing.assert_allclose(mine, theirs, rtol=0.01)
    # The same through a recording that was made without knowing the mass.
    from insole.formats import import_file

    imported = import_file(path)
    kept = analyse(recorded(tmp_path / "kept.mcap", imported.header, imported.inputs), body_mass_kg=60.0)
    np.testing.assert_allclose(
        kept.contacts.running().columns["peak_force_bw"],
        given.contacts.running().columns["peak_force_bw"],
        rtol=0.01,
    )


def test_files_that_nobody_can_read_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be opened"):
        analyse(tmp_path / "missing.mcap")
    noise = tmp_path / "noise.bin"
    noise.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(FormatError):
        analyse(noise)


@pytest.mark.parametrize("strike", ["rearfoot", "forefoot"])
def test_three_zones_tell_strike_and_heel(tmp_path: Path, strike: str) -> None:
    path = tmp_path / "zones.mcap"
    simulation = simulate(
        SyntheticOptions(seconds=14.0, device="loadsol_3zone", plan="stand:3,run", strike=strike, seed=3)
    )
    with Recorder(path, simulation.header) as record:
        for inputs in simulation.inputs:
            record(inputs)
    found = document(analyse(path), path.name)
    for side in ("left", "right"):
        assert found["strike_by"][side] == "first_region_pct"
        assert found["strike"][side][strike] > 0.9
        heel = found["metrics"]["fti_rel_pct_heel"][side]["mean"]
        assert 20.0 < heel < 50.0 if strike == "rearfoot" else heel < 15.0
        assert found["metrics"]["contact_area_pct"][side]["reason"] == "areas of the cells not known"

"""Dead and stuck cells: found over contacts, said from then on, and never where an export clips at zero."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from insole.analysis import analyse
from insole.blocks import BoolArray, ContactBatch, ContactTable, CountArray, Quality, Side, Update
from insole.device import Device
from insole.pipeline import Pipeline
from insole.pipeline.foot.faults import CONTACTS, CellFaults
from insole.sources.synthetic import SyntheticOptions, simulate

FRAMES, ONSET, RELEASE = 60, 12, 48


def device(step_kpa: float = 0.1, offset_counts: float = 0.0) -> Device:
    """Four by four cells."""
    x, y = np.meshgrid(np.linspace(0.2, 0.8, 4), np.linspace(0.1, 0.9, 4))
    return Device(
        "grid", 200.0, x.ravel(), y.ravel(), np.full(16, 900.0), np.full(16, step_kpa), offset_counts=offset_counts
    )


@dataclass(frozen=True)
class Stance:
    """The frames of one contact."""

    counts: CountArray
    lost: BoolArray


def contact(n: int, insole: Device, noise_kpa: float = 0.5, cells: dict[int, float | None] | None = None) -> Stance:
    """One contact in which every cell rises to 100 kPa and back; some `cells` read a constant, or (None) only noise."""
    rng = np.random.default_rng(n)
    rows = np.arange(FRAMES)
    inside = (rows >= ONSET) & (rows < RELEASE)
    load = np.where(inside, 100.0 * np.sin(np.pi * (rows - ONSET) / (RELEASE - ONSET)), 0.0)
    kpa = 5.0 * (noise_kpa > 0) + load[:, None] + noise_kpa * rng.standard_normal((len(rows), 16))
    for cell, value in (cells or {}).items():
        kpa[:, cell] = 5.0 + noise_kpa * rng.standard_normal(len(rows)) if value is None else value
    counts = np.clip(np.rint(kpa / insole.scale_kpa + insole.offset_counts), 0, 65535).astype(np.uint16)
    return Stance(counts, np.zeros(FRAMES, np.bool_))


def laid(stances: list[Stance], insole: Device) -> ContactBatch:
    """Contacts end to end; what is not about their cells is nothing."""
    k, n = len(stances), FRAMES * len(stances)
    return ContactBatch(
        side=Side.LEFT,
        contact_id=np.arange(k),
        starts=FRAMES * np.arange(k + 1),
        t_s=np.zeros(n),
        force_n=np.zeros(n),
        moment_nmm=np.zeros((n, 2)),
        region_force_n=np.zeros((n, 0)),
        counts=np.concatenate([stance.counts for stance in stances]),
        gain=1.0,
        zero_kpa=np.zeros((k, insole.n_cells)),
        filled=np.concatenate([stance.lost for stance in stances]),
        missing=np.zeros(n, np.bool_),
        onset=np.full(k, ONSET),
        release=np.full(k, RELEASE),
        event_n=0.0,
        saturated=np.zeros((k, insole.n_cells), np.bool_),
        saturated_share=np.zeros(k),
        quality=np.zeros(k, np.uint16),
    )


def found(insole: Device, stances: list[Stance], each: int = 1000) -> np.ndarray:
    watch = CellFaults(insole)
    return np.concatenate([watch.push(laid(stances[i : i + each], insole)) for i in range(0, len(stances), each)])


@pytest.mark.parametrize("value", [0.0, 3.0, 150.0, None])
def test_a_cell_is_found_after_thirty_contacts_and_no_other(value: float | None) -> None:
    insole = device()
    faulty = found(insole, [contact(n, insole, cells={5: value}) for n in range(50)])
    assert set(np.flatnonzero(faulty.any(axis=0)).tolist()) == {5}
    assert int(faulty[:, 5].argmax()) in (CONTACTS - 1, CONTACTS)
    assert faulty[CONTACTS:, 5].all()


def test_two_dead_neighbours_are_both_found_and_a_working_insole_is_clean() -> None:
    insole = device()
    both = found(insole, [contact(n, insole, cells={5: 0.0, 6: 0.0}) for n in range(40)])
    assert np.flatnonzero(both[-1]).tolist() == [5, 6]
    assert not found(insole, [contact(n, insole) for n in range(200)]).any()


def test_a_cell_that_works_again_is_no_fault_any_more() -> None:
    insole = device()
    contacts = [contact(n, insole, cells={5: 150.0}) for n in range(40)] + [contact(n, insole) for n in range(3)]
    faulty = found(insole, contacts)
    assert faulty[39, 5]
    assert not faulty[40:].any()


def test_an_export_that_clips_at_zero_gives_no_fault_for_cells_that_carry_nothing() -> None:
    """Exact zeros all session long, or one step of lacing: without noise in the air nothing can be said."""
    for step_kpa, resting in ((2.5, 0.0), (2.5, 2.5), (10.0, 10.0)):
        insole = device(step_kpa, offset_counts=100.0)
        contacts = [contact(n, insole, noise_kpa=0.0, cells={5: resting, 9: 0.0}) for n in range(80)]
        assert not found(insole, contacts).any()
    loaded = device(2.5)
    stuck = found(loaded, [contact(n, loaded, noise_kpa=0.0, cells={5: 150.0}) for n in range(80)])
    assert np.flatnonzero(stuck[-1]).tolist() == [5], "a load in the air is a fault in any insole"


def test_lost_frames_are_no_evidence() -> None:
    insole = device()
    contacts = [contact(n, insole) for n in range(80)]
    for n, stance in enumerate(contacts):
        stance.lost[:] = np.random.default_rng(n).random(FRAMES) < 0.3
        stance.counts[stance.lost] = 0
    assert not found(insole, contacts).any()


@pytest.mark.parametrize("each", [1, 7])
def test_any_cut_finds_the_same(each: int) -> None:
    insole = device()
    cells: dict[int, float | None] = {2: 0.0, 7: 80.0, 11: None}
    contacts = [contact(n, insole, cells=cells if n % 60 < 45 else None) for n in range(130)]
    np.testing.assert_array_equal(found(insole, contacts), found(insole, contacts, each))


# ---- the whole pipeline ---------------------------------------------------------------------------------------------


def run(**options: object) -> tuple[list[Update], ContactTable]:
    simulation = simulate(SyntheticOptions(seconds=36.0, plan="stand:2,run", **options))  # type: ignore[arg-type]
    header = simulation.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    updates = [*(pipeline.push(inputs) for inputs in simulation.inputs), pipeline.finish()]
    return updates, ContactTable.join([update.contacts for update in updates])


@pytest.mark.parametrize("cells", [32, 99])
def test_dead_and_stuck_cells_of_a_runner(cells: int) -> None:
    updates, table = run(cells=cells, dead_left=(3,), stuck_right=(7,))
    feet = updates[-1].health.feet
    assert feet[Side.LEFT].faulty_cells == (3,)
    assert feet[Side.RIGHT].faulty_cells == (7,)
    assert len(table.running(Side.LEFT)) > 40
    assert len(table.running(Side.RIGHT)) > 40, "a cell stuck under load hides no toe-off"
    said = table.quality & np.uint16(Quality.CELL_FAULT) != 0
    np.testing.assert_array_equal(said, np.nan_to_num(table.columns["faulty_cells"]) > 0)
    left = said[table.side == Side.LEFT]
    assert not left[:CONTACTS].any()
    assert left[CONTACTS + 1 :].all()
    texts = [flag.text for flag in updates[-1].flags if flag.metric == "faulty_cells"]
    assert [text[:42] for text in sorted(texts)] == [
        "Left insole: 1 of its cells dead or stuck.",
        "Right insole: 1 of its cells dead or stuck"[:42],
    ]


@pytest.mark.parametrize(("cells", "strike"), [(16, "forefoot"), (99, "midfoot"), (256, "rearfoot")])
def test_a_working_insole_has_no_faults(cells: int, strike: str) -> None:
    updates, table = run(cells=cells, strike=strike)
    assert all(foot.faulty_cells == () for foot in updates[-1].health.feet.values())
    assert not (table.quality & np.uint16(Quality.CELL_FAULT)).any()


@pytest.mark.parametrize(
    "file",
    [
        "opengo_jogging/S04_Sequence_01_insoles.csv",
        "opengo_jogging/S11_Sequence_08_insoles.csv",
        "pedar/pedar_example.asc",
        "stappone/walk_62hz.csv",
    ],
)
def test_vendors_files_have_no_faults(real_data: Path, file: str) -> None:
    analysis = analyse(real_data / file)
    assert len(analysis.contacts) > 15
    assert all(foot.faulty_cells == () for foot in analysis.health.feet.values())
    assert not (analysis.contacts.quality & np.uint16(Quality.CELL_FAULT)).any()

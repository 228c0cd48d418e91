"""What a contact is: running, walking, standing, or rejected and why (METRICS.md 2.1)."""

from __future__ import annotations

import numpy as np
import pytest

from insole.blocks import ContactTable, Kind, Quality, Side
from insole.pipeline.bouts import Bouts, reason

WEIGHT_N = 700.0
BOTH = [Side.LEFT, Side.RIGHT]


def rows(
    contacts: list[tuple[float, float, Side]], peak_n: float = 1500.0, quality: dict[int, Quality] | None = None
) -> ContactTable:
    strike = np.array([c[0] for c in contacts])
    n = len(contacts)
    bits = np.zeros(n, np.uint16)
    for i, bit in (quality or {}).items():
        bits[i] = bit
    return ContactTable(
        np.arange(n),
        np.array([c[2] for c in contacts], np.int8),
        np.full(n, Kind.REJECTED, np.int8),
        strike,
        strike + np.array([c[1] for c in contacts]),
        bits,
        {"peak_force_n": np.full(n, peak_n)},
    )


def alternating(
    n: int, step_s: float = 0.35, contact_s: float = 0.25, start_s: float = 1.0
) -> list[tuple[float, float, Side]]:
    return [(start_s + i * step_s, contact_s, Side(i % 2)) for i in range(n)]


def judged(
    table: ContactTable, sides: list[Side] = BOTH, holes: list[tuple[Side, float, float]] | None = None
) -> ContactTable:
    bouts = Bouts(sides, WEIGHT_N)
    for side, from_s, to_s in holes or []:
        bouts.hole(side, from_s, to_s)
    return ContactTable.join([bouts.push(table, float(table.strike_s[-1])), bouts.finish()])


def kinds(table: ContactTable) -> list[str]:
    return [reason(Kind(int(k)), Quality(int(q))) or "run" for k, q in zip(table.kind, table.quality, strict=True)]


def test_five_alternating_contacts_run_four_do_not() -> None:
    assert kinds(judged(rows(alternating(5)))) == ["run"] * 5
    assert kinds(judged(rows(alternating(4)))) == ["isolated"] * 4


def test_half_the_stride_on_the_ground_is_grounded() -> None:
    assert kinds(judged(rows(alternating(8, contact_s=0.36)))) == ["grounded"] * 8


def test_walking_and_standing_are_named_and_break_the_row() -> None:
    contacts = [
        *alternating(5),
        (3.0, 0.65, Side.RIGHT),
        (3.5, 0.65, Side.LEFT),
        (5.0, 9.0, Side.RIGHT),
        *alternating(4, start_s=15.0),
    ]
    assert kinds(judged(rows(contacts))) == ["run"] * 5 + ["walk", "walk", "stand"] + ["isolated"] * 4


def test_hopping_on_one_foot_is_no_run_but_one_foot_alone_may_run() -> None:
    hops = [(1 + i * 0.7, 0.25, Side.LEFT) for i in range(8)]
    assert kinds(judged(rows(hops))) == ["isolated"] * 8
    assert kinds(judged(rows(hops), sides=[Side.LEFT])) == ["run"] * 8


def test_a_foot_that_was_lost_does_not_stop_the_other_from_running() -> None:
    lost = [(1 + i * 0.7, 0.25, Side.LEFT) for i in range(8)]
    assert kinds(judged(rows(lost), holes=[(Side.RIGHT, 0.0, np.inf)])) == ["run"] * 8


def test_side_stepping_with_long_and_short_steps_is_no_run() -> None:
    strikes = np.cumsum([1.0, *([0.21, 0.35] * 5)])
    contacts = [(float(s), 0.26, Side(i % 2)) for i, s in enumerate(strikes)]
    assert "run" not in kinds(judged(rows(contacts)))


def test_a_contact_with_a_gap_keeps_the_row_and_is_rejected_alone() -> None:
    found = kinds(judged(rows(alternating(9), quality={4: Quality.GAP, 5: Quality.GAP | Quality.ONSET_UNSEEN})))
    assert found == ["run"] * 4 + ["gap"] * 2 + ["run"] * 3


def test_blips_light_and_short_contacts_do_not_disturb() -> None:
    contacts = sorted([*alternating(8), (1.30, 0.05, Side.LEFT)])
    assert kinds(judged(rows(contacts))) == ["run", "too_short"] + ["run"] * 7
    assert kinds(judged(rows(alternating(6), peak_n=400.0))) == ["light"] * 6


def test_contacts_of_one_belt_alternate_from_the_left() -> None:
    belt = judged(rows([(1 + i * 0.35, 0.24, Side.BELT) for i in range(6)]), sides=[Side.BELT])
    assert kinds(belt) == ["run"] * 6
    assert belt.side.tolist() == [Side.LEFT, Side.RIGHT] * 3


def test_in_an_established_run_nothing_waits() -> None:
    bouts = Bouts(BOTH, WEIGHT_N)
    table = rows(alternating(12))
    out = [len(bouts.push(table.rows(slice(i, i + 1)), float(table.strike_s[i]))) for i in range(12)]
    assert out == [0, 0, 0, 0, 5, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_grouping_does_not_matter(size: int) -> None:
    contacts = [*alternating(9), (6.0, 0.65, Side.RIGHT), *alternating(7, start_s=8.0, contact_s=0.36)]
    table = rows(contacts, quality={3: Quality.GAP})
    bouts = Bouts(BOTH, WEIGHT_N)
    parts = [
        bouts.push(table.rows(slice(i, i + size)), float(table.strike_s[min(i + size, len(table)) - 1]))
        for i in range(0, len(table), size)
    ]
    pieces = ContactTable.join([*parts, bouts.finish()])
    whole = judged(table)
    np.testing.assert_array_equal(pieces.kind, whole.kind)
    np.testing.assert_array_equal(pieces.quality, whole.quality)

"""Two stretches of one session: which contacts they stand for, and when a difference is more than noise."""

from __future__ import annotations

import dashboard_updates as du
import numpy as np
import pytest

from insole.blocks import ContactTable, FloatArray, Kind, Marker, Side
from insole.dashboard.model.comparing import change_row, compare
from insole.dashboard.model.words import DASH, NumberStyle
from insole.device import Device
from insole.history.comparison import CADENCE, Change, Condition, changes, conditions_of, part_at, picture, shared

STEP_S = 0.36
COMMA = NumberStyle(decimal=",")


def session(left: FloatArray, right: FloatArray, step_s: float = STEP_S) -> ContactTable:
    """Contacts left and right in turn, with these loading rates; contact times and cadence without any change."""
    n = 2 * len(left)
    value = np.stack([left, right], axis=1).ravel()
    t = np.arange(n) * step_s
    side = (np.arange(n) % 2).astype(np.int8)
    jitter = np.random.default_rng(9).normal(0, 3, n)
    columns = {"valr_bw_s": value, "contact_time_ms": 250 + jitter, "step_time_ms": 1e3 * step_s + jitter}
    run = np.full(n, Kind.RUN, np.int8)
    return ContactTable(np.arange(n), side, run, t, t + 0.25, np.zeros(n, np.uint16), columns)


def steps(rng: np.random.Generator, mean: float, n: int, together: float = 0.0) -> FloatArray:
    """Values with a spread of 8 %; neighbours have something in common."""
    noise = rng.standard_normal(n)
    for i in range(1, n):
        noise[i] = together * noise[i - 1] + np.sqrt(1 - together**2) * noise[i]
    return mean * (1 + 0.08 * noise)


def of(found: tuple[Change, ...], metric: str, side: Side | None) -> Change:
    return next(change for change in found if (change.metric, change.side) == (metric, side))


def test_a_moment_stands_for_the_last_thirty_contacts_of_each_foot() -> None:
    table = session(np.full(100, 60.0), np.full(100, 60.0))
    part = part_at(table, 50.0)
    assert [int((table.side[part.rows] == side).sum()) for side in (Side.LEFT, Side.RIGHT)] == [30, 30]
    assert table.toe_off_s[part.rows].max() <= 50.0
    early = part_at(table, 5.0)
    assert len(early.rows) == 14


def test_a_marked_condition_stands_for_all_of_it_without_its_beginning() -> None:
    table = session(np.full(600, 60.0), np.full(600, 60.0))
    markers = [
        (10.0, Marker(0, "condition_start", "shoe 1")),
        (200.0, Marker(0, "condition_end", "shoe 1")),
        (205.0, Marker(0, "note", "talked")),
        (210.0, Marker(0, "condition_start", "a slip of the hand")),
        (211.0, Marker(0, "undo")),
        (220.0, Marker(0, "condition_start", "shoe 2")),
        (230.0, Marker(0, "note", "another slip")),
        (231.0, Marker(0, "undo")),  # of the note, not of the condition
    ]
    conditions = conditions_of(markers, 400.0)
    assert conditions == (Condition("shoe 1", 10.0, 200.0), Condition("shoe 2", 220.0, 400.0))
    one, between = part_at(table, 100.0, conditions), part_at(table, 205.0, conditions)
    assert one.condition == conditions[0]
    assert table.strike_s[one.rows].min() >= 70.0  # METRICS.md 10.1: the first minute does not count
    assert table.toe_off_s[one.rows].max() <= 200.0
    assert between.condition is None
    short = part_at(table, 300.0, (Condition("short", 290.0, 320.0),))
    assert table.strike_s[short.rows].min() < 291.0


@pytest.mark.parametrize("together", [0.0, 0.5])
def test_no_change_is_seldom_called_one(together: float) -> None:
    rng = np.random.default_rng(4)
    called = 0
    for _ in range(120):
        table = session(steps(rng, 60, 90, together), steps(rng, 60, 90, together))
        found = changes(table, part_at(table, 24.0), part_at(table, 64.0))
        called += sum(of(found, "valr_bw_s", side).beyond_noise for side in (Side.LEFT, Side.RIGHT))
    assert called / 240 < 0.12  # 5 % meant; the lag-1 correction is itself an estimate


def test_a_change_is_found_with_its_size() -> None:
    rng = np.random.default_rng(5)
    left = np.concatenate([steps(rng, 60, 60), steps(rng, 69, 60)])
    table = session(left, steps(rng, 60, 120))
    found = changes(table, part_at(table, 40.0), part_at(table, 86.0))
    changed, same = (of(found, "valr_bw_s", side) for side in (Side.LEFT, Side.RIGHT))
    assert changed.beyond_noise
    assert changed.change.low < 15.0 < changed.change.high
    assert not same.beyond_noise
    assert not of(found, CADENCE, None).beyond_noise
    row = change_row(changed, COMMA)
    assert (row.name, row.verdict, row.beyond) == ("Loading rate, left", "beyond step noise", True)
    assert row.value.startswith("+1")
    assert "," in row.value
    assert row.spread.startswith("± ")


def test_what_cannot_be_compared_is_a_dash_with_its_reason() -> None:
    table = session(np.full(100, 60.0) + np.arange(100) % 3, np.full(100, np.nan))
    near = changes(table, part_at(table, 50.0), part_at(table, 52.0))
    assert shared(part_at(table, 50.0), part_at(table, 52.0)) > 0
    assert of(near, "valr_bw_s", Side.LEFT).reason == "A and B share contacts"
    few = changes(table, part_at(table, 4.0), part_at(table, 60.0))
    assert of(few, "valr_bw_s", Side.LEFT).reason == "6 of 10"
    assert of(few, "valr_bw_s", Side.RIGHT).reason == "0 of 10"
    row = change_row(of(few, "valr_bw_s", Side.RIGHT), COMMA)
    assert (row.value, row.verdict, row.beyond) == (DASH, "0 of 10", False)


def test_the_mean_picture_is_the_mean() -> None:
    device = Device.named("demo16")
    low, high = (du.shape(device, Side.LEFT, 0.0, i, heel) for i, heel in ((0, 200.0), (1, 300.0)))
    mean = picture([low, high], Side.LEFT)
    assert mean is not None
    assert mean.n == 2
    np.testing.assert_allclose(mean.peak_kpa, (low.peak_kpa + high.peak_kpa) / 2)
    np.testing.assert_allclose(mean.force, (low.force_bw + high.force_bw) / 2)
    assert picture([], Side.LEFT) is None


def test_a_foot_that_is_not_there_has_no_rows() -> None:
    table = session(np.full(100, 60.0), np.full(100, 60.0))
    left = table.rows(table.side == Side.LEFT)
    view = compare(left, [], [], 70.0, 30.0, 60.0, at_cursor=True, style=COMMA)
    assert {row.side for row in view.rows} == {Side.LEFT, None}
    assert view.b.note == "mean of 30 contacts, at the cursor"
    assert view.a is not None
    assert view.a.head == "0:30"
    early = compare(left, [], [], 70.0, 0.0, 4.0, at_cursor=False, style=COMMA)
    assert early.a is not None
    assert (early.a.note, early.b.note) == ("no running contacts until then", "mean of 6 contacts")
    assert {text for _, pair in early.b.values for text in pair.values()} == {DASH}  # fewer than ten are no value
    alone = compare(left, [], [], 70.0, None, 60.0, at_cursor=False, style=COMMA)
    assert (alone.a, alone.rows) == (None, ())
    assert alone.b.head == "1:00"

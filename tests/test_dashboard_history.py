"""Plot history, inbox, axes and frame counting. No Qt."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import dashboard_updates as du
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insole.blocks import ContactTable, Marker, Side, Update
from insole.dashboard.inbox import Inbox, merge
from insole.dashboard.model.frames import FrameMeter
from insole.dashboard.model.history import LinearBuffer, joined
from insole.dashboard.model.rate_window import axis_must_hold
from insole.dashboard.model.scales import RATES_BW_S, Ladder, spread_labels, time_ticks, time_window
from insole.device import Device


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 12))
def test_a_buffer_keeps_the_latest_rows_in_order(sizes: list[int], keep: int) -> None:
    buffer = LinearBuffer(keep, ("t_s", "value"))
    everything = np.arange(float(sum(sizes)))
    start = 0
    for size in sizes:
        rows = everything[start : start + size]
        buffer.append(t_s=rows, value=-rows)
        start += size
        kept = buffer.since(-1.0)
        assert len(kept["t_s"]) >= min(start, keep)
        np.testing.assert_array_equal(kept["t_s"], everything[start - len(kept["t_s"]) : start])
        np.testing.assert_array_equal(kept["value"], -kept["t_s"])


def test_a_buffer_gives_views_not_copies_and_refuses_other_columns() -> None:
    buffer = LinearBuffer(4, ("t_s", "value"))
    assert np.isnan(buffer.last_t_s)
    buffer.append(t_s=[1.0, 2.0, 3.0], value=[1.0, 2.0, 3.0])
    assert buffer.since(2.0)["value"].base is not None
    np.testing.assert_array_equal(buffer.since(2.0)["t_s"], [2.0, 3.0])
    assert buffer.last_t_s == 3.0
    with pytest.raises(ValueError, match="expected columns t_s, value"):
        buffer.append(t_s=[4.0], other=[1.0])


def test_lines_break_at_holes() -> None:
    t = np.array([0.0, 0.7, 1.4, 9.0, 9.7])
    value = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    np.testing.assert_array_equal(joined(t, value, 3.0), [True, False, False, True, False])


# ---- inbox -----------------------------------------------------------------------------------------------------------


def stream(n: int) -> list[Update]:
    """Updates with a contact in every second one, a marker in every third."""
    device = Device.named("demo16")
    out = []
    for i in range(n):
        update = replace(
            du.empty_update(float(i)), warnings=(f"warning {i}",), flag_spans=(du.rate_flag(from_s=float(i)),)
        )
        if i % 2 == 0:
            rows = du.contacts(i, i + 0.3)
            update = replace(
                update, contacts=rows, shapes=(du.shape(device, Side.LEFT, float(i), i),), numbers=du.key_numbers()
            )
        if i % 3 == 0:
            update = replace(update, events=(Marker(i, "note", str(i)),), bands=du.bands((Side.RIGHT,)))
        out.append(update)
    return out


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 5))
def test_overflow_loses_drawing_and_nothing_else(looks: list[bool], capacity: int) -> None:
    """Whenever the screen looks or does not, every contact, span, event and warning arrives once and in order."""
    inbox = Inbox(capacity)
    taken: list[Update] = []
    sent = stream(len(looks))
    for update, look in zip(sent, looks, strict=True):
        inbox.put(update)
        if look:
            waiting = inbox.take()
            assert len(waiting) <= capacity
            taken += waiting
    taken += inbox.take()
    assert inbox.take() == []
    assert len(taken) + inbox.merged == len(sent)
    np.testing.assert_array_equal(
        ContactTable.join([u.contacts for u in taken]).strike_s, ContactTable.join([u.contacts for u in sent]).strike_s
    )
    for name in ("events", "warnings", "flag_spans"):
        assert [x for u in taken for x in getattr(u, name)] == [x for u in sent for x in getattr(u, name)]
    last_shape = [s for u in sent for s in u.shapes][-1]
    assert [s for u in taken for s in u.shapes][-1] is last_shape
    assert taken[-1].t_s == sent[-1].t_s


def test_a_merged_update_keeps_the_newest_picture_of_each_foot() -> None:
    device = Device.named("demo16")
    old_left, old_right, new_left = (du.shape(device, s, 0.0) for s in (Side.LEFT, Side.RIGHT, Side.LEFT))
    older = replace(du.empty_update(1.0), shapes=(old_left, old_right), numbers=du.key_numbers(), gauges=du.gauges())
    newer = replace(du.empty_update(2.0), shapes=(new_left,))
    both = merge(older, newer)
    assert set(map(id, both.shapes)) == {id(new_left), id(old_right)}
    assert both.numbers == older.numbers
    assert both.gauges == older.gauges
    assert both.t_s == 2.0


# ---- axes ------------------------------------------------------------------------------------------------------------


def test_the_axis_holds_the_bulk_of_the_contacts() -> None:
    """A forefoot runner's loading rates lie where the usual axis begins."""
    device = Device.named("demo16")
    scene = du.scene_for(device)
    table = du.contacts(0.0, 60.0)
    low = {name: column - 35.0 for name, column in table.columns.items()}
    scene.absorb(replace(du.empty_update(60.0), contacts=replace(table, columns=low)))
    ladder = Ladder(RATES_BW_S)
    assert ladder.fit(axis_must_hold(scene, 0.0))
    assert ladder.range.low == 0
    outlier = table.columns["valr_bw_s"].copy()
    outlier[7] = 140.0
    scene = du.scene_for(device)
    scene.absorb(
        replace(du.empty_update(60.0), contacts=replace(table, columns={**table.columns, "valr_bw_s": outlier}))
    )
    assert not Ladder(RATES_BW_S).fit(axis_must_hold(scene, 0.0))


def test_an_axis_grows_by_whole_steps_and_never_shrinks() -> None:
    ladder = Ladder(RATES_BW_S)
    assert not ladder.fit(np.array([40.0, np.nan, 100.0]))
    assert ladder.fit(np.array([140.0]))
    assert (ladder.range.low, ladder.range.high) == (0, 160)
    assert ladder.range.ticks() == [0, 40, 80, 120, 160]
    assert not ladder.fit(np.array([60.0]))
    assert ladder.range.high == 160


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_do_not_overlap(wanted: list[float]) -> None:
    places = spread_labels(wanted, 14.0, 0.0, 100.0)
    ordered = sorted(places)
    assert all(b - a >= 14.0 - 1e-6 for a, b in pairwise(ordered))
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    assert [places[i] for i in order] == sorted(places)


def test_labels_with_room_stand_where_they_belong() -> None:
    assert spread_labels([80.0, 20.0], 14.0, 0.0, 100.0) == [80.0, 20.0]


def test_the_window_moves_by_whole_pixels() -> None:
    assert time_window(12.0, 0.14) == (0.0, 60.0)
    start, end = time_window(1122.03, 0.125)
    assert end - start == 60.0
    assert end == 1122.0
    assert time_ticks(start, end) == [1065.0, 1080.0, 1095.0, 1110.0]


# ---- frames ----------------------------------------------------------------------------------------------------------


def test_falling_behind_is_counted_and_said() -> None:
    meter = FrameMeter(50.0)
    t = 0.0
    for _ in range(150):
        t += 0.02
        meter.frame(t, 0)
    assert meter.fps == pytest.approx(50, abs=1)
    assert not meter.slowed(t)
    assert meter.dropped == 0
    for _ in range(20):
        t += 0.1
        meter.frame(t, 0)
    assert meter.slowed(t)
    assert meter.dropped == 20 * 4
    for _ in range(200):
        t += 0.02
        meter.frame(t, 0)
    assert not meter.slowed(t)
    meter.frame(t + 0.02, 3)
    assert meter.slowed(t + 0.03)


def test_paint_times() -> None:
    meter = FrameMeter(60.0)
    assert np.isnan(meter.paint_ms(99))
    for value in range(101):
        meter.painted(float(value))
    assert meter.paint_ms(50) == 50.0
    assert meter.paint_ms(99) == 99.0

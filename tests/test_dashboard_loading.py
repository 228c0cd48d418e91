"""What the loading view draws of a session: axes, lines, flag spans, tables, markers. Without Qt."""

from __future__ import annotations

from dataclasses import replace

import dashboard_updates as du
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insole.blocks import FlagState, Marker
from insole.dashboard.model.session_window import flag_stretches, session_end_s, session_ticks_s, trend
from insole.dashboard.model.tables import definition_rows, definitions_note, load_note, load_rows
from insole.dashboard.model.words import NumberStyle
from insole.device import Device
from insole.history.markers import Markers

STYLE = NumberStyle()
DEMO = Device.named("demo16")


@given(t_s=st.floats(0, 300_000))
def test_the_axis_holds_the_moment_and_has_few_ticks(t_s: float) -> None:
    end = session_end_s(t_s)
    assert end >= t_s
    assert end <= max(300.0, 2.5 * t_s)
    ticks = session_ticks_s(end)
    assert ticks[0] == 0
    assert ticks[-1] <= end
    assert 3 <= len(ticks) <= 12


def test_a_long_session_is_drawn_with_one_point_a_pixel() -> None:
    t = np.arange(0, 7200, 0.7)
    value = 70 + np.sin(t / 300)
    found = trend(t, value, value - 5, value + 5, pixel_s=7200 / 900, longest_gap_s=3.0)
    assert 890 <= len(found.t_s) <= 901
    assert found.join[:-1].all()
    assert not found.join[-1]
    assert np.isin(found.value, value).all()  # values as they are, nothing averaged


def test_a_line_breaks_where_data_are_missing_even_inside_a_pixel() -> None:
    t = np.concatenate([np.arange(0, 100, 0.5), np.arange(106, 200, 0.5)])
    value = np.where((t > 50) & (t < 52), np.nan, 70.0)
    for pixel_s in (0.1, 1.0, 9.0):
        found = trend(t, value, value, value, pixel_s, longest_gap_s=3.0)
        across = (found.t_s[:-1] < 103) & (found.t_s[1:] > 103)
        assert not found.join[:-1][across].any()
        assert found.join.sum() >= len(found.t_s) - 2
    assert len(trend(np.empty(0), np.empty(0), np.empty(0), np.empty(0), 1.0, 3.0).t_s) == 0


def test_flag_spans_lie_on_the_axis_watch_below_on() -> None:
    scene = du.scene_for(DEMO)
    over = replace(du.rate_flag(FlagState.ON, from_s=100.0), to_s=200.0)
    scene.absorb(replace(du.running(DEMO, flags=(du.rate_flag(),)), flag_spans=(over,)))
    found = flag_stretches(scene, "valr_bw_s")
    assert [(s.from_s, s.to_s, s.state) for s in found] == [
        (992.0, 1122.0, FlagState.WATCH),
        (100.0, 200.0, FlagState.ON),
    ]
    assert flag_stretches(scene, "contact_time_ms") == ()


def test_other_definitions_and_load_as_texts() -> None:
    scene = du.scene_for(DEMO)
    scene.absorb(du.running(DEMO))
    rows = {row.name: row for row in definition_rows(scene, STYLE)}
    assert rows["VALR to POI (shown)"].left == "73.4"
    assert rows["VILR, steepest point"].right == "67.1"
    assert rows["VALR to impact peak"].left == "—"
    assert definitions_note(scene) == "— no impact transient"
    load = {row.name: (row.left, row.right) for row in load_rows(scene, STYLE)}
    assert load["Contacts"] == ("812", "811")
    assert load["Peaks, 4th power, %"] == ("51", "49")
    assert load_note(scene) == "2 contacts without a value left out"
    lost = replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0)))
    scene.absorb(lost)
    assert {row.right for row in definition_rows(scene, STYLE)} == {"—"}  # no number outlives its link


def test_an_undo_takes_back_the_last_marker_and_no_number_is_given_twice() -> None:
    markers = Markers()
    for i, kind in enumerate(("note", "pain", "calibration", "undo", "condition_start")):
        markers.follow(float(i), Marker(i, kind, "x" if kind != "undo" else ""))
    assert [(m.number, m.text) for m in markers.standing] == [(1, "x"), (3, "Condition starts: x")]
    for _ in range(3):
        markers.follow(9.0, Marker(9, "undo"))
    assert not markers.standing

"""The views on a real window: what they say, that panels do not overlap, states, keys."""

from __future__ import annotations

from dataclasses import replace

import dashboard_updates as du
import numpy as np
import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from dashboard_windows import Make, click_on, colours, key, window_maker
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from insole.blocks import Health, PressureBlock, Side
from insole.dashboard.memory import Memory
from insole.dashboard.model.foot_shown import FootMode, Kept
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.theme import DARK
from insole.dashboard.panels.session_panel import SessionPanel
from insole.dashboard.views.asymmetry import Asymmetry
from insole.dashboard.views.foot_map import FootMap
from insole.dashboard.views.loading import Loading
from insole.dashboard.views.metrics import Metrics
from insole.dashboard.window import Window
from insole.device import Device, force_device
from insole.pipeline import METRICS
from insole.settings import FlagSettings, Runner

STYLE = NumberStyle()
DEMO = Device.named("demo16")


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    return window_maker(qtbot)


ALL = ("overview", "loading", "asymmetry", "foot_map", "metrics")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (3840, 2160)])
def test_panels_fill_the_window_without_overlap(make: Make, name: str, size: tuple[int, int]) -> None:
    w = make(du.running(DEMO), size=size)
    w.choose_view(name)
    view = w.deck.current
    boxes = [panel.geometry() for panel in view.panels.values() if not panel.isHidden()]
    assert len(boxes) >= 2
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(view.rect().contains(box) for box in boxes)


@pytest.mark.parametrize("name", ALL)
def test_every_view_stands_every_session(make: Make, name: str) -> None:
    """Nothing yet, one foot, a belt without cells, newtons, 99 cells, a lost foot, flags off: each can be drawn."""
    one = Scene({Side.LEFT: DEMO}, du.SETTINGS, du.RUNNER, 0)
    belt = Scene({Side.BELT: force_device("plate", 300.0, 1.0)}, du.SETTINGS, Runner(), 0)
    fine = Device.named("demo99")
    off = du.scene_for(DEMO, flags=FlagSettings(enabled=False))
    lost = replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0)))
    only_left = replace(du.running(DEMO), health=Health(feet={Side.LEFT: du.foot_health()}))
    windows = (
        make(),
        make(only_left, scene=one),
        make(scene=belt),
        make(replace(du.running(DEMO), bands=du.bands(unit="N"))),
        make(du.running(fine), scene=du.scene_for(fine), theme="light"),
        make(du.running(DEMO), lost),
        make(du.running(DEMO, flags=(du.rate_flag(),)), scene=off),
    )
    for w in windows:
        w.choose_view(name)
        assert w.deck.name == name
        assert len(colours(w.grab().toImage())) > 20


def test_the_open_view_is_remembered(make: Make) -> None:
    memory = Memory()
    w = make(memory=memory)
    key(w, Qt.Key.Key_3)
    assert make(memory=memory).deck.name == "asymmetry"
    assert make().deck.name == "overview"
    memory.write("view", "one that is no more")
    assert make(memory=memory).deck.name == "overview"


# ---- 2, loading ------------------------------------------------------------------------------------------------------


def loading(window: Window) -> Loading:
    view = window.deck.current
    assert isinstance(view, Loading)
    return view


@pytest.fixture
def opened(make: Make) -> Window:
    w = make(du.running(DEMO, flags=(du.rate_flag(),)))
    key(w, Qt.Key.Key_2)
    return w


def test_the_second_view_says_what_it_shows(opened: Window) -> None:
    view = loading(opened)
    assert opened.header.tabs["loading"].isChecked()
    assert view.rise.accessibleDescription().startswith("73.4 BW/s rise 11.2 ms 2.2 samples")
    assert view.histogram.accessibleDescription() == "under target: L 2 %, R 27 %"
    assert view.session.accessibleDescription() == "On 70, Watch 66, Target 58"
    assert "Contacts: left 812, right 811" in view.load.accessibleDescription()
    key(opened, Qt.Key.Key_1)
    assert view.isHidden()
    assert not opened.deck.current.isHidden()


def painted_pixels(panel: SessionPanel) -> np.ndarray:
    """Where a dot is."""
    pixels = np.frombuffer(panel._dots._image.constBits(), np.uint32)
    return pixels >> 24 > 0


def test_dots_are_painted_once_and_the_same_picture_comes_of_all_at_once(opened: Window, make: Make) -> None:
    panel = loading(opened).session
    one_by_one = make()
    key(one_by_one, Qt.Key.Key_2)
    table = du.contacts(1047, 1122)
    for i in range(0, len(table), 20):
        one_by_one.scene.absorb(
            replace(du.empty_update(1122.0), contacts=table.rows(slice(i, i + 20)), health=du.health())
        )
        loading(one_by_one).session.show_scene(one_by_one.scene, STYLE)
    other = loading(one_by_one).session
    assert panel.beyond == other.beyond
    painted, as_they_came = (painted_pixels(p) for p in (panel, other))
    assert painted.sum() > 1000
    np.testing.assert_array_equal(painted, as_they_came)


def test_dots_go_along_with_another_size(opened: Window, make: Make) -> None:
    key(opened, Qt.Key.Key_1)
    opened.resize(1920, 1080)  # a plot that is hidden takes it later
    key(opened, Qt.Key.Key_2)
    QApplication.processEvents()
    opened.draw_numbers()
    panel = loading(opened).session
    assert panel._dots.box == panel.plot.data_box()
    larger = make(du.running(DEMO, flags=(du.rate_flag(),)), size=(1920, 1080))
    key(larger, Qt.Key.Key_2)
    QApplication.processEvents()
    larger.draw_numbers()
    np.testing.assert_array_equal(painted_pixels(panel), painted_pixels(loading(larger).session))


def test_rows_without_room_are_scrolled_to(opened: Window) -> None:
    table = loading(opened).definitions
    assert table.fitting() == len(table.rows)
    assert table.focusPolicy() is Qt.FocusPolicy.NoFocus
    table.resize(table.width(), 160)
    more = len(table.rows) - table.fitting()
    assert more > 1
    assert table.focusPolicy() is Qt.FocusPolicy.TabFocus
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.first == 1
    for _ in table.rows:
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.first == more
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert table.first == more - 1
    table.resize(table.width(), 400)
    assert table.first == 0


def test_few_contacts_below_the_axis_move_it(make: Make) -> None:
    table = du.contacts(1118, 1122)
    low = {**table.columns, "valr_bw_s": table.columns["valr_bw_s"] * 0.3}
    w = make(replace(du.empty_update(1122.0), contacts=replace(table, columns=low), health=du.health()))
    w.choose_view("loading")
    assert loading(w).session.beyond == 0


def test_a_lost_foot_has_neither_rise_nor_counts(opened: Window) -> None:
    lost = replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0)))
    opened.scene.absorb(lost)
    opened.draw_numbers()
    view = loading(opened)
    assert set(view.rise.rises) == {Side.LEFT}
    assert set(view.histogram.recent) == {Side.LEFT}
    assert DARK.right not in colours(view.rise.grab().toImage())


# ---- 3, asymmetry ----------------------------------------------------------------------------------------------------


@pytest.fixture
def compared(make: Make) -> Window:
    w = make(du.running(DEMO))
    w.choose_view("asymmetry")
    return w


def asymmetry(window: Window) -> Asymmetry:
    view = window.deck.current
    assert isinstance(view, Asymmetry)
    return view


def test_rows_say_value_difference_and_verdict(compared: Window) -> None:
    spoken = asymmetry(compared).rows.accessibleDescription()
    assert "Loading rate: left +16.8 ± 6.1 % beyond step noise, below note line" in spoken
    assert "Flight time: left +5.0 ± 3.4 % no note line: shown only" in spoken
    assert "Vertical stiffness: — not measured" in spoken
    assert "COP excursion: — withheld: no own baseline" in spoken


def test_arrows_and_clicks_choose_the_row_over_the_session(compared: Window) -> None:
    view = asymmetry(compared)
    view.rows.setFocus()
    key(compared, Qt.Key.Key_Down)
    assert view.session.accessibleName() == "Peak force, over the session"
    assert ("Natural difference in healthy runners", "about 10 %") in view.reading.facts
    box, step = view.rows._rows_box()
    place = QPoint(round(box.center().x()), round(box.top() + 3.5 * step))
    QTest.mouseClick(view.rows, Qt.MouseButton.LeftButton, pos=place)
    assert view.session.chosen_metric == "contact_time_ms"
    below = QPoint(round(box.center().x()), round(box.bottom() - step / 2))
    QTest.mouseClick(view.rows, Qt.MouseButton.LeftButton, pos=below)  # nothing to draw of the excursion
    assert view.session.chosen_metric == "contact_time_ms"


def test_without_the_other_foot_nothing_is_compared(compared: Window) -> None:
    lost = replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0)))
    compared.scene.absorb(lost)
    compared.draw_numbers()
    rows = asymmetry(compared).rows.rows
    assert all(row.gauge.reason == "needs both feet" for row in rows if row.comparable)
    assert rows[0].left.value == "73.4"  # the left foot is still measured
    assert not rows[0].right.shown


# ---- 4, foot map -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mapped(make: Make) -> Window:
    w = make(du.running(DEMO))
    w.choose_view("foot_map")
    return w


def foot_map(window: Window) -> FootMap:
    view = window.deck.current
    assert isinstance(view, FootMap)
    return view


def test_values_by_region_timing_and_strike(mapped: Window) -> None:
    view = foot_map(mapped)
    assert "Heel: 200 ± 18 kPa 14.8 kPa·s, 26 %" in view.map.accessibleDescription()
    assert "Heel: left 0 to 49, right 0 to 49" in view.timing.accessibleDescription()
    assert view.strike.accessibleDescription().startswith("Rearfoot: left 94, right 97")


def test_keys_of_the_map(mapped: Window) -> None:
    panel = foot_map(mapped).map
    assert panel.kept is Kept.MEAN
    mean = panel.grab().toImage()
    key(mapped, Qt.Key.Key_H)
    assert (panel.kept, panel.kinds.name) == (Kept.HOLD, "HOLD")
    assert panel.grab().toImage() != mean
    key(mapped, Qt.Key.Key_H)
    assert panel.kept is Kept.LAST
    for code in (Qt.Key.Key_C, Qt.Key.Key_G, Qt.Key.Key_X):
        key(mapped, code)
    assert (panel.layers.cop, panel.layers.regions, panel.layers.cells) == (False, False, True)
    key(mapped, Qt.Key.Key_K)
    assert panel.scales.name == "600"
    click_on(panel.scales, "auto")
    assert panel.feet.auto_scale
    click_on(panel.kinds, "LIVE")
    assert panel.feet.states[Side.LEFT].mode is FootMode.EMPTY  # no frame came
    kpa = np.full((1, DEMO.n_cells), 77.0)
    block = PressureBlock(Side.LEFT, np.array([1122.1]), kpa, np.array([500.0]))
    mapped.scene.absorb(replace(du.empty_update(1122.1), pressures=(block,), health=du.health()))
    mapped.draw_frame()
    assert panel.feet.states[Side.LEFT].mode is FootMode.SHOWN
    assert panel.feet.scale_kpa == 77.0


def test_a_mean_of_fewer_contacts_says_so(mapped: Window) -> None:
    few = replace(mapped.scene.pictures[Side.LEFT], n=6)
    mapped.scene.absorb(replace(du.empty_update(1122.1), pictures=(few,), health=du.health()))
    mapped.draw_frame()
    states = foot_map(mapped).map.feet.states
    assert (states[Side.LEFT].note, states[Side.RIGHT].note) == ("mean of 6", "")


def test_a_faulty_cell_has_its_sign_and_can_be_masked(mapped: Window) -> None:
    panel = foot_map(mapped).map
    assert panel.switches["mask"].isHidden()
    health = du.health(left=du.foot_health(faulty_cells=(3,)))
    mapped.scene.absorb(replace(du.empty_update(1122.1), health=health))
    mapped.draw_frame()
    mapped.draw_numbers()
    assert panel.feet.states[Side.LEFT].note == "1 faulty"
    assert not panel.switches["mask"].isHidden()
    assert DARK.cross in colours(panel.grab().toImage())
    before = panel.grab().toImage()
    key(mapped, Qt.Key.Key_I)
    assert panel.feet.masked
    assert panel.grab().toImage() != before


# ---- 7, every metric -------------------------------------------------------------------------------------------------


def test_every_metric_of_the_last_contact(make: Make) -> None:
    w = make(du.running(DEMO))
    w.choose_view("metrics")
    view = w.deck.current
    assert isinstance(view, Metrics)
    rows = {row.name: row for row in (*view.first.rows, *view.second.rows)}
    assert len(rows) == len(METRICS)
    last = {side: w.scene.rates[side].since(-np.inf)["value"][-1] for side in FEET}
    rate = rows["Loading rate, BW/s"]
    assert (rate.left, rate.right) == tuple(STYLE.number(last[side], 1) for side in FEET)
    assert rows["Step time, ms"].left == DASH  # not in these contacts
    w.scene.absorb(replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0))))
    w.draw_numbers()
    assert {row.right for row in (*view.first.rows, *view.second.rows)} == {DASH}  # no number outlives its link

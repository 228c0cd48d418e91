"""The real window without a display: keys, states, sizes, and that everything ends in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import dashboard_updates as du
import numpy as np
import pytest
import recorded

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from dashboard_windows import Make, colours, key, picture, taken, window_maker
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_dashboard_engine import Scripted

from insole.blocks import FlagState, Health, Marker, SettingChange, Side
from insole.dashboard.app import run_dashboard
from insole.dashboard.model.foot_shown import FootMode
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import DARK, LIGHT, Look, unit_for
from insole.dashboard.showing import Showing
from insole.dashboard.views.overview import Overview
from insole.dashboard.window import Window
from insole.device import Device, force_device
from insole.errors import InsoleError, LinkError
from insole.sources.replay import ReplaySource
from insole.sources.steered import Pace, Stop

OFFSCREEN = Showing(offscreen=True)


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    return window_maker(qtbot)


def overview(window: Window) -> Overview:
    view = window.deck.view("overview")
    assert isinstance(view, Overview)
    return view


def running16(**more: object) -> object:
    return replace(du.running(Device.named("demo16"), **more))  # type: ignore[arg-type]


# ---- what is shown ---------------------------------------------------------------------------------------------------


def test_everything_says_what_it_shows(make: Make) -> None:
    w = make(running16(flags=(du.rate_flag(),)))
    assert overview(w).rate_tile.accessibleDescription() == "Loading rate, BW/s: L 73.4 ± 6.1; R 62.0 ± 5.2"
    assert overview(w).cadence_tile.accessibleDescription() == "Cadence, steps/min: 172 ± 1 own baseline 170"
    assert "Loading rate: left +16.8 ± 6.1 %" in overview(w).differences.accessibleDescription()
    assert "Heel: left 26 %, right 22 %" in overview(w).regions.accessibleDescription()
    assert w.strip.accessibleDescription().startswith("Watch: Left loading rate 73.4 BW/s")
    assert w.header.accessibleDescription() == "R-014, 62.5 kg · Shoe “Trail A, 214 km”, REC 18:42"
    assert w.footer.accessibleDescription().startswith("L 200 Hz loss 0.1 % battery 81 %; R 200 Hz loss 0.3 %")


def test_regions_are_left_out_until_their_numbers_come(make: Make) -> None:
    w = make(replace(running16(), numbers=tuple(n for n in du.key_numbers() if "fti" not in n.metric)))  # type: ignore[type-var]
    assert overview(w).regions.isHidden()
    tall = overview(w).differences.height()
    w.scene.absorb(running16())  # type: ignore[arg-type]
    w.draw_numbers()
    assert not overview(w).regions.isHidden()
    assert overview(w).differences.height() < tall / 1.8


def test_numbers_are_renewed_twice_a_second_at_most(make: Make) -> None:
    w = make(running16())
    shown = overview(w).rate_tile.readings
    w.inbox.put(
        replace(
            du.empty_update(1122.1), health=du.health(), numbers=(du.number("valr_bw_s", Side.LEFT, 80, 6, "BW/s"),)
        )
    )
    for _ in range(20):
        w.draw_frame()
    assert overview(w).rate_tile.readings is shown  # not due yet
    w._numbers_due_s = 0.0
    for _ in range(20):  # a few parts a frame
        w.draw_frame()
    assert overview(w).rate_tile.readings[Side.LEFT].value == "80.0"


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1920, 1080), (3840, 2160)])
def test_the_panels_fill_the_window_without_overlap(make: Make, size: tuple[int, int]) -> None:
    w = make(running16(flags=(du.rate_flag(),)), size=size)
    assert (w.width(), w.height()) == size
    boxes = [p.geometry() for p in overview(w).panels.values() if not p.isHidden()]
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(overview(w).rect().contains(box) for box in boxes)
    frame = [part.geometry() for part in (w.header, w.strip, w.deck, w.footer)]
    assert all(not a.intersects(b) for i, a in enumerate(frame) for b in frame[:i])
    for panel in (overview(w).force, overview(w).rates):
        assert panel.rect().contains(panel.plot.geometry())
        assert panel.plot.height() > 0.4 * panel.height()


def test_a_plot_makes_room_for_its_labels_at_once(make: Make) -> None:
    w = make(running16())
    plot = overview(w).force.plot
    low, high = plot.y_range
    plot.set_y(low, high, [(low, "−10 000 000"), (high, "+10 000 000")])
    assert plot.data_box().left() > 60


def test_sizes_of_type() -> None:
    assert unit_for(1440, 900) == 1
    assert unit_for(3840, 2160) == 2
    assert unit_for(1920, 1080) == pytest.approx(1.2)
    for look in (Look(DARK, 0.8), Look(DARK, 1.0), Look(DARK, 2.0)):
        names = ("key", "clock", "strip_head", "strip", "title", "body", "axis", "hint", "badge")
        assert all(look.font(name).pixelSize() >= 11 for name in names)
    assert Look(DARK, 0.8).font("key").pixelSize() == 34
    assert Look(DARK, 2.0).font("key").pixelSize() == 92


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_contrast(palette: object) -> None:
    """4.5 : 1 for text on its ground, 3 : 1 for lines on the panel."""

    def luminance(tint: str) -> float:
        parts = np.array(QColor(palette.color(tint)).getRgbF()[:3])  # type: ignore[attr-defined]
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for text in ("text1", "text2", "text3", "watch_text", "on_text"):
        assert contrast(text, "panel") >= 4.5, text
    assert contrast("watch_text", "watch_ground") >= 4.5
    assert contrast("on_text", "on_ground") >= 4.5
    assert contrast("bed_text", "bed") >= 4.5
    for line in ("left", "right", "watch", "on"):
        assert contrast(line, "panel") >= 3, line


def test_the_left_foot_stands_on_the_left_and_no_colour_leaves_the_outline(make: Make) -> None:
    w = make(running16())
    feet = overview(w).feet
    places = feet.placements()
    assert places[Side.LEFT].left + places[Side.LEFT].width < places[Side.RIGHT].left
    image = feet.grab().toImage()
    panel = DARK.panel
    left, right = places[Side.LEFT], places[Side.RIGHT]
    arch = round(left.top + 0.55 * left.height)
    between = range(round(left.left + left.width * 0.9), round(right.left + right.width * 0.1))
    assert {image.pixel(x, arch) & 0xFFFFFF for x in between} == {panel}


def test_a_lost_foot_has_neither_picture_nor_number_nor_curve(make: Make) -> None:
    w = make(running16(), replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0))))
    assert overview(w).feet.feet.states[Side.RIGHT].mode is FootMode.LOST
    assert overview(w).feet.feet.states[Side.RIGHT].lines == ("No link", "last contact", "0:14 ago")
    assert overview(w).feet.feet.states[Side.LEFT].mode is FootMode.STALE
    assert w.strip.verdict.level == Level.FAULT
    right = QColor(DARK.color("right")).rgb() & 0xFFFFFF
    assert right not in colours(overview(w).force.grab().toImage())
    assert right not in colours(overview(w).feet.grab().toImage())
    left = QColor(DARK.color("left")).rgb() & 0xFFFFFF
    assert left in colours(overview(w).force.grab().toImage())


def test_one_foot_a_belt_and_nothing_at_all(make: Make) -> None:
    device = Device.named("demo16")
    one = make(replace(running16(), health=Health(feet={Side.LEFT: du.foot_health()})),
               scene=Scene({Side.LEFT: device}, du.SETTINGS, du.RUNNER, 0))  # fmt: skip
    assert overview(one).feet.feet.states[Side.RIGHT].mode is FootMode.ABSENT
    belt = make(scene=Scene({Side.BELT: force_device("plate", 300.0, 1.0)}, du.SETTINGS, du.RUNNER, 0))
    assert overview(belt).feet.feet.states[Side.LEFT].mode is FootMode.NO_MAP
    nothing = make()
    assert overview(nothing).feet.feet.states[Side.LEFT].mode is FootMode.EMPTY
    for window in (one, belt, nothing):
        assert not picture(window).isNull()


def test_without_body_mass_the_force_axis_is_in_newtons(make: Make) -> None:
    numbers = tuple(du.number("peak_force_n", s, v, 128, "N") for s, v in ((Side.LEFT, 1606.0), (Side.RIGHT, 1581.0)))
    w = make(replace(running16(), bands=du.bands(unit="N"), numbers=numbers))  # type: ignore[type-var]
    assert overview(w).force.unit == "N"
    assert overview(w).force.peaks[Side.LEFT].value == "1\N{NARROW NO-BREAK SPACE}606"


def test_contacts_beyond_the_axis_are_counted_not_hidden(make: Make) -> None:
    table = du.contacts(1110, 1122)
    values = table.columns["valr_bw_s"].copy()
    values[:2] = (131.0, 140.0)
    w = make(replace(running16(), contacts=replace(table, columns={**table.columns, "valr_bw_s": values})))  # type: ignore[type-var]
    assert overview(w).rates.beyond == 2


def test_saturated_cells_are_counted_under_the_foot(make: Make) -> None:
    device = Device.named("demo16")
    shape = du.shape(device, Side.LEFT, 1121.9)
    shape = replace(shape, saturated=np.arange(16) < 3)
    w = make(running16(), replace(du.empty_update(1122.0), shapes=(shape,), health=du.health()))
    assert overview(w).feet.feet.states[Side.LEFT].note == "3 saturated"
    assert overview(w).feet.feet.items[Side.LEFT].saturated == 3


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_a_marker_is_of_the_moment_when_m_was_pressed(make: Make) -> None:
    w = make(running16())
    key(w, Qt.Key.Key_M)
    assert not w.marker_sheet.isHidden()
    w.scene.absorb(replace(du.empty_update(1130.0), health=du.health()))
    QTest.keyClicks(w.marker_sheet.field, "11 km/h, psf")  # letters are text here, not commands
    QTest.keyClick(w.marker_sheet.field, Qt.Key.Key_Return)
    assert taken(w) == [Marker(du.START_NS + 1_122_000_000_000, "note", "11 km/h, psf")]
    assert w.marker_sheet.isHidden()
    assert w.footer.notice == "Marker 1 at 18:42"
    key(w, Qt.Key.Key_M)
    QTest.keyClick(w.marker_sheet.field, Qt.Key.Key_Escape)
    assert w.marker_sheet.isHidden()
    assert len(taken(w)) == 1


def test_stop_asks_once_and_esc_takes_it_back(make: Make) -> None:
    w = make(running16())
    key(w, Qt.Key.Key_S)
    assert w.header.stop_button.text() == "Stop? Press again"
    key(w, Qt.Key.Key_Escape)
    assert w.header.stop_button.text() == "Stop"
    key(w, Qt.Key.Key_S)
    assert taken(w) == []
    QTest.mouseClick(w.header.stop_button, Qt.MouseButton.LeftButton)
    assert taken(w) == [Stop()]


def test_pause_and_speed(make: Make) -> None:
    w = make(running16(), playing=Playing(live=False, recording=False, speed=1.0))
    assert w.header.playing.badge() == "REPLAY"
    key(w, Qt.Key.Key_Space)
    assert w.header.playing.badge() == "PAUSED"
    assert w.header.pause_button.text() == "Resume"
    key(w, Qt.Key.Key_BracketRight)
    assert w.header.speed == "2×"
    key(w, Qt.Key.Key_P)
    for _ in range(9):
        key(w, Qt.Key.Key_BracketLeft)
    assert w.header.speed == "0.1×"
    assert taken(w)[:3] == [Pace(paused=True, speed=1.0), Pace(paused=True, speed=2.0), Pace(paused=False, speed=2.0)]


def test_live_insoles_are_not_paused(make: Make) -> None:
    w = make(running16())
    assert w.header.pause_button.isHidden()
    key(w, Qt.Key.Key_P)
    key(w, Qt.Key.Key_BracketRight)
    assert taken(w) == []
    assert "neither paused" in w.footer.notice


def test_flags_off_is_an_input_of_the_session(make: Make) -> None:
    w = make(running16(flags=(du.rate_flag(),)))
    key(w, Qt.Key.Key_N)
    change = SettingChange(du.START_NS + 1_122_000_000_000, "flags.enabled", value=False)
    assert taken(w) == [change]
    assert w.strip.verdict.head == "Watch"  # until the stream says so
    w.scene.absorb(replace(du.empty_update(1122.0), events=(change,), health=du.health(), flags=(du.rate_flag(),)))
    w.draw_numbers()
    assert w.strip.verdict.head == "Flags off"


def test_the_why_drawer(make: Make) -> None:
    w = make(running16())
    key(w, Qt.Key.Key_F)
    assert w.drawer.isHidden()
    assert w.footer.notice == "No flag is up"
    w.scene.flags = (du.rate_flag(FlagState.ON),)
    w.draw_numbers()
    QTest.mouseClick(w.strip.why, Qt.MouseButton.LeftButton)
    assert not w.drawer.isHidden()
    assert "Against:" in w.drawer.accessibleDescription()
    assert not picture(w).isNull()
    QTest.mouseClick(w.drawer.hide_button, Qt.MouseButton.LeftButton)
    assert w.drawer.isHidden()
    assert w.strip.verdict.pills == ("1 hidden flag",)


def test_scale_layers_theme_help(make: Make) -> None:
    w = make(running16())
    feet = overview(w).feet
    highest = int(np.ceil(du.peak_picture(Device.named("demo16"), 312.0).max()))
    names = []
    for _ in range(5):
        key(w, Qt.Key.Key_K)
        names.append(feet.feet.scale_name(NumberStyle()))
    assert names == ["0 to 600 kPa", f"Auto, 0 to {highest} kPa", "0 to 200 kPa", "0 to 300 kPa", "0 to 400 kPa"]
    key(w, Qt.Key.Key_C)
    key(w, Qt.Key.Key_X)
    assert (feet.layers.cop, feet.layers.cells) == (False, True)
    key(w, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert w.look.palette is LIGHT
    assert picture(w).pixel(3, 200) & 0xFFFFFF == LIGHT.bg
    key(w, Qt.Key.Key_F1)
    assert not w.overlays.help.isHidden()
    key(w, Qt.Key.Key_Escape)
    assert w.overlays.help.isHidden()
    assert taken(w) == []


def test_a_picture_of_the_window(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    w = make(running16())
    monkeypatch.setattr(
        "insole.dashboard.picture.QStandardPaths.writableLocation", lambda _place: str(tmp_path / "pictures")
    )
    key(w, Qt.Key.Key_F12)
    [saved] = (tmp_path / "pictures").iterdir()
    assert QImage(str(saved)).size() == w.size()
    assert w.footer.notice == f"Saved {saved}"
    if os.name == "posix":
        assert saved.stat().st_mode & 0o777 == 0o600


def test_a_picture_that_cannot_be_written_is_said(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    w = make(running16())
    (tmp_path / "taken").touch()
    monkeypatch.setattr("insole.dashboard.picture.QStandardPaths.writableLocation", lambda _place: f"{tmp_path}/taken")
    key(w, Qt.Key.Key_F12)
    assert w.footer.notice.startswith("Could not write")


def test_tab_goes_through_the_header_and_the_strip(make: Make) -> None:
    w = make(running16(flags=(du.rate_flag(),)), playing=Playing(live=False, recording=False, speed=1.0))
    w.activateWindow()
    order = []
    tabs = list(w.header.tabs.values())
    for _ in range(len(tabs) + 5):
        w.focusNextChild()
        order.append(w.focusWidget())
    header = w.header
    buttons = [header.marker_button, header.pause_button, header.stop_button, header.menu_button]
    assert order == [*tabs, *buttons, w.strip.why]


def test_a_full_queue_is_said(make: Make) -> None:
    w = make(running16())
    w.session.full = True  # type: ignore[attr-defined]
    key(w, Qt.Key.Key_N)
    assert "not taken" in w.footer.notice


def test_after_the_end_the_values_stay_and_s_closes(make: Make, qtbot: QtBot) -> None:
    w = make(running16())
    w.session.running = False  # type: ignore[misc]
    with qtbot.waitSignal(w.session_ended):
        w.draw_frame()
    assert w.header.playing.badge() == "ENDED"
    assert overview(w).rate_tile.readings[Side.LEFT].value == "73.4"
    key(w, Qt.Key.Key_M)
    assert w.marker_sheet.isHidden()
    key(w, Qt.Key.Key_S)
    assert not w.isVisible()


def test_what_failed_is_on_the_strip(make: Make) -> None:
    w = make(running16())
    w.session.running, w.session.error = False, LinkError("ble:x", "out of range")  # type: ignore[misc]
    w.draw_frame()
    assert w.strip.verdict.level == Level.FAULT
    assert "out of range" in w.strip.verdict.text


# ---- whole sessions --------------------------------------------------------------------------------------------------


def engine_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "insole-engine"]


def test_a_session_from_start_to_picture(qapp: object, tmp_path: Path) -> None:
    target = tmp_path / "screen.png"
    showing = Showing(offscreen=True, screenshot=target, size=(1280, 720), theme="light")
    run_dashboard(Scripted(1.0), showing)
    image = QImage(str(target))
    assert (image.width(), image.height()) == (1280, 720)
    if os.name == "posix":
        assert target.stat().st_mode & 0o777 == 0o600
    assert image.pixel(3, 300) & 0xFFFFFF == LIGHT.bg
    assert engine_threads() == []


@pytest.mark.parametrize("endless", [True, False])
def test_an_empty_source_and_one_that_is_closed_while_it_runs(qapp: object, tmp_path: Path, endless: bool) -> None:
    source = Scripted(0.0 if not endless else 0.4, endless=endless)
    target = tmp_path / "screen.png"
    run_dashboard(source, Showing(offscreen=True, seconds=0.3, screenshot=target))
    assert target.stat().st_size > 10_000
    assert source.left
    assert engine_threads() == []


def test_a_replay_at_full_speed_ends_the_offscreen_window(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    path.write_bytes(recorded.recorded_bytes(1.0))
    run_dashboard(ReplaySource(path, speed=float("inf")), OFFSCREEN)


def test_what_ended_the_session_is_raised_when_the_window_closes(qapp: object) -> None:
    with pytest.raises(LinkError, match="cable pulled"):
        run_dashboard(Scripted(0.2, error=LinkError("test:", "cable pulled")), OFFSCREEN)
    assert engine_threads() == []


def test_a_picture_that_cannot_be_written_is_an_error(qapp: object, tmp_path: Path) -> None:
    for name, why in (("nowhere/screen.png", "there is no folder"), ("screen.docx", "name it .png")):
        with pytest.raises(InsoleError, match=why):
            run_dashboard(Scripted(0.1), Showing(offscreen=True, screenshot=tmp_path / name))
        assert list(tmp_path.iterdir()) == []


def test_interrupting_closes_in_order(qapp: object) -> None:
    source = Scripted(0.2, endless=True)
    killer = threading.Thread(target=lambda: source.drained.wait(20) and signal.raise_signal(signal.SIGINT))
    before, turns = signal.getsignal(signal.SIGINT), sys.getswitchinterval()
    killer.start()
    run_dashboard(source, OFFSCREEN)
    killer.join(20)
    assert source.left
    assert signal.getsignal(signal.SIGINT) is before
    assert sys.getswitchinterval() == turns


def test_a_whole_process_leaves_without_a_word(tmp_path: Path) -> None:
    """No warning, no message of Qt or pyqtgraph, not even while the interpreter shuts down."""
    path = tmp_path / "session.mcap"
    path.write_bytes(recorded.recorded_bytes(1.0))
    code = (
        "from insole.dashboard.app import run_dashboard\n"
        "from insole.dashboard.showing import Showing\n"
        "from insole.sources.replay import ReplaySource\n"
        f"run_dashboard(ReplaySource({str(path)!r}, speed=float('inf')), Showing(offscreen=True))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_mouse_does_not_reach_the_plots(make: Make) -> None:
    w = make(running16())
    box = overview(w).force.plot.getPlotItem().getViewBox()
    before = box.viewRange()
    QTest.mouseClick(overview(w).force, Qt.MouseButton.RightButton, pos=QPoint(200, 150))
    assert box.viewRange() == before

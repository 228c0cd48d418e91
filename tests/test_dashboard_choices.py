"""What a therapist chooses on a real window: panels, large numbers, limits, kinds of markers, undo."""

from __future__ import annotations

from dataclasses import replace

import dashboard_updates as du
import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from dashboard_windows import Make, click_on, key, taken, window_maker
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from insole.blocks import Marker, SettingChange
from insole.dashboard.memory import Memory
from insole.dashboard.panel_menu import panel_menu
from insole.dashboard.window import Window
from insole.device import Device

DEMO = Device.named("demo16")
NOW_NS = du.START_NS + 1_122_000_000_000
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    return window_maker(qtbot)


@pytest.fixture
def w(make: Make) -> Window:
    return make(du.running(DEMO))


def choose(window: Window, text: str, under: str = "") -> bool:
    """Trigger an entry of a new menu, or of one of its submenus; False where it cannot be chosen."""
    menu = panel_menu(window)
    if under:
        menu = next(m for m in menu.findChildren(QMenu) if m.title() == under)
    action: QAction = next(a for a in menu.actions() if a.text().partition("\t")[0] == text)
    action.trigger()
    return action.isEnabled()


def test_panels_are_hidden_moved_remembered_and_reset(make: Make) -> None:
    memory = Memory()
    window = make(du.running(DEMO), memory=memory)
    view = window.deck.current
    before = view.panels["force"].height()
    choose(window, "Loading rate per contact")
    assert view.panels["rates"].isHidden()
    assert view.panels["force"].height() > 1.8 * before
    choose(window, "Load by region", under="Move up")
    assert view.panels["regions"].y() < view.panels["differences"].y()
    again = make(du.running(DEMO), memory=memory).deck.current
    assert again.panels["rates"].isHidden()
    assert choose(window, "Reset layout")
    assert not view.panels["rates"].isHidden()
    assert view.panels["regions"].y() > view.panels["differences"].y()
    assert not choose(window, "Reset layout")


def test_the_menu_opens_by_key_and_button(w: Window) -> None:
    for opened in (
        lambda: key(w, Qt.Key.Key_L, CONTROL),
        lambda: QTest.mouseClick(w.header.menu_button, Qt.MouseButton.LeftButton),
    ):
        opened()
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.keyClick(menu, Qt.Key.Key_Escape)
        assert QApplication.activePopupWidget() is None


def test_the_last_panel_stays(w: Window) -> None:
    view = w.deck.current
    for name in list(view.panels)[1:]:
        w.deck.arrange(view.arrangement.toggled(name))
    assert not choose(w, "Peak pressure")
    assert view.panels["feet"].width() == view.width()


def test_large_numbers_are_larger_and_remembered(make: Make) -> None:
    memory = Memory()
    window = make(du.running(DEMO), memory=memory)
    choose(window, "Large numbers")
    assert window.look.font("key").pixelSize() == round(46 * 1.4)
    window.resize(1920, 1080)
    assert window.look.large
    assert make(memory=memory).look.large
    assert not make().look.large


def test_limits_change_by_keys_and_are_inputs_of_the_session(w: Window) -> None:
    key(w, Qt.Key.Key_F, CONTROL)
    sheet = w.overlays.limits
    assert not sheet.isHidden()
    assert sheet.accessibleDescription().startswith("Loading rate, watch: 66 BW/s; Loading rate, on: 70 BW/s")
    QTest.keyClick(w.focusWidget(), Qt.Key.Key_Down)
    QTest.keyClick(w.focusWidget(), Qt.Key.Key_Right)
    QTest.mouseClick(sheet.buttons[0][0], Qt.MouseButton.LeftButton)
    first, second = taken(w)
    assert first == SettingChange(NOW_NS, "flags.limits.valr_on_bw_s", 71.0)
    assert second == SettingChange(NOW_NS, "flags.limits.valr_watch_bw_s", 65.0)
    w.scene.absorb(replace(du.empty_update(1122.0), events=(first,), health=du.health()))
    w.draw_numbers()
    assert "Loading rate, on: 71 BW/s" in sheet.accessibleDescription()
    w.scene.settings = w.scene.settings.changed("flags.limits.valr_watch_bw_s", 71.0)
    QTest.mouseClick(sheet.buttons[0][1], Qt.MouseButton.LeftButton)
    assert taken(w) == [first, second]  # watch above on is not taken
    assert "expected valr_watch_bw_s" in w.footer.notice
    key(w, Qt.Key.Key_Escape)
    assert sheet.isHidden()


def test_markers_have_kinds_and_pain_a_number(w: Window) -> None:
    key(w, Qt.Key.Key_M)
    field = w.marker_sheet.field
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert w.marker_sheet.kind == "pain"
    assert field.placeholderText().startswith("Pain from 0 to 10")
    QTest.keyClicks(field, "eleven")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert taken(w) == []
    assert "0 to 10" in w.footer.notice
    field.clear()
    QTest.keyClicks(field, "4 left heel")
    QTest.keyClick(field, Qt.Key.Key_Return)
    key(w, Qt.Key.Key_M)
    click_on(w.marker_sheet.kinds, "condition_start")
    QTest.keyClicks(field, "12 km/h")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert taken(w) == [Marker(NOW_NS, "pain", "4 left heel"), Marker(NOW_NS, "condition_start", "12 km/h")]


def test_undo_takes_the_last_marker_back(w: Window) -> None:
    key(w, Qt.Key.Key_Z, CONTROL)
    assert taken(w) == []
    assert "no marker" in w.footer.notice
    w.scene.absorb(replace(du.empty_update(1122.0), events=(Marker(NOW_NS, "note", "x"),), health=du.health()))
    key(w, Qt.Key.Key_Z, CONTROL)
    assert taken(w) == [Marker(NOW_NS, "undo")]
    assert w.footer.notice == "Marker 1 taken back"


def test_every_key_is_in_the_list(w: Window) -> None:
    for name in w.deck.entries:
        w.choose_view(name)
        key(w, Qt.Key.Key_F1)
        rows = dict(w.overlays.help.rows)
        assert {"Ctrl+Z", "Ctrl+F", "Ctrl+L", "F12"} <= rows.keys()
        assert ("H" in rows) == (name == "foot_map")
        key(w, Qt.Key.Key_F1)

"""Views 2 to 4 on a real window: what they say, that panels do not overlap, states, keys."""

from __future__ import annotations

from dataclasses import replace

import dashboard_updates as du
import numpy as np
import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from dashboard_windows import Make, colours, key, window_maker
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from insole.blocks import Side
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import DARK
from insole.dashboard.panels.session_panel import SessionPanel
from insole.dashboard.views.loading import Loading
from insole.dashboard.window import Window
from insole.device import Device

STYLE = NumberStyle()
DEMO = Device.named("demo16")


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    return window_maker(qtbot)


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
    assert view.histogram.accessibleDescription() == "L 2 % under, R 27 % under"
    assert view.session.accessibleDescription() == "On 70, Watch 66, Target 58"
    assert "Contacts: left 812, right 811" in view.load.accessibleDescription()
    key(opened, Qt.Key.Key_1)
    assert view.isHidden()
    assert not opened.deck.current.isHidden()


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (3840, 2160)])
def test_its_panels_fill_the_window_without_overlap(opened: Window, size: tuple[int, int]) -> None:
    opened.resize(*size)
    view = loading(opened)
    boxes = [panel.geometry() for panel in view.panels.values()]
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(view.rect().contains(box) for box in boxes)


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


def test_a_lost_foot_has_neither_rise_nor_counts(opened: Window) -> None:
    lost = replace(du.empty_update(1136.0), health=du.health(right=du.foot_health(silent_s=14.0)))
    opened.scene.absorb(lost)
    opened.draw_numbers()
    view = loading(opened)
    assert set(view.rise.rises) == {Side.LEFT}
    assert set(view.histogram.recent) == {Side.LEFT}
    assert DARK.right not in colours(view.rise.grab().toImage())

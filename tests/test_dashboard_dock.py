"""A replay as a tool: the real window on a real recording, by keys and mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

import itertools

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from insole.analysis import analyse
from insole.blocks import Marker
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.survey import Survey
from insole.dashboard.views.compare import Compare
from insole.dashboard.window import Window
from insole.recording import Recorder
from insole.sources.synthetic import SyntheticOptions, simulate

LONG_MS = 60_000
Key = Qt.Key


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute with a marker."""
    path = tmp_path_factory.mktemp("dock") / "run.mcap"
    simulation = simulate(SyntheticOptions(seconds=30.0, cells=16, seed=5))
    start_ns = simulation.header.start_host_ns
    with Recorder(path, simulation.header) as recorder:
        for i, inputs in enumerate(simulation.inputs):
            if i == 60:
                recorder([Marker(start_ns + 12 * 10**9, "note", "hill")])
            recorder(inputs)
    return path


@pytest.fixture(scope="module")
def survey(path: Path) -> Survey:
    """Of that run, to its end."""
    survey = Survey(path, path)
    survey.start()
    assert survey.wait(LONG_MS / 1e3)
    return survey


@pytest.fixture
def window(survey: Survey, qtbot: QtBot) -> Iterator[Window]:
    player = Player(survey)
    scene = Scene.of(player.header)
    playing = Playing(live=False, recording=False, speed=1.0, seekable=True)
    window = Window(scene, player, player, playing, theme="dark", player=player)
    qtbot.addWidget(window, before_close_func=lambda w: w.close())
    window.resize(1280, 720)
    window.show()
    window.controls.set_pace(paused=True)
    player.start()
    window.draw_frame()
    yield window
    window.close()


def until(qtbot: QtBot, window: Window, condition: Callable[[], bool]) -> None:
    """Frames, until a condition holds."""

    def look() -> bool:
        window.draw_frame()
        return condition()

    qtbot.waitUntil(look, timeout=LONG_MS)


def at(window: Window, t_s: float) -> Callable[[], bool]:
    """Whether the screen shows a moment."""
    assert window.dock is not None
    player = window.dock.review.player
    return lambda: not player.seeking and abs(window.scene.t_s - t_s) < 0.11


def press(window: Window, key: Key, shift: bool = False) -> None:
    QTest.keyClick(window, key, Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier)


def test_a_replay_says_so_and_has_its_own_buttons(window: Window) -> None:
    window.draw_numbers()
    header = window.header
    assert ", REPLAY " in header.accessibleDescription()
    assert [b.text() for b in header.buttons if not b.isHidden()] == ["Export", "≡"]


def test_dragging_the_mouse_goes_there(window: Window, qtbot: QtBot) -> None:
    assert window.dock is not None
    bar = window.dock.bar
    y = round(bar.lanes.lane("rate").center().y())
    x_of = bar.lanes.x_of
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(x_of(20.0)), y))
    until(qtbot, window, at(window, 20.0))
    assert window.scene.numbers
    assert window.scene.markers.given == 1
    for t_s in (16.0, 12.0, 8.0):
        QTest.mouseMove(bar, QPoint(round(x_of(t_s)), y))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(x_of(8.0)), y))
    until(qtbot, window, at(window, 8.0))
    assert window.scene.markers.given == 0


def test_keys_take_it_everywhere(window: Window, qtbot: QtBot) -> None:
    press(window, Key.Key_Right, shift=True)
    until(qtbot, window, at(window, 10.0))
    press(window, Key.Key_Right, shift=True)
    until(qtbot, window, at(window, 20.0))
    press(window, Key.Key_Left, shift=True)
    until(qtbot, window, at(window, 10.0))
    seen = [shape.contact_id for shape in window.scene.shapes.values()]
    press(window, Key.Key_Right)
    assert window.dock is not None
    until(qtbot, window, lambda: max(shape.contact_id for shape in window.scene.shapes.values()) > max(seen))
    assert 10.0 < window.scene.t_s < 11.0
    press(window, Key.Key_Home)
    until(qtbot, window, at(window, 0.2))
    press(window, Key.Key_End)
    until(qtbot, window, lambda: window.scene.ended)


def test_from_a_to_b_over_and_over(window: Window, qtbot: QtBot) -> None:
    assert window.dock is not None
    review = window.dock.review
    press(window, Key.Key_L)
    assert not review.looping
    assert "Set A and B first" in window.footer.notice
    for key, t_s in ((Key.Key_A, 6.0), (Key.Key_B, 8.0)):
        review.seek(t_s)
        until(qtbot, window, at(window, t_s))
        press(window, key)
    press(window, Key.Key_L)
    window.controls.set_speed(16.0)
    press(window, Key.Key_Space)
    turns: list[float] = []

    def went_round() -> bool:
        turns.append(window.scene.t_s)
        return sum(b < a for a, b in itertools.pairwise(turns)) >= 3

    until(qtbot, window, went_round)
    assert all(5.5 < t_s < 12.0 for t_s in turns[5:])  # 16 times as fast, a frame may see the end late
    assert review.looping


def test_at_the_end_space_begins_again(window: Window, qtbot: QtBot) -> None:
    press(window, Key.Key_End)
    until(qtbot, window, lambda: window.scene.ended)
    assert window.controls.playing.badge() == "REPLAY"
    press(window, Key.Key_Space)
    until(qtbot, window, lambda: not window.scene.ended and 0 < window.scene.t_s < 5.0)
    assert not window.controls.playing.paused


def test_looking_does_not_change_the_recording(window: Window, qtbot: QtBot) -> None:
    before = window.scene.markers.given
    window.overlays.ask_marker()
    assert window.marker_sheet.isHidden()
    assert "does not change it" in window.footer.notice
    window.controls.toggle_flags()
    window.draw_frame()
    assert not window.scene.settings.flags.enabled
    assert window.dock is not None
    window.dock.review.seek(15.0)
    until(qtbot, window, at(window, 15.0))
    assert not window.scene.settings.flags.enabled  # a wish of the person holds wherever the recording is
    assert before == 0


def test_the_contacts_are_saved_beside_the_recording(window: Window, qtbot: QtBot, path: Path) -> None:
    for name in ("run-contacts.csv", "run-contacts-2.csv"):
        press(window, Key.Key_E)
        target = path.with_name(name)
        qtbot.waitUntil(lambda: window.footer.notice == f"Saved {target}", timeout=LONG_MS)  # noqa: B023
        rows = target.read_text().splitlines()
        assert len(rows) == 1 + len(analyse(path).contacts)
        assert target.with_name(f"{name}.json").exists()


def test_what_stands_on_the_bar_is_said(window: Window) -> None:
    assert window.dock is not None
    lanes = window.dock.bar.lanes
    y = lanes.lane("rate").center().y()
    assert lanes.said_at(lanes.x_of(12.0), y, 0.0) == "0:12: hill"
    assert lanes.said_at(lanes.x_of(20.0), y, 0.0) == "0:20"
    window.dock.transport.show_review(window.dock.review, window.style_of_numbers, "run.mcap")
    assert window.dock.transport.accessibleDescription().endswith("of 0:30  run.mcap")


def test_two_moments_side_by_side(window: Window, qtbot: QtBot) -> None:
    assert window.dock is not None
    review = window.dock.review
    low = window.dock.height()
    review.seek(15.0)
    until(qtbot, window, at(window, 15.0))
    press(window, Key.Key_6)
    view = window.deck.view("compare")
    assert isinstance(view, Compare)
    assert window.dock.height() > low
    window.draw_numbers()
    assert view.a.part is None
    assert view.b.accessibleDescription().startswith("0:15, mean of ")
    assert view.change.accessibleDescription().startswith("Set A at one moment")
    press(window, Key.Key_A)
    review.seek(29.0)
    until(qtbot, window, at(window, 29.0))
    press(window, Key.Key_B)
    window.draw_numbers()
    assert view.a.accessibleDescription().startswith("0:15, mean of ")
    assert "Loading rate, left " in view.change.accessibleDescription()
    assert "A and B share contacts" in view.change.accessibleDescription()  # half a minute is short for that
    boxes = [panel.geometry() for panel in view.panels.values()]
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert not window.dock.geometry().intersects(view.geometry())
    press(window, Key.Key_1)
    assert window.dock.height() == low

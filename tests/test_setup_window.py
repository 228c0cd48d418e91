"""Set-up on the real window without a display: keys, pages, a real session on a synthetic runner, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from insole.blocks import Marker
from insole.dashboard.memory import Memory
from insole.dashboard.setup.app import run_setup
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.lines import Line
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.step import Step
from insole.dashboard.setup.window import SetupWindow
from insole.dashboard.showing import Showing
from insole.dashboard.window import Window
from insole.fitting.mark import Mark
from insole.recording import open_recording

Make = Callable[..., SetupWindow]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    windows: list[SetupWindow] = []

    def one(source: str = "", size: tuple[int, int] = (1440, 900), **chosen: object) -> SetupWindow:
        remembered = Remembered(tmp_path / "setup.json")
        remembered.choices = replace(Choices(source=source, folder=str(tmp_path / "runs")), **chosen)  # type: ignore[arg-type]

        window = SetupWindow(remembered, Memory(), theme="dark")
        windows.append(window)
        window.resize(*size)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
        return window

    yield one
    for window in windows:
        window.close()


def key(widget: QWidget, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget.focusWidget() or widget, which, modifier)


def opened(window: SetupWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.flow.opened is not None, timeout=20_000)


def running(window: SetupWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.flow.session is not None and window.flow.session.scene.t_s > 0.2, timeout=20_000)


def test_the_first_screen_says_what_it_is_for(make: Make) -> None:
    window = make()
    assert window.step is Step.SOURCE
    assert "not a medical device" in window.source.use.text()
    assert not window.bar.back.isEnabled()


def test_without_a_source_there_is_no_next_and_a_button_gives_one(make: Make, qtbot: QtBot) -> None:
    window = make()
    key(window, Qt.Key.Key_Return)
    assert window.step is Step.SOURCE
    assert "choose a source" in window.source.source.below.text()
    QTest.mouseClick(window.source.try_button, Qt.MouseButton.LeftButton)
    assert window.source.source.text.startswith("synthetic:")
    key(window, Qt.Key.Key_Return)
    assert window.step is Step.RUNNER
    opened(window, qtbot)


def test_what_is_wrong_keeps_the_page_and_going_back_does_not(make: Make) -> None:
    window = make("synthetic:")
    window.go(Step.RUNNER)
    QTest.keyClicks(window.runner.fields["body_mass_kg"].line, "7")
    assert window.runner.fields["body_mass_kg"].below.text() == "7 kg: expected 20 to 250 kg"
    window.next()
    assert window.step is Step.RUNNER
    assert window.focusWidget() is window.runner.fields["body_mass_kg"].line
    key(window, Qt.Key.Key_Escape)
    assert window.step is Step.SOURCE
    window.go(Step.RUNNER)
    assert window.runner.fields["body_mass_kg"].text == "7"


def test_another_code_brings_that_runners_values_and_never_those_of_the_last_one(make: Make) -> None:
    window = make("synthetic:", code="R-1", body_mass_kg=62.5)
    window.remembered.keep(window.flow.choices)
    window.go(Step.RUNNER)
    fields = window.runner.fields
    assert fields["body_mass_kg"].text == "62.5"
    fields["code"].line.selectAll()
    QTest.keyClicks(fields["code"].line, "R-2")
    key(window, Qt.Key.Key_Tab)
    assert fields["body_mass_kg"].text == ""
    fields["code"].line.setFocus()
    fields["code"].line.selectAll()
    QTest.keyClicks(fields["code"].line, "R-1")
    key(window, Qt.Key.Key_Tab)
    assert fields["body_mass_kg"].text == "62.5"


def test_a_source_that_does_not_open_is_said_and_cannot_be_started(make: Make, qtbot: QtBot) -> None:
    window = make("serial:/dev/nothing-here")
    qtbot.waitUntil(lambda: window.flow.trouble != "", timeout=20_000)
    assert window.found.lines[0].mark is Mark.FIX
    assert "no such port" in window.found.lines[0].detail
    window.go(Step.START)
    assert not window.bar.next.isEnabled()


def test_from_source_to_a_recorded_session_with_a_marker_and_back(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make("synthetic:", code="R-014", body_mass_kg=62.5)
    opened(window, qtbot)
    window.go(Step.START)
    running(window, qtbot)
    assert window.start.name.text.endswith("_R-014.mcap")
    window.next()
    session = window.session_window
    assert isinstance(session, Window)
    assert not window.isVisible()
    assert session.controls.playing.badge() == "REC"
    key(session, Qt.Key.Key_M)
    key(session, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.scene.markers.given == 1, timeout=20_000)
    session.close()
    qtbot.waitUntil(lambda: window.session_window is None, timeout=20_000)
    assert window.isVisible()
    assert window.step is Step.START
    assert "Recorded" in window.start.before.text()
    [path] = (tmp_path / "runs").iterdir()
    recording = open_recording(path)
    assert recording.complete
    assert recording.header.runner.body_mass_kg == 62.5
    assert window.start.path() != path  # the next one gets a name of its own
    assert Remembered(tmp_path / "setup.json").choices.code == "R-014"


def fit_marks(window: SetupWindow) -> list[Mark]:
    session = window.flow.session
    assert session is not None
    return [one.mark for one in session.fit_state.steps]


def test_the_fit_check_goes_by_itself_and_its_steps_are_repeated_and_skipped_by_keys(make: Make, qtbot: QtBot) -> None:
    window = make("synthetic:?fit=1", body_mass_kg=70.0)
    opened(window, qtbot)
    window.go(Step.FIT)
    qtbot.waitUntil(lambda: window.fit.step is not None, timeout=20_000)
    assert not window.bar.next.isEnabled()
    assert window.bar.skip.isVisible()
    qtbot.waitUntil(lambda: fit_marks(window)[0] is Mark.PASS, timeout=20_000)
    qtbot.waitUntil(lambda: window.steps.inner[0].detail == "Pass: zero set", timeout=20_000)  # with the next frame
    qtbot.waitUntil(window.bar.next.isEnabled, timeout=20_000)
    key(window, Qt.Key.Key_Return)  # sooner than by itself
    qtbot.waitUntil(lambda: window.fit.step is not None and window.fit.step.name == "stance", timeout=20_000)
    key(window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: fit_marks(window)[1] is Mark.SKIPPED, timeout=20_000)
    window.go(Step.START)
    qtbot.waitUntil(lambda: Mark.WAITING not in fit_marks(window), timeout=20_000)
    window.begin()
    session = window.session_window
    assert isinstance(session, Window)
    session.close()
    qtbot.waitUntil(lambda: window.session_window is None, timeout=20_000)
    [path] = Path(window.flow.choices.folder).iterdir()
    markers = [item for inputs in open_recording(path).inputs() for item in inputs if isinstance(item, Marker)]
    labels = [marker.label for marker in markers]
    assert labels[:5] == ["unloaded begin", "unloaded start", "unloaded end", "unloaded pass", "stance begin"]
    assert "stance skipped" in labels
    assert "right toes skipped" in labels
    running(window, qtbot)
    assert window.flow.session is not None
    zero = window.flow.session.scene.settings.calibration.zero_left_kpa
    assert zero is not None  # of the session before
    assert any(line.title == "Zeros and gains are kept" for line in window.found.lines)
    window.flow.begin_anew()
    running(window, qtbot)
    assert window.flow.session.scene.settings.calibration.zero_left_kpa is None


def test_swapped_feet_are_swapped_in_a_new_session(make: Make, qtbot: QtBot) -> None:
    window = make("synthetic:", body_mass_kg=70.0)
    opened(window, qtbot)
    window.go(Step.FIT)
    running(window, qtbot)
    window.swap()
    running(window, qtbot)
    assert window.flow.session is not None
    assert window.flow.session.scene.settings.swap_feet
    window.renew()
    assert any(line.title == "Left and right are swapped" for line in window.found.lines)
    window.go(Step.SOURCE)
    window.source.source.fill("synthetic:?seed=2")
    window.go(Step.RUNNER)
    assert not window.flow.choices.swap_feet  # other insoles


def test_what_waits_gives_way_to_what_asks_for_something(make: Make, qtbot: QtBot) -> None:
    window = make("synthetic:", size=(1280, 720))
    many = [Line(Mark.PASS, f"Thing {i}", "a detail of some length that takes a line or two") for i in range(12)]
    window.found.show_lines([*many, Line(Mark.FIX, "Look here", "and do this")])
    shown = window.found.shown()
    assert shown[0].title == "Look here"
    assert shown[0].detail
    assert not shown[-1].detail


def test_a_name_that_is_taken_is_never_replaced(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make("synthetic:")
    opened(window, qtbot)
    window.go(Step.START)
    running(window, qtbot)
    taken = window.start.path()
    taken.parent.mkdir()
    taken.write_text("mine")
    window.next()
    assert window.session_window is None
    assert "already" in window.start.name.below.text()
    assert taken.read_text() == "mine"


def test_a_recording_is_played_with_its_own_runner(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    from importlib.resources import files

    window = make(str(files("replay_data") / "even_runner.mcap"))
    opened(window, qtbot)
    window.go(Step.RUNNER)
    assert not window.runner.fields["code"].isVisible()
    assert window.header.runner == "synthetic · 68 kg · 175 cm · 10.08 km/h"
    window.go(Step.SOURCE)
    window.next()
    assert window.step is Step.START  # nothing to enter, nothing to check
    assert not window.start.record.isVisible()
    window.next()
    assert isinstance(window.session_window, Window)
    dock = window.session_window.dock
    assert dock is not None  # any moment of it can be shown
    assert dock.review.player.survey.name.name == "even_runner.mcap"
    window.session_window.close()
    qtbot.waitUntil(lambda: window.session_window is None, timeout=20_000)
    window.next()  # and once more
    assert isinstance(window.session_window, Window)
    window.session_window.close()
    qtbot.waitUntil(lambda: window.session_window is None, timeout=20_000)


def test_a_file_is_never_given_the_runner_of_last_time(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    table = tmp_path / "run.csv"
    rows = [f"{i / 200:.3f},{800 * (i % 140 < 50)},{800 * (70 <= i % 140 < 120)}" for i in range(4000)]
    table.write_text("time_s,left_force_n,right_force_n\n" + "\n".join(rows) + "\n")
    window = make("synthetic:", code="R-1", body_mass_kg=62.5, shoe="Trail A")
    window.source.source.fill(str(table))
    assert not any("R-1" in line.title for line in window.found.lines)
    window.next()
    assert window.step is Step.RUNNER
    assert {field.text for field in window.runner.fields.values()} == {""}
    QTest.keyClicks(window.runner.fields["code"].line, "R-7")
    key(window, Qt.Key.Key_Tab)
    QTest.keyClicks(window.runner.fields["body_mass_kg"].line, "70")
    window.next()
    qtbot.waitUntil(window.bar.next.isEnabled, timeout=20_000)
    window.next()
    shown = window.session_window
    assert shown is not None
    assert (shown.scene.runner.code, shown.scene.runner.body_mass_kg) == ("R-7", 70.0)
    shown.close()
    qtbot.waitUntil(lambda: window.session_window is None, timeout=20_000)


def test_a_recording_that_opens_late_shows_its_own_runner(make: Make, qtbot: QtBot) -> None:
    from importlib.resources import files

    window = make("synthetic:", code="R-1", body_mass_kg=62.5)
    window.source.source.fill(str(files("replay_data") / "even_runner.mcap"))
    window.next()
    assert window.step is Step.RUNNER  # it may be a file that does not say who ran
    assert window.runner.fields["code"].text == ""
    qtbot.waitUntil(window.runner.note.isVisible, timeout=20_000)
    assert "synthetic · 68 kg" in window.runner.note.text()
    assert not window.runner.fields["code"].isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (3840, 2160)])
@pytest.mark.parametrize("step", list(Step))
def test_pages_fit_into_their_frame(make: Make, qtbot: QtBot, size: tuple[int, int], step: Step) -> None:
    window = make("synthetic:", size=size)
    opened(window, qtbot)
    window.go(step)
    page = window.pages[step]
    QApplication.processEvents()
    assert page.minimumSizeHint().height() <= page.height()
    boxes = [
        widget.geometry() for widget in (window.steps, page, window.found, window.header, window.footer, window.bar)
    ]
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    inside = [child for child in page.findChildren(QWidget) if child.isVisible() and child.parent() is page]
    assert all(page.rect().contains(child.geometry()) for child in inside)


def test_words_of_the_steps_are_cut_only_where_there_is_no_room(make: Make) -> None:
    window = make("synthetic:", size=(1280, 720))
    steps = [Line(Mark.PASS, "Source", "a_file_with_a_name_that_is_rather_long.mcap"), Line(Mark.WAITING, "Runner")]
    window.steps.show_lines(steps, 1)
    assert all(row.whole for row in window.steps.rows())
    inner = [Line(Mark.PASS, f"Step {i}", "Pass: and what was found takes two lines") for i in range(10)]
    inner[4] = Line(Mark.FIX, "Step 4", "Fix: and what to do about it takes two lines")
    window.steps.show_lines(steps, 1, inner, 7, 1)
    rows = window.steps.rows()
    assert rows[-1].box.bottom() <= window.steps.height()
    assert [row.whole for row in rows[:3]] == [False, True, False]  # from the top, but for where the person is
    assert all(row.whole for row in rows if row.here or row.line.mark is Mark.FIX)


def test_steps_answer_to_a_click_and_the_theme_to_its_key(make: Make, qtbot: QtBot) -> None:
    window = make("synthetic:")
    opened(window, qtbot)
    row = window.steps.rows()[1].box.center().toPoint()
    QTest.mouseClick(window.steps, Qt.MouseButton.LeftButton, pos=QPoint(row))
    assert window.step is Step.RUNNER
    key(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not window.look.dark


def test_closing_set_up_closes_the_session_and_finishes_its_recording(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make("synthetic:")
    opened(window, qtbot)
    window.go(Step.START)
    running(window, qtbot)
    window.begin()
    session = window.session_window
    assert session is not None
    window.close()
    assert not session.isVisible()
    assert not window.isVisible()
    [path] = (tmp_path / "runs").iterdir()
    assert open_recording(path).complete


def test_a_picture_by_its_key_is_said(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "insole.dashboard.picture.QStandardPaths.writableLocation"
    monkeypatch.setattr(place, lambda _place: str(tmp_path / "seen"))
    window = make()
    key(window, Qt.Key.Key_F12)
    [saved] = (tmp_path / "seen").iterdir()
    assert window.footer.notice == f"Saved {saved}"
    window.renew()
    assert window.footer.isVisible()


def test_a_picture_of_a_page(qapp: object, tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    run_setup(Showing(offscreen=True, seconds=0.2, screenshot=target), source="synthetic:", page="runner")
    assert target.stat().st_size > 10_000


def test_a_picture_of_a_page_that_is_closed_by_hand(qapp: object, tmp_path: Path) -> None:
    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, SetupWindow):
                widget.close()

    target = tmp_path / "page.png"
    QTimer.singleShot(200, close)
    run_setup(Showing(offscreen=True, seconds=60.0, screenshot=target))
    assert target.stat().st_size > 10_000

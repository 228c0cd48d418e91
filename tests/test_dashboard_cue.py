"""Target and cue on the therapist's screen, and the runner's screen: texts, keys, pixels; real windows, no display."""

from __future__ import annotations

import math
from dataclasses import replace

import cue_updates as cu
import dashboard_updates as du
import pytest

pytest.importorskip("PySide6", reason="the gui extra is not installed")

from dashboard_windows import Make, colours, key, taken, window_maker
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from insole.blocks import Cue, Marker, SettingChange, Side, Status
from insole.dashboard.model.cue import cue_status, cue_texts
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.runner import Freshness, RunnerPicture, Shape, runner_picture
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import DARK
from insole.dashboard.panels.cue_panel import CuePanel
from insole.dashboard.runner_screen import RunnerScreen
from insole.dashboard.views.loading import Loading
from insole.dashboard.window import Window
from insole.device import Device
from insole.feedback.baseline import MARKER
from insole.feedback.prompt import Advice, Prompt
from insole.settings import CueSettings

L, R = cu.FEET
STYLE = NumberStyle()
LIVE = Playing(live=True, recording=True)
CUE = Cue(9, 4, 0, "beep", 2, 64.5, 58.0, 0, 2, 3, 100_000_000, 12_000_000)
RATE = Prompt(Advice.STANDING, "valr_bw_s", side=L, target=58.0, low=30.0, high=90.0)
CADENCE = Prompt(Advice.STANDING, "cadence_spm", target=178.0, low=160.0, high=200.0)


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    return window_maker(qtbot)


def scene_with(target: float | None = 58.0, **cue: object) -> Scene:
    settings = CueSettings(**cue)  # type: ignore[arg-type]
    return du.scene_for(Device.named("demo16"), target_valr_bw_s=target, cue=settings)


def panel_of(w: Window) -> CuePanel:
    w.choose_view("loading")
    assert isinstance(w.deck.current, Loading)
    return w.deck.current.cue


def changes(w: Window) -> list[tuple[str, object]]:
    return [(item.key, item.value) for item in taken(w) if isinstance(item, SettingChange)]


# ---- the panel in words ----------------------------------------------------------------------------------------------


def test_a_session_without_a_target_says_what_to_do() -> None:
    texts = cue_texts(scene_with(None), "", STYLE)
    assert (texts.target, texts.source, texts.feet) == ("—", "BW/s; + sets a first one", "both feet")
    assert [row.value for row in texts.rows] == ["—", "—", "0", "—", "—"]
    assert texts.note == ""


def test_a_cued_session_says_what_came_of_it() -> None:
    scene = scene_with(None, feet="worse")
    scene.absorb(cu.whole(cu.rows(240), events=(Marker(cu.START_NS, MARKER, "start"),)))
    assert cue_texts(scene, "", STYLE).source == "baseline, 60 of 60 contacts"
    baseline = scene.feedback.situation.baseline
    assert baseline is not None
    scene.absorb(cu.early(t_s=90.0, events=(cu.change(90.0, "target_valr_bw_s", baseline.target_bw_s),)))
    scene.absorb(cu.whole(cu.rows(120, from_s=91.0, left=57.0, right=50.0, step_ms=345.0)))
    scene.absorb(cu.early(t_s=150.0, events=(CUE, replace(CUE, handed_ns=126_000_000), replace(CUE, withheld="x"))))
    texts = cue_texts(scene, "", NumberStyle(decimal=","))
    assert (texts.target, texts.source, texts.feet) == ("58,3", "0,80 × baseline 72,9 BW/s", "left foot")
    rows = {row.label: f"{row.value} {row.spread}" for row in texts.rows}
    assert rows["Under target, last 60"] == "100 % "
    assert rows["Cue delay, median"] == "125 ms (99 %: 138)"
    assert rows["Cues given, withheld"] == "2 and 1"
    assert rows["Cadence since cue"].startswith("+2,5 ± ")
    assert rows["Forefoot share"].endswith(" points")


def test_a_target_by_hand_and_one_of_the_cadence() -> None:
    assert cue_texts(scene_with(), "", STYLE).source == "BW/s, set by hand"
    texts = cue_texts(scene_with(metric="cadence_spm", target_cadence_spm=178.0), "", STYLE)
    assert (texts.target, texts.source) == ("178", "steps/min, baseline 170")


def test_missing_sound_comes_before_the_guard() -> None:
    texts = cue_texts(scene_with(), "No sound: there is no output device", STYLE)
    assert (texts.note, texts.warns) == ("No sound: there is no output device", True)


@pytest.mark.parametrize(
    ("sound", "target", "trouble", "cues", "expected"),
    [
        ("off", 58.0, "", 1, ()),
        ("beep", 58.0, "", 0, (("Cue", "beep"),)),
        ("beep", 58.0, "", 1, (("Cue", "beep, 112 ms"),)),
        ("pitch", None, "", 0, (("Cue", "pitch, no target"),)),
        ("pitch", 58.0, "No sound: x", 1, (("Cue", "pitch, no sound"),)),
    ],
)
def test_the_footer_names_the_cue(sound: str, target: float | None, trouble: str, cues: int, expected: object) -> None:
    scene = scene_with(target, sound=sound)
    scene.absorb(cu.early(events=(CUE,) * cues))
    assert cue_status(scene, trouble, STYLE) == expected


# ---- keys and buttons ------------------------------------------------------------------------------------------------


def test_t_goes_to_the_target_and_arrows_move_it(make: Make) -> None:
    w = make(scene=scene_with())
    key(w, Qt.Key.Key_T)
    panel = panel_of(w)
    assert w.focusWidget() is panel.target
    for code in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        key(w, code)
    assert changes(w) == [("target_valr_bw_s", 58.5), ("target_valr_bw_s", 59.0), ("target_valr_bw_s", 58.5)]
    key(w, Qt.Key.Key_Return)
    assert w.focusWidget() is w


def test_a_target_can_be_typed(make: Make) -> None:
    w = make(scene=scene_with())
    key(w, Qt.Key.Key_T)
    target = panel_of(w).target
    QTest.keyClicks(target, "612")
    key(w, Qt.Key.Key_Backspace)
    QTest.keyClicks(target, ",5")
    assert target.typed == "61.5"
    assert changes(w) == []  # nothing is asked for before Enter
    key(w, Qt.Key.Key_Return)
    assert changes(w) == [("target_valr_bw_s", 61.5)]
    assert w.focusWidget() is w
    assert w.deck.name == "loading"  # digits were no views
    for typed, end in (("7", Qt.Key.Key_Escape), ("9999", Qt.Key.Key_Return), ("..", Qt.Key.Key_Return)):
        key(w, Qt.Key.Key_T)
        QTest.keyClicks(target, typed)
        key(w, end)
        assert target.typed == ""
    assert len(changes(w)) == 1
    assert w.footer.notice == "No target of 9999: expected 5 to 200 BW/s"


def test_the_first_target_is_what_the_last_contacts_suggest(make: Make) -> None:
    w = make(cu.whole(cu.rows(240)), scene=scene_with(None))
    key(w, Qt.Key.Key_T)
    assert changes(w) == [("target_valr_bw_s", 58.5)]


def test_u_goes_through_the_sounds(make: Make) -> None:
    w = make(scene=scene_with())
    for t_s, sound in enumerate(("beep", "pitch", "off")):
        key(w, Qt.Key.Key_U)
        assert changes(w)[-1] == ("cue.sound", sound)
        w.scene.absorb(cu.early(t_s=float(t_s), events=(cu.change(t_s, "cue.sound", sound),)))


def test_every_part_of_the_panel_can_be_clicked(make: Make) -> None:
    w = make(scene=scene_with())
    panel = panel_of(w)
    for widget, share in ((panel.sound, 0.9), (panel.feet, 0.9), (panel.topic, 0.9), (panel.target, 0.05)):
        at = QPoint(round(widget.width() * share), widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)
    assert changes(w) == [
        ("cue.sound", "pitch"),
        ("cue.feet", "worse"),
        ("cue.metric", "cadence_spm"),
        ("target_valr_bw_s", 57.5),
    ]
    QTest.mouseClick(panel.baseline, Qt.MouseButton.LeftButton)
    assert taken(w)[-1] == Marker(du.START_NS, MARKER, "start")
    panel.sound.setFocus()
    key(w, Qt.Key.Key_Right)
    assert changes(w)[-1] == ("cue.sound", "beep")


def test_the_target_stays_within_its_range(make: Make) -> None:
    w = make(scene=scene_with(5.0))
    w.controls.cue.step_target(-1)
    assert changes(w) == [("target_valr_bw_s", 5.0)]


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (3840, 2160)])
def test_the_panel_holds_its_parts_apart(make: Make, size: tuple[int, int]) -> None:
    w = make(du.running(Device.named("demo16")), scene=scene_with(sound="beep"), size=size)
    panel = panel_of(w)
    w.draw_numbers()
    boxes = [part.geometry().adjusted(3, 3, -3, -3) for part in panel.parts]
    assert all(panel.rect().contains(box) for box in boxes)
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_missing_sound_is_said_once(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    w = make(scene=scene_with(sound="beep"))
    w.session.sound_trouble = "No sound: there is no output device"  # type: ignore[misc]
    w.draw_numbers()
    w.draw_numbers()
    assert w.footer.notice == "No sound: there is no output device"
    assert capsys.readouterr().err == "insole: No sound: there is no output device\n"
    assert "Cue beep, no sound" in w.footer.accessibleDescription()


# ---- the runner's screen in words ------------------------------------------------------------------------------------


def shown(prompt: Prompt, playing: Playing = LIVE, *, fresh: bool = True) -> RunnerPicture:
    return runner_picture(prompt, playing, STYLE, fresh=fresh)


def test_on_target_and_above() -> None:
    on = shown(replace(RATE, advice=Advice.ON_TARGET, value=56.2, last=(62.0, math.nan, 57.0)))
    assert (on.word, on.shape, on.value, on.unit, on.off) == ("On target", Shape.CHECK, "56", "BW/s", False)
    assert (on.title, on.subtitle, on.target) == ("Landing", "left foot, mean of 5", "58")
    assert [(mark.slot, mark.off) for mark in on.marks] == [(7, True), (9, False)]
    assert on.target_at == pytest.approx(28 / 60)
    above = shown(replace(RATE, advice=Advice.ABOVE, value=121.0))
    assert (above.word, above.shape, above.at, above.off) == ("Softer", Shape.UP, 1.0, True)


@pytest.mark.parametrize(
    ("advice", "value", "target", "expected"),
    [(Advice.ABOVE, 58.3, 58.0, "59"), (Advice.ON_TARGET, 58.4, 58.4, "58"), (Advice.ABOVE, 58.6, 58.5, "59")],
)
def test_the_number_never_contradicts_the_word(advice: Advice, value: float, target: float, expected: str) -> None:
    assert shown(replace(RATE, advice=advice, value=value, target=target)).value == expected


@pytest.mark.parametrize(
    ("prompt", "word", "hint"),
    [
        (replace(RATE, advice=Advice.WITHHELD, reason="signal quality"), "No cue now", "signal quality"),
        (replace(RATE, advice=Advice.LOST), "Wait", "no link to the left insole"),
        (replace(RATE, advice=Advice.LOST, side=Side.BELT), "Wait", "no link"),
        (replace(RATE, advice=Advice.STANDING), "Ready", ""),
        (replace(RATE, advice=Advice.SETTLING, done=3, needed=5), "First steps", "3 of 5"),
        (
            Prompt(Advice.BASELINE, "valr_bw_s", done=34, needed=60),
            "Run as usual",
            "34 of 60 steps of each foot, no cue until then",
        ),
        (
            Prompt(Advice.NO_TARGET, "valr_bw_s"),
            "No target yet",
            "On the therapist's screen: T sets one, or take it from a baseline minute.",
        ),
    ],
)
def test_without_a_value_there_is_a_word_and_no_bar(prompt: Prompt, word: str, hint: str) -> None:
    found = shown(prompt)
    assert (found.word, found.hint, found.value, found.at, found.marks) == (word, hint, "", None, ())


@pytest.mark.parametrize(
    ("playing", "fresh", "word"),
    [
        (replace(LIVE, paused=True), True, "Paused"),
        (replace(LIVE, ended=True), True, "Session over"),
        (LIVE, False, "Wait"),
    ],
)
def test_a_value_is_never_frozen(playing: Playing, fresh: bool, word: str) -> None:
    found = shown(replace(RATE, advice=Advice.ON_TARGET, value=56.0), playing, fresh=fresh)
    assert (found.word, found.value) == (word, "")


def test_cadence_asks_for_more_not_for_less() -> None:
    found = shown(replace(CADENCE, advice=Advice.BELOW, value=177.8, last=(176.0, 179.0)))
    assert (found.title, found.word, found.shape, found.value) == ("Cadence", "Quicker", Shape.DOWN, "177")
    assert [mark.off for mark in found.marks] == [True, False]
    assert found.subtitle == "both feet, mean of 8"


def test_what_stands_still_is_noticed() -> None:
    freshness = Freshness()
    assert [freshness.seen(t_s, now) for t_s, now in ((0, 0), (1, 1), (1, 2.9), (1, 3.1), (2, 9))] == [
        True, True, True, False, True,
    ]  # fmt: skip


# ---- the runner's screen as a window ---------------------------------------------------------------------------------


def pixels(screen: RunnerScreen) -> set[int]:
    return colours(screen.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))


def test_f11_opens_the_runners_screen_and_its_keys_are_the_therapists(make: Make) -> None:
    w = make(cu.early(cu.rate(L, 0.0, 60.0)), scene=scene_with())
    key(w, Qt.Key.Key_F11)
    assert w.runner.isVisible()
    QTest.keyClick(w.runner, Qt.Key.Key_U)
    assert changes(w) == [("cue.sound", "beep")]
    QTest.keyClick(w.runner, Qt.Key.Key_F11)
    assert w.runner.isFullScreen()
    QTest.keyClick(w.runner, Qt.Key.Key_Escape)
    assert not w.runner.isVisible()
    assert w.isVisible()
    key(w, Qt.Key.Key_F11)
    w.close()
    assert not w.runner.isVisible()


def test_the_runners_screen_follows_the_steps(make: Make) -> None:
    w = make(scene=scene_with())
    w.toggle_runner()
    w.inbox.put(cu.foot(L, [70.0] * 5))
    w.draw_frame()
    assert w.runner.accessibleDescription() == "Landing: 70 BW/s, Softer, target 58"
    assert DARK.on in pixels(w.runner)
    w.inbox.put(cu.foot(L, [50.0] * 5, 3.5))
    w.draw_frame()
    assert w.runner.picture.word == "On target"
    w.inbox.put(cu.early(cu.rate(L, 7.0, math.nan, Status.GAP)))
    w.draw_frame()
    assert w.runner.picture.word == "No cue now"
    assert DARK.on not in pixels(w.runner)


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (3840, 2160)])
def test_the_runners_screen_fills_any_size(qtbot: QtBot, size: tuple[int, int]) -> None:
    screen = RunnerScreen(print)
    qtbot.addWidget(screen)
    screen.resize(*size)
    screen.show()
    screen.show_picture(shown(replace(RATE, advice=Advice.ABOVE, value=68.0, last=(68.0,) * 10)))
    image = screen.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    edges = {image.pixel(x, y) & 0xFFFFFF for x in (0, image.width() - 1) for y in range(image.height())}
    edges |= {image.pixel(x, y) & 0xFFFFFF for y in (0, image.height() - 1) for x in range(image.width())}
    assert edges == {DARK.runner_bg}  # nothing is cut off
    orange = [x for x in range(image.width() // 2) if image.pixel(x, image.height() // 2) & 0xFFFFFF == DARK.on]
    assert max(orange) - min(orange) > 0.25 * size[0]  # the number is large

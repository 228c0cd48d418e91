"""What the dashboard says: numbers, reasons, the strip, the footer, the drawer. No Qt."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dashboard_updates as du
import pytest

import insole.dashboard
from insole.blocks import (
    DiskEvent,
    Flag,
    FlagState,
    FootHealth,
    Health,
    LinkEvent,
    SettingChange,
    Side,
    SilentSpan,
    Status,
)
from insole.dashboard.model.asymmetry import how_to_read
from insole.dashboard.model.playing import Playing, next_speed
from insole.dashboard.model.readings import ShareRow, gauge_row, reading, share_rows
from insole.dashboard.model.scene import Link, Scene, flag_key
from insole.dashboard.model.status import foot_status, session_status
from insole.dashboard.model.verdict import Level, verdict
from insole.dashboard.model.why import why_page
from insole.dashboard.model.words import DASH, MINUS, NumberStyle, clock, duration, first_sentence
from insole.device import Device

STYLE = NumberStyle()
COMMA = NumberStyle(decimal=",", group=".")
RECORDED = Playing(live=True, recording=True)
LEFT, RIGHT = Side.LEFT, Side.RIGHT


@pytest.fixture
def device() -> Device:
    return Device.named("demo16")


@pytest.fixture
def scene(device: Device) -> Scene:
    scene = du.scene_for(device)
    scene.absorb(du.running(device))
    return scene


def test_modules_without_qt_import_none() -> None:
    model = Path(insole.dashboard.__file__).parent / "model"
    modules = ["engine", "inbox", "controls", *(f"model.{p.stem}" for p in model.glob("[a-z]*.py"))]
    assert len(modules) > 12
    code = "import sys\n" + "".join(f"import insole.dashboard.{m}\n" for m in modules)
    code += "print([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("value", "digits", "plain", "comma"),
    [
        (73.44, 1, "73.4", "73,4"),
        (1606.4, 0, "1\N{NARROW NO-BREAK SPACE}606", "1.606"),
        (-1.25, 2, f"{MINUS}1.25", f"{MINUS}1,25"),
        (-0.04, 1, "0.0", "0,0"),
        (float("nan"), 1, DASH, DASH),
        (float("inf"), 1, DASH, DASH),
    ],
)
def test_numbers_follow_the_locale(value: float, digits: int, plain: str, comma: str) -> None:
    assert STYLE.number(value, digits) == plain
    assert COMMA.number(value, digits) == comma


def test_an_interval_is_never_rounded_to_nothing() -> None:
    assert STYLE.half_width(170.0, 173.0, 0) == "± 2"
    assert STYLE.half_width(171.8, 172.2, 0) == "± 1"
    assert STYLE.half_width(5.0, 5.02, 1) == "± 0.1"
    assert STYLE.half_width(float("nan"), 5.0, 1) == ""


def test_sentences_of_flags_are_localised_but_for_times() -> None:
    text = "Left 73.4 BW/s (67.3 to 79.5) for 0:14. In 2016 it was so."
    assert COMMA.localised(text) == "Left 73,4 BW/s (67,3 to 79,5) for 0:14. In 2016 it was so."
    assert first_sentence(text) == "Left 73.4 BW/s (67.3 to 79.5) for 0:14."
    assert first_sentence("No stop") == "No stop"


def test_times_in_words() -> None:
    assert [clock(t) for t in (0, 59.99, 1122, 3725)] == ["0:00", "0:59", "18:42", "1:02:05"]
    assert [duration(t) for t in (45, 130, 360, 3900)] == ["45 s", "2 min 10 s", "6 min", "1 h 5 min"]


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_a_good_number_has_its_interval(scene: Scene) -> None:
    r = reading(scene, "valr_bw_s", LEFT, STYLE)
    assert (r.value, r.spread, r.unit, r.shown) == ("73.4", "± 6.1", "BW/s", True)


def numbers_with(scene: Scene, **changes: object) -> None:
    old = scene.numbers["valr_bw_s", LEFT]
    scene.numbers["valr_bw_s", LEFT] = old._replace(**changes)  # type: ignore[arg-type]


def test_a_limited_number_loses_a_digit_and_gains_a_reason(scene: Scene) -> None:
    numbers_with(scene, status=Status.LIMITED, reason="100 Hz", value=71.3, low=62.3, high=80.3)
    r = reading(scene, "valr_bw_s", LEFT, STYLE)
    assert (r.value, r.spread, r.beside, r.shortest) == ("≈ 71", "± 9", "± 9, 100 Hz", "100 Hz")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": Status.FEW_CONTACTS, "n": 7}, "7 of 10"),
        ({"status": Status.OK, "n": 7}, "7 of 10"),
        ({"status": Status.RATE_TOO_LOW, "reason": "needs 100 Hz"}, "needs 100 Hz"),
        ({"status": Status.NO_BODY_MASS}, "no body mass"),
        ({"value": float("nan")}, "not measured"),
    ],
)
def test_what_may_not_be_shown_is_a_dash_and_a_reason(scene: Scene, changes: dict[str, object], reason: str) -> None:
    numbers_with(scene, **changes)
    r = reading(scene, "valr_bw_s", LEFT, STYLE)
    assert (r.value, r.spread, r.shown) == (DASH, reason, False)


def test_no_number_outlives_its_link(scene: Scene) -> None:
    lost = du.foot_health(silent_s=2.1)
    scene.absorb(replace(du.empty_update(1130.0), health=du.health(right=lost)))
    for metric in ("valr_bw_s", "contact_time_ms", "peak_force_bw", "peak_pressure_kpa"):
        assert reading(scene, metric, RIGHT, STYLE).value == DASH
        assert reading(scene, metric, RIGHT, STYLE).spread == "no link"
        assert reading(scene, metric, LEFT, STYLE).shown
    assert reading(scene, "cadence_spm", None, STYLE).shown
    assert all(row.right is None and row.left is not None for row in share_rows(scene))
    assert gauge_row(scene, "contact_time_ms", STYLE).reason == "needs both feet"
    both = Health(feet={LEFT: lost, RIGHT: lost})
    scene.absorb(replace(du.empty_update(1131.0), health=both))
    assert not reading(scene, "cadence_spm", None, STYLE).shown


def test_a_foot_that_the_session_has_not(device: Device) -> None:
    scene = Scene({LEFT: device}, du.SETTINGS, du.RUNNER, 0)
    scene.absorb(replace(du.running(device), health=Health(feet={LEFT: du.foot_health()})))
    assert scene.link(RIGHT) is Link.ABSENT
    assert reading(scene, "valr_bw_s", RIGHT, STYLE).spread == "no insole"
    assert gauge_row(scene, "valr_bw_s", STYLE).reason == "needs both feet"
    line = verdict(scene, RECORDED, STYLE)
    assert (line.level, line.text) == (Level.OFF, "Signal good on the left foot.")


# ---- gauges ----------------------------------------------------------------------------------------------------------


def test_left_higher_stands_on_the_left(scene: Scene) -> None:
    row = gauge_row(scene, "valr_bw_s", STYLE)
    assert (row.side, row.value, row.spread) == (LEFT, "+16.8", "± 6.1 %")
    assert row.low < row.at < row.high < 0
    assert row.at == pytest.approx(-16.8 / 50)  # the note line stands half way
    other = gauge_row(scene, "contact_time_ms", STYLE)
    assert (other.side, other.value) == (RIGHT, "+2.0")
    assert 0 < other.low < other.at < other.high


@pytest.mark.parametrize(
    ("gauge", "verdict_text", "short"),
    [
        (du.gauge("peak_force_bw", 0.8, 1.3, 10.0), "not beyond step noise", ""),
        (du.gauge("peak_force_bw", 7.8, 1.3, 10.0), "beyond step noise, below note line", ""),
        (du.gauge("peak_force_bw", 13.1, 2.0, 10.0), "Note: larger than usual, not chance", "note"),
        (du.gauge("peak_force_bw", -13.1, 2.0, 10.0), "Note: larger than usual, not chance", "note"),
        (du.gauge("peak_force_bw", 11.0, 2.0, 10.0), "beyond step noise, below note line", ""),
        (du.gauge("peak_force_bw", 13.1, 2.0, 10.0, calibrated=False), "gain L/R unknown, no flag", "gain unknown"),
        (du.gauge("peak_force_bw", 1.0, 2.0, 10.0, n_left=14), "settling", "settling"),
        (du.gauge("peak_force_bw", 23.1, 2.0, 10.0, n_left=14), "settling", "settling"),
    ],
)
def test_gauges_in_words(scene: Scene, gauge: object, verdict_text: str, short: str) -> None:
    scene.gauges["peak_force_bw"] = gauge  # type: ignore[assignment]
    row = gauge_row(scene, "peak_force_bw", STYLE)
    assert (row.verdict, row.short_verdict) == (verdict_text, short)
    assert row.noted == (short == "note")


def test_a_gauge_that_cannot_be_says_why(scene: Scene) -> None:
    scene.gauges["peak_force_bw"] = du.gauge("peak_force_bw", 1.0, 2.0, 10.0, n_left=0, status=Status.NO_BODY_MASS)
    assert gauge_row(scene, "peak_force_bw", STYLE).reason == "no body mass"
    scene.gauges["peak_force_bw"] = du.gauge("peak_force_bw", float("nan"), 2.0, 10.0)
    assert gauge_row(scene, "peak_force_bw", STYLE).reason == "not measured"


def test_too_few_contacts_leave_an_empty_gauge(scene: Scene) -> None:
    scene.gauges["peak_force_bw"] = du.gauge("peak_force_bw", 1.0, 2.0, 10.0, n_left=7, status=Status.FEW_CONTACTS)
    row = gauge_row(scene, "peak_force_bw", STYLE)
    assert (row.shown, row.reason) == (False, "7 of 10 contacts")


def test_regions_stand_from_toes_to_heel_and_only_with_numbers(scene: Scene, device: Device) -> None:
    assert share_rows(scene)[0].name == "Toes 2–5"
    assert share_rows(scene)[-1] == ShareRow("Heel", 26.0, 22.0)
    assert share_rows(du.scene_for(device)) == ()


# ---- the strip -------------------------------------------------------------------------------------------------------


def lost_update(side: Side, silent_s: float, t_s: float = 1136.0) -> object:
    feet = {s: du.foot_health(silent_s=silent_s if s == side else 0.0) for s in du.FEET}
    return replace(du.empty_update(t_s), health=Health(feet=feet, foot_links={LEFT: 0, RIGHT: 1}))


def test_all_is_well(scene: Scene) -> None:
    line = verdict(scene, RECORDED, STYLE)
    assert (line.level, line.head, line.text) == (Level.OFF, "No flags", "Signal good on both feet.")


def test_the_worst_flag_comes_first(scene: Scene) -> None:
    watch, on = du.rate_flag(), replace(du.rate_flag(FlagState.ON), side=RIGHT)
    scene.flags = (watch, on)
    line = verdict(scene, RECORDED, COMMA)
    assert (line.level, line.head) == (Level.ON, "On")
    assert line.pills == ("Evidence C", "and 1 more")
    assert line.flag is on
    assert line.short == "Left loading rate 78,1 BW/s (72,0 to 84,2), above 70 for 2 min 10 s."
    assert line.text.endswith("others found no link.")
    assert scene.flag_of("valr_bw_s", RIGHT) == FlagState.ON
    assert reading(scene, "valr_bw_s", LEFT, STYLE).flag == FlagState.WATCH


def test_faults_outrank_flags(scene: Scene) -> None:
    scene.absorb(lost_update(RIGHT, 14.0))  # type: ignore[arg-type]
    scene.flags = (du.rate_flag(),)
    event = LinkEvent(0, 1, "lost", "Reconnecting, attempt 5")
    scene.absorb(replace(lost_update(RIGHT, 14.0), events=(event,), flags=scene.flags))  # type: ignore[type-var]
    line = verdict(scene, RECORDED, STYLE)
    assert (line.level, line.head) == (Level.FAULT, "Right insole lost")
    assert line.text == "for 0:14. Reconnecting, attempt 5. The left foot is still measured and recorded."
    assert line.pills == ("and 1 watch flag",)
    assert line.flag is not None


def test_a_recording_in_trouble_is_a_fault_until_the_disk_is_back(scene: Scene) -> None:
    failing = DiskEvent(du.START_NS + 1_100_000_000_000, "failing", "disk full; what is measured is kept in memory")
    scene.absorb(replace(du.empty_update(1140.0), events=(failing,)))
    line = verdict(scene, RECORDED, STYLE)
    assert (line.level, line.head) == (Level.FAULT, "Recording in trouble")
    assert line.text == "for 0:40: Disk full; what is measured is kept in memory. Measuring goes on."
    assert verdict(scene, Playing(live=False, recording=False), STYLE).level != Level.FAULT
    scene.absorb(replace(du.empty_update(1141.0), events=(DiskEvent(0, "back"),)))
    assert verdict(scene, RECORDED, STYLE).level != Level.FAULT


def test_both_lost_and_never_seen(scene: Scene, device: Device) -> None:
    feet = {s: du.foot_health(silent_s=9.0) for s in du.FEET}
    scene.absorb(replace(du.empty_update(1140.0), health=Health(feet=feet)))
    assert verdict(scene, RECORDED, STYLE).head == "Both insoles lost"
    fresh = du.scene_for(device)
    never = {LEFT: du.foot_health(), RIGHT: FootHealth(silent_s=8.0)}
    fresh.absorb(replace(du.empty_update(8.0), health=Health(feet=never)))
    line = verdict(fresh, RECORDED, STYLE)
    assert line.head == "No right insole"
    assert line.text == "for 0:08: nothing came from it yet. The left foot is still measured and recorded."


def test_not_recording_while_live_is_said_and_outranked_by_a_flag(scene: Scene) -> None:
    unkept = Playing(live=True, recording=False)
    assert verdict(scene, unkept, STYLE).head == "Not recording"
    assert verdict(scene, unkept, STYLE).level == Level.WATCH
    scene.flags = (du.rate_flag(),)
    assert verdict(scene, unkept, STYLE).head == "Watch"
    assert verdict(scene, Playing(live=False, recording=False), STYLE).head == "Watch"


def test_no_flags_mode_shows_faults_only(scene: Scene) -> None:
    change = SettingChange(0, "flags.enabled", value=False)
    scene.absorb(replace(du.running(scene.feet[LEFT]), events=(change,), flags=(du.rate_flag(),)))
    assert verdict(scene, RECORDED, STYLE).head == "Flags off"
    assert reading(scene, "valr_bw_s", LEFT, STYLE).shown
    assert reading(scene, "valr_bw_s", LEFT, STYLE).flag == FlagState.OFF
    scene.absorb(lost_update(LEFT, 5.0))  # type: ignore[arg-type]
    assert verdict(scene, RECORDED, STYLE).level == Level.FAULT


def test_a_hidden_flag_stays_hidden_and_is_counted(scene: Scene) -> None:
    scene.flags = (du.rate_flag(),)
    scene.hidden.add(flag_key(scene.flags[0]))
    line = verdict(scene, RECORDED, STYLE)
    assert (line.head, line.pills) == ("No flags", ("1 hidden flag",))


def test_the_end_in_words(device: Device) -> None:
    scene = du.scene_for(device)
    keeping = Playing(live=False, recording=False)
    assert verdict(scene, keeping, STYLE).head == "Waiting"
    scene.absorb(replace(du.empty_update(20.0), health=du.health()))
    assert verdict(scene, keeping, STYLE).head == "No running yet"
    scene.ended = True
    assert "No running was found" in verdict(scene, keeping, STYLE).text
    empty = du.scene_for(device)
    empty.ended = True
    assert verdict(empty, keeping, STYLE).text == "The source held no data."


def test_what_ended_the_session_is_said(scene: Scene) -> None:
    scene.error = OSError("no space left on device")
    scene.ended = True
    line = verdict(scene, RECORDED, STYLE)
    assert (line.level, line.head) == (Level.FAULT, "Measuring stopped")
    assert line.text == "no space left on device. What was recorded until then is kept."


def test_a_bad_signal_is_a_fault_of_the_measurement(scene: Scene) -> None:
    text = "Left insole loses 4.3 % of its samples. Flags are paused until it is under 2 %."
    bad = replace(du.rate_flag(), rule="signal_quality", metric="loss_pct", evidence="", text=text)
    scene.flags = (du.rate_flag(), bad)
    line = verdict(scene, RECORDED, COMMA)
    assert (line.level, line.head, line.pills) == (Level.FAULT, "Signal", ("and 1 watch flag",))
    assert line.short == "Left insole loses 4,3 % of its samples."
    assert why_page(scene, bad, STYLE).level == Level.FAULT


def test_a_warning_of_the_file_is_a_sentence_on_the_quiet_line(scene: Scene) -> None:
    scene.warnings.append("body mass estimated, 71.2 kg")
    line = verdict(scene, RECORDED, COMMA)
    assert line.text == "Signal good on both feet. Body mass estimated, 71,2 kg."
    assert line.short == "Signal good on both feet."


def test_too_much_loss_is_not_called_good(scene: Scene) -> None:
    scene.absorb(replace(du.empty_update(1123.0), health=du.health(right=du.foot_health(loss_pct=3.14))))
    assert verdict(scene, RECORDED, STYLE).text == "Right insole loses 3.1 % of its samples."


def test_how_the_session_is_played() -> None:
    assert Playing(live=True, recording=True).badge() == "REC"
    assert Playing(live=True, recording=False).badge() == "LIVE"
    speeds = {None: "", 1.0: "", 0.25: "0,25×", 16.0: "16×", float("inf"): "fastest"}
    for speed, text in speeds.items():
        assert Playing(live=False, recording=False, speed=speed).pace(COMMA) == text
    assert [next_speed(s, step) for s, step in ((1.0, 1), (16.0, 1), (0.1, -1), (3.1, -1))] == [2.0, 16.0, 0.1, 2.0]


# ---- footer ----------------------------------------------------------------------------------------------------------


def test_the_footer(scene: Scene) -> None:
    left = foot_status(scene, LEFT, STYLE)
    assert (left.head, left.pairs) == ("200 Hz", (("loss", "0.1 %"), ("battery", "81 %")))
    assert session_status(scene, STYLE) == (("L–R clock", "+1.8 ± 0.6 ms"), ("Body-weight check", "1.02"))
    scene.absorb(lost_update(RIGHT, 14.0))  # type: ignore[arg-type]
    right = foot_status(scene, RIGHT, STYLE)
    assert (right.head, right.fault) == ("No link, 0:14", True)
    assert session_status(scene, STYLE) == (("L–R clock", DASH), ("Body-weight check", "needs both feet"))


def test_a_computer_that_is_behind_says_so(scene: Scene) -> None:
    for behind_s, said in ((0.4, False), (1.26, True)):
        scene.absorb(replace(du.empty_update(1123.0), health=replace(du.health(), behind_s=behind_s)))
        assert (("Computer behind", "1.3 s") in session_status(scene, STYLE)) is said


def test_unknown_figures_are_left_out(device: Device) -> None:
    scene = du.scene_for(device)
    scene.absorb(replace(du.empty_update(1.0), health=Health(feet={LEFT: FootHealth(frames=3), RIGHT: FootHealth()})))
    assert foot_status(scene, LEFT, STYLE).pairs == ()
    assert foot_status(scene, RIGHT, STYLE).head == "waiting"


# ---- silence, drawer -------------------------------------------------------------------------------------------------


def test_spans_without_data_begin_when_the_foot_fell_silent(scene: Scene) -> None:
    scene.absorb(lost_update(RIGHT, 14.0, t_s=1136.0))  # type: ignore[arg-type]
    assert [(s.side, s.from_s, s.to_s) for s in scene.spans] == [(RIGHT, 1122.0, None)]
    scene.absorb(lost_update(RIGHT, 20.0, t_s=1142.0))  # type: ignore[arg-type]
    assert len(scene.spans) == 1
    heard = SilentSpan(RIGHT, 1122.0, 1143.0)
    scene.absorb(replace(du.empty_update(1143.0), health=du.health(), silences=(heard,)))
    assert [(s.side, s.from_s, s.to_s) for s in scene.spans] == [(RIGHT, 1122.0, 1143.0)]


def test_the_drawer_shows_evidence_against_beside_evidence_for(scene: Scene) -> None:
    page = why_page(scene, du.rate_flag(), STYLE)
    assert [title for title, _ in page.sections] == ["For", "Against", "This measurement"]
    assert page.axis is not None
    assert [label for _, label, _ in page.axis.lines] == ["66", "70", "target 58"]
    assert page.axis.low <= 58
    assert page.axis.high >= 79.5
    assert "“On” needs the whole interval above 70 for 1 min." in page.statement
    assert "injury" in page.says_not


def test_a_flag_on_limited_numbers_does_not_promise_what_cannot_come(scene: Scene) -> None:
    numbers_with(scene, status=Status.LIMITED)
    assert why_page(scene, du.rate_flag(), STYLE).statement.endswith("which keeps it from “On”.")


def test_gains_found_by_a_fit_check_in_the_session_are_known(scene: Scene) -> None:
    for calibrated, said in ((False, "not known"), (True, "known")):
        gauges = tuple(replace(gauge, calibrated=calibrated) for gauge in du.gauges())
        scene.absorb(replace(du.empty_update(), gauges=gauges, health=scene.health))
        assert ("Left and right gain", said) in how_to_read(scene, "valr_bw_s", STYLE)


def test_a_rule_without_figures_still_has_a_page(scene: Scene) -> None:
    nan = float("nan")
    flag = Flag("unheard_of", FlagState.WATCH, None, 1.0, 2.0, nan, nan, nan, nan, "", "", "Something was seen.")
    page = why_page(scene, flag, STYLE)
    assert page.axis is None
    assert page.statement == "Something was seen."

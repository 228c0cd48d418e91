"""What set-up makes of what is typed, what it remembers, and how it opens a source; no Qt."""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import recorded

from insole.blocks import Input, Marker, Side, Tick
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.setup.choices import LIVE, PROFILED, QUANTITIES, TRY_OUT, Choices, free_name, recording_name
from insole.dashboard.setup.lines import battery_line, device_lines, disk_line, runner_line, source_line
from insole.dashboard.setup.opening import live_source, open_chosen
from insole.dashboard.setup.remembered import Remembered
from insole.errors import InsoleError, RecordingError
from insole.fitting.mark import Mark
from insole.recording import Held, Recorder, open_recording
from insole.sources import SCHEMES
from insole.sources.replay import ReplaySource

pytest.importorskip("PySide6", reason="the gui extra is not installed")

MASS = QUANTITIES[0]
R14 = Choices(source=TRY_OUT, code="R-014", body_mass_kg=62.5, height_m=1.71, shoe="Trail A", speed_m_s=10 / 3.6)


@pytest.mark.parametrize(("text", "value"), [("62.5", 62.5), ("62,5", 62.5), (" 70 ", 70.0), ("", None), ("  ", None)])
def test_a_number_is_read_as_people_write_it(text: str, value: float | None) -> None:
    assert MASS.read(text) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [("heavy", "'heavy' is no number: expected 20 to 250 kg"), ("7", "7 kg: expected 20 to 250 kg"), ("nan", "nan kg")],
)
def test_what_is_no_body_mass_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MASS.read(text)


def test_a_form_gives_a_runner_and_what_is_wrong_stays_unknown() -> None:
    texts = {"code": " R-014 ", "body_mass_kg": "62,5", "height_m": "171", "speed_m_s": "fast", "incline_pct": "1"}
    choices, wrong = Choices().with_runner(texts)
    assert wrong == {"speed_m_s": "'fast' is no number: expected 0.5 to 46 km/h"}
    runner = choices.runner
    assert (runner.code, runner.body_mass_kg, runner.speed_m_s, runner.incline_pct) == ("R-014", 62.5, None, 1.0)
    assert runner.height_m == pytest.approx(1.71)


def test_a_form_shows_what_it_was_given() -> None:
    texts = R14.runner_texts()
    assert (texts["body_mass_kg"], texts["height_m"], texts["speed_m_s"], texts["incline_pct"]) == (
        "62.5",
        "171",
        "10",
        "",
    )
    assert Choices(source=TRY_OUT).with_runner(texts) == (R14, {})


@pytest.mark.parametrize(
    ("choices", "urls"),
    [
        (Choices(source="serial:COM5"), ["serial:COM5"]),
        (Choices(source="serial:COM5 serial:COM6"), ["serial:COM5", "serial:COM6"]),
        (Choices(source="serial:COM5", device="demo16", feet="left"), ["serial:COM5?device=demo16&feet=left"]),
        (Choices(source="serial:COM5?lines=board.toml", device="demo16"), ["serial:COM5?lines=board.toml"]),
        (Choices(source="ble:A,B?device=mine.toml", device="demo16"), ["ble:A,B?device=mine.toml"]),
        (Choices(source="replay:C:\\my runs\\a.mcap"), ["replay:C:\\my runs\\a.mcap"]),
        (Choices(source="synthetic:?limp=0.2", body_mass_kg=62.5), ["synthetic:?limp=0.2&mass=62.5"]),
        (Choices(source="synthetic:?mass=80", body_mass_kg=62.5, speed_m_s=1.0), ["synthetic:?mass=80"]),
    ],
)
def test_choices_become_sources(choices: Choices, urls: list[str]) -> None:
    assert choices.urls == urls


def test_a_recording_gets_a_name_of_its_own(tmp_path: Path) -> None:
    name = recording_name("R 014/left", datetime(2026, 11, 27, 14, 5))
    assert name == "2026-11-27_1405_R-014-left.mcap"
    assert free_name(tmp_path, name) == name
    (tmp_path / name).touch()
    assert free_name(tmp_path, name) == "2026-11-27_1405_R-014-left_2.mcap"


# ---- remembered -----------------------------------------------------------------------------------------------------


def test_last_time_is_remembered_by_code_in_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "config" / "setup.json"
    Remembered(path).keep(replace(R14, notes="sore heel"))
    again = Remembered(path)
    assert again.choices == R14  # but for the notes, which are of that session
    other = again.runner(again.choices, "R-015")
    assert (other.code, other.body_mass_kg, other.height_m, other.shoe, other.source) == (
        "R-015",
        None,
        None,
        "",
        TRY_OUT,
    )
    assert again.runner(other, "R-014") == R14
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again.forget("R-014")
    assert "R-014" not in path.read_text()
    assert Remembered(path).choices.body_mass_kg is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "choices": {"body_mass_kg": 7}, "runners": {}}', "\0\0"]
)
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "setup.json"
    path.write_text(text)
    assert Remembered(path).choices == Choices()


def test_values_of_another_kind_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "setup.json"
    path.write_text('{"schema": 1, "choices": {"code": 5, "shoe": "A", "record": 1, "new": 2}, "runners": {}}')
    assert Remembered(path).choices == Choices(shoe="A")


# ---- opening --------------------------------------------------------------------------------------------------------


def test_a_live_source_gets_the_runner_and_begins_now(tmp_path: Path) -> None:
    choices = replace(R14, source="synthetic:", notes="first try")
    opened = open_chosen(choices, tmp_path)
    assert opened.feet.keys() == {Side.LEFT, Side.RIGHT}
    source = live_source(opened, choices, None, fresh=True)
    assert source.header.runner == choices.runner
    assert source.header.notes == "first try"
    assert source.header.start_host_ns > opened.header.start_host_ns  # a synthetic runner sets out anew


def test_a_recording_plays_and_a_vendors_file_becomes_one(tmp_path: Path) -> None:
    recording = tmp_path / "my run.mcap"
    recording.write_bytes(recorded.recorded_bytes(1.0))
    for text in (f"replay:{recording}", str(recording)):
        assert open_chosen(Choices(source=text), tmp_path).header.feet.keys() == {Side.LEFT, Side.RIGHT}
    table = tmp_path / "force.csv"
    rows = [f"{i / 100},{700 if i % 40 < 25 else 0}\n" for i in range(200)]
    table.write_text("time_s,left_force_n\n" + "".join(rows))
    opened = open_chosen(Choices(source=f"replay:{table}", code="R-1", body_mass_kg=70.0), tmp_path)
    assert (opened.header.runner.code, opened.header.runner.body_mass_kg) == ("R-1", 70.0)
    assert opened.header.source == "import:force"


def test_openings_of_one_file_do_not_write_over_each_other(tmp_path: Path) -> None:
    """One that is given up goes on in the background, and must not give its runner to the next."""
    table = tmp_path / "run.csv"
    table.write_text("time_s,left_force_n\n" + "\n".join(f"{i / 100},{i % 70}" for i in range(700)) + "\n")
    recordings = []
    for code in ("R-1", "R-2"):
        source = open_chosen(Choices(source=str(table), code=code, body_mass_kg=70.0), tmp_path).source
        assert isinstance(source, ReplaySource)
        recordings.append(source.path)
    assert [open_recording(path).header.runner.code for path in recordings] == ["R-1", "R-2"]


def test_a_link_of_tomorrow_is_live_and_may_need_a_profile() -> None:
    """Set-up takes what the table of sources has, and needs no row of its own."""
    assert set(LIVE) == set(SCHEMES) - {"replay"}
    assert set(PROFILED) == set(LIVE) - {"synthetic"}


@pytest.mark.parametrize("source", ["", "pigeon:coo", "replay:nowhere.mcap", "synthetic:?limp=9", "serial:"])
def test_a_source_that_does_not_open_is_one_line(source: str, tmp_path: Path) -> None:
    with pytest.raises(InsoleError) as caught:
        open_chosen(Choices(source=source), tmp_path)
    assert "\n" not in str(caught.value)


# ---- held -----------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Input]:
    return [item for inputs in open_recording(path).inputs() for item in inputs]


def test_what_is_held_is_recorded_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "kept.mcap"
    held = Held()
    items: list[Input] = [Marker(i, "note", str(i)) for i in range(1, 30)]
    for item in items[:20]:
        assert held([item]) == [item]
    held.record(lambda: Recorder(path, recorded.header()))
    for item in items[20:]:
        assert list(held([item])) == [item]
    held.close()
    assert [item for item in read(path) if isinstance(item, Marker)] == items
    assert open_recording(path).complete


def test_a_recording_asked_for_at_the_very_end_is_whole(tmp_path: Path) -> None:
    held = Held()
    held([Marker(5, "note")])
    held.record(lambda: Recorder(tmp_path / "kept.mcap", recorded.header()))
    held.close()
    assert read(tmp_path / "kept.mcap") == [Marker(5, "note")]


def test_too_much_is_not_kept_and_that_is_said(tmp_path: Path) -> None:
    held = Held(limit_bytes=1000)
    for inputs in recorded.session(1.0):
        held(inputs)
    with pytest.raises(RecordingError, match="set-up lasted too long"):
        held.record(lambda: Recorder(tmp_path / "kept.mcap", recorded.header()))
    dropped = Held()
    dropped.drop()
    assert dropped([Tick(1)]) == [Tick(1)]


# ---- words ----------------------------------------------------------------------------------------------------------


def test_the_lines_say_what_is_missing(tmp_path: Path) -> None:
    choices = replace(R14, folder=str(tmp_path / "not yet" / "there"))
    feet = open_chosen(Choices(source="synthetic:"), tmp_path).feet
    assert source_line(choices, opening=False, opened=False, trouble="no such port").mark is Mark.FIX
    assert source_line(Choices(), opening=False, opened=False, trouble="").title == "No source yet"
    assert runner_line(choices.runner).title == "R-014 · 62.5 kg · 171 cm · 10 km/h"
    assert "newtons" in runner_line(replace(choices.runner, body_mass_kg=None)).detail
    assert "Room for" in disk_line(choices, feet).detail
    assert disk_line(replace(choices, record=False), feet).mark is Mark.SKIPPED
    alone = device_lines({Side.LEFT: feet[Side.LEFT]}, live=True)
    assert [(line.mark, line.title) for line in alone] == [(Mark.PASS, "Left insole"), (Mark.FIX, "No right insole")]


@pytest.mark.parametrize(("levels", "mark"), [((81, 78), Mark.PASS), ((81, 12), Mark.FIX), ((), Mark.WAITING)])
def test_batteries(levels: tuple[float, ...], mark: Mark) -> None:
    from insole.blocks import FootHealth, Health

    feet = {side: FootHealth(battery_pct=level) for side, level in zip((Side.LEFT, Side.RIGHT), levels, strict=False)}
    assert battery_line(Health(feet=feet), NumberStyle()).mark is mark

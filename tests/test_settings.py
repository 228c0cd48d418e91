"""Settings: strict where a person writes them, tolerant where another version did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import recorded

from insole.blocks import SettingChange, Side
from insole.device import force_device
from insole.errors import SettingsError
from insole.pipeline import Pipeline
from insole.plain_values import known_part
from insole.settings import Calibration, Runner, Settings


def test_defaults_go_through_plain_values_unchanged() -> None:
    assert Settings.from_dict(Settings().to_dict()) == Settings()


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"clinic\.toml: cannot be opened: No such file or directory$"):
        Settings.read(tmp_path / "clinic.toml")


def test_a_file_sets_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_text("target_valr_bw_s = 58\n[flags]\nenabled = false\n[flags.limits]\nvalr_on_bw_s = 75\n")
    settings = Settings.read(path)
    assert settings.target_valr_bw_s == 58.0
    assert not settings.flags.enabled
    assert settings.flags.limits.valr_on_bw_s == 75.0
    assert settings.flags.limits.valr_watch_bw_s == 66.0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("colour = 3", "colour"),
        ("[flags]\nloud = true", "flags.loud"),
        ("[flags.limits]\nvalr_on_bw_s = 'high'", "flags.limits.valr_on_bw_s"),
        ("[events]\nthreshold_n = 5000", "threshold_n"),
        ("flags = 3", "flags"),
        ("[calibration]\nzero_left_kpa = 3", "calibration.zero_left_kpa"),
        ("[calibration]\nzero_left_kpa = ['much']", "calibration.zero_left_kpa"),
        ("not toml", "clinic.toml"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "clinic.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=names):
        Settings.read(path)


def test_what_another_version_wrote_is_kept_as_far_as_it_is_known() -> None:
    values = Settings().to_dict()
    values["flags"]["limits"]["valr_on_bw_s"] = 72.0
    values["flags"]["limits"]["of_tomorrow"] = 1.0
    values["holidays"] = {"a": 1}
    known, dropped = known_part(Settings, values)
    assert Settings.from_dict(known).flags.limits.valr_on_bw_s == 72.0
    assert sorted(dropped) == ["flags.limits.of_tomorrow", "holidays"]


def test_a_zero_of_another_insole_is_refused() -> None:
    settings = Settings(calibration=Calibration(zero_right_kpa=(1.0, 2.0)))
    with pytest.raises(SettingsError, match=r"zero_right_kpa: 2 values for an insole of 4 cells"):
        replace(recorded.header(), settings=settings)


@pytest.mark.parametrize("mass", [0.0, 5.0, 900.0])
def test_an_impossible_body_mass_is_refused(mass: float) -> None:
    with pytest.raises(SettingsError, match="body mass"):
        Runner(body_mass_kg=mass)


def test_a_change_that_is_not_known_is_said_and_the_session_goes_on() -> None:
    feet = {Side.LEFT: force_device("plate", 200.0, 0.1)}
    pipeline = Pipeline(feet, Settings(), Runner(body_mass_kg=70.0), 0)
    update = pipeline.push([SettingChange(0, "flags.of_tomorrow", 3.0), SettingChange(1, "flags.enabled", False)])
    assert any("of_tomorrow" in line for line in update.warnings)
    assert [event.key for event in update.events if isinstance(event, SettingChange)][-1] == "flags.enabled"

"""Flags: wording, the table of rules, the settings they read."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pytest
from contact_rows import left_right
from flagged import eventful, judged, medians, with_rolling

from insole.errors import SettingsError
from insole.pipeline.flags import RULES
from insole.pipeline.flags.conditions import KINDS
from insole.pipeline.flags.text import duration
from insole.settings import Baseline, FlagSettings, Limits, Settings

FORBIDDEN = (
    r"\b(injury risk|danger|damage|abnormal|bad|weak side|poor|correct|normal|diagnosis|you should)\b|!|[A-Z]{3,}"
)
NAMES = r"\b(BMJ|BJSM|MSSE|JSHS|JSAMS|CJSM|JFAR|JSSM|HMS|METRICS|PLoS ONE|ONE)\b"


def test_texts_are_those_of_the_design() -> None:
    n = 131
    (watch,) = judged(medians(np.full(n, 73.4), np.full(n, 67.3), np.full(n, 79.5)))[1]
    assert watch.text == (
        "Left loading rate 73.4 BW/s (67.3 to 79.5), above 66 for 2 min 10 s. "
        "Some studies link such values to stress fractures, others found no link."
    )
    n = 361
    (on,) = judged(medians(np.full(n, 78.1), np.full(n, 71.9), np.full(n, 84.3)))[1]
    assert on.text == "Left loading rate 78.1 BW/s (71.9 to 84.3), above 70 for 6 min. Evidence C, conflicting."
    assert (on.evidence, on.unit, on.metric) == ("C", "BW/s", "valr_bw_s")


def test_a_difference_names_the_higher_side() -> None:
    k = 400
    _, (flag,) = judged(with_rolling(k, peak_force_bw=left_right(k, 2.9, 2.5)))
    assert re.fullmatch(
        r"Peak force differs, left higher by 14\.\d % \(14\.\d to 15\.\d\), above 10 for 2 min \d s: larger than "
        r"usual, not chance\. Asymmetry was not linked to more injuries in 836 runners\.",
        flag.text,
    )


def test_no_forbidden_word_anywhere() -> None:
    texts = [flag.text for seed in range(5) for part in judged(*eventful(seed)) for flag in part]
    for rule in RULES.values():
        texts += [rule.title, *rule.why_for, *rule.why_against, rule.not_said]
        texts += [part for when in rule.when for part in (when.text, when.adds, when.adds_on)]
    for text in texts:
        assert not re.search(FORBIDDEN, re.sub(NAMES, "", text)), text


def test_every_rule_of_the_specification_is_there_and_names_what_exists() -> None:
    assert list(RULES) == [
        "high_loading_rate",
        "loading_rate_up",
        "within_run_drift",
        "asymmetry",
        "heel_pressure_high",
        "medial_shift",
        "lateral_rolloff",
        "uneven_surface",
        "signal_quality",
    ]
    limits, baseline = ({f.name for f in fields(cls)} for cls in (Limits, Baseline))
    for rule in RULES.values():
        assert rule.why_for
        assert rule.source
        for when in rule.when:
            assert when.kind in KINDS
            assert {when.on, when.watch or when.on} <= limits
            assert {name for name in (when.baseline, when.spread) if name} <= baseline


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1 s"),
        (44.6, "45 s"),
        (60, "1 min"),
        (130, "2 min 10 s"),
        (360, "6 min"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"flags": {"persist_s": -1.0}}, "flags.persist_s"),
        ({"flags": {"limits": {"valr_on_bw_s": 60.0}}}, "valr_on_bw_s"),
        ({"flags": {"limits": {"drift_pct": 1.0}}}, "drift_pct"),
        ({"baseline": {"valr_bw_s": 0.0}}, "baseline.valr_bw_s"),
    ],
)
def test_settings_out_of_range_are_named(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.from_dict(values)


def test_settings_survive_a_header() -> None:
    changed = Settings(baseline=Baseline(mlr_mean=-0.1, mlr_sd=0.05), flags=FlagSettings(limits=Limits(loss_pct=3.0)))
    assert Settings.from_dict(changed.to_dict()) == changed

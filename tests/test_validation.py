"""The page of `make validate`: what it says follows from truth and table."""

from __future__ import annotations

import pytest

from benchmarks.validation import AGAINST_IDEAL, AGAINST_TRUTH, outcome
from benchmarks.validation_page import page


def test_a_clean_run_is_found_whole_with_small_errors() -> None:
    result = outcome(seconds=15.0)
    assert result.true_contacts > 25
    assert result.missing == 0
    assert result.valid >= result.true_contacts - 1  # the last contact ends with the recording
    assert len(result.truth) == len(AGAINST_TRUTH) + 1
    assert len(result.ideal) == len(AGAINST_IDEAL)
    rate = result.truth["valr_bw_s, %"]
    assert abs(rate.median) < 2.0
    assert 0.0 < rate.spread < 3.0
    assert rate.withheld == 0.0
    for name, within in (("contact_time_ms, ms", 5.0), ("step_time_ms, ms", 1.0), ("flight_time_ms, ms", 5.0)):
        assert abs(result.truth[name].median) < within
        assert result.truth[name].withheld < 0.2
    assert abs(result.ideal["impulse_bw_s, %"].median) < 2.0
    assert abs(result.ideal["pti_peak_kpa_s, %"].median) < 5.0


def test_what_the_device_cannot_measure_is_withheld_and_shown_as_a_dash() -> None:
    result = outcome(seconds=15.0, rate_hz=75.0)
    assert result.truth["valr_bw_s, %"].withheld == 1.0
    text = page([("Too slow", "Hz", [("75", result)])], 15.0)
    assert "<td>–</td>" in text
    assert "Too slow: valr_bw_s, % mostly withheld at 75 Hz" in text


def test_a_large_error_is_named_first_and_marked() -> None:
    noisy, hopeless = (outcome(seconds=15.0, noise_kpa=kpa) for kpa in (8.0, 20.0))
    assert noisy.truth["valr_bw_s, %"].spread > 5.0
    assert hopeless.valid == 0
    text = page([("Noise", "kPa", [("8", noisy), ("20", hopeless)])], 15.0)
    assert "Noise: valr_bw_s, % off at 8 kPa" in text
    assert "Noise: hardly a valid contact at 20 kPa" in text
    assert "class='bad'" in text


@pytest.mark.parametrize("loss_pct", [5.0])
def test_lost_packets_cost_contacts_and_none_is_missing_from_the_table(loss_pct: float) -> None:
    result = outcome(seconds=20.0, loss_pct=loss_pct)
    assert result.valid < result.true_contacts
    assert result.missing == 0

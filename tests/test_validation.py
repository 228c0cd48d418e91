"""The page of `make validate`: what it says follows from truth and table."""

from __future__ import annotations

import pytest

from benchmarks.validation import outcome, page


def test_a_clean_run_is_found_whole_with_small_errors() -> None:
    result = outcome(seconds=15.0)
    assert result.true_contacts > 25
    assert result.missing == 0
    assert result.valid >= result.true_contacts - 1  # the last contact ends with the recording
    median, spread, withheld = result.errors["valr_bw_s, %"]
    assert abs(median) < 2.0
    assert 0.0 < spread < 3.0
    assert withheld == 0.0


def test_what_the_device_cannot_measure_is_withheld_and_shown_as_a_dash() -> None:
    result = outcome(seconds=15.0, rate_hz=75.0)
    assert result.errors["valr_bw_s, %"][2] == 1.0
    text = page([("Too slow", "Hz", [("75", result)])])
    assert "<td>–</td><td>100 %</td>" in text
    assert "Too slow" in text


@pytest.mark.parametrize("loss_pct", [5.0])
def test_lost_packets_cost_contacts_and_none_is_missing_from_the_table(loss_pct: float) -> None:
    result = outcome(seconds=20.0, loss_pct=loss_pct)
    assert result.valid < result.true_contacts
    assert result.missing == 0

"""Frame numbers from time stamps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insole.errors import FormatError
from insole.formats.clock import PADDED, FrameNumbers, nominal_hz, rising, typical_period_s
from insole.formats.findings import Findings

PATH = Path("file.csv")


def numbered(
    stamps: list[float], period_s: float = 0.01, *, cut: int | None = None, jump: float = 1.5
) -> tuple[list[int], Findings]:
    findings = Findings()
    numbers = FrameNumbers(PATH, period_s, findings, jump)
    t_s = np.array(stamps)
    out: list[int] = []
    for part in np.split(np.arange(len(t_s)), [cut] if cut else []):
        keep, number = numbers.number(part + 1, t_s[part])
        assert np.count_nonzero(keep) == len(number)
        out += number.tolist()
    return out, findings


def test_a_regular_file_counts_up() -> None:
    assert numbered([5.0, 5.01, 5.02, 5.03])[0] == [0, 1, 2, 3]


def test_missing_samples_are_missing_numbers() -> None:
    assert numbered([0.0, 0.01, 0.04, 0.05])[0] == [0, 1, 4, 5]


def test_rounded_stamps_are_regular() -> None:
    stamps = np.round(np.arange(300) / 75, 3)
    assert numbered(stamps.tolist(), 1 / 75)[0] == list(range(300))


def test_repeated_stamps_are_dropped_and_counted() -> None:
    number, findings = numbered([0.0, 0.01, 0.01, 0.02])
    assert number == [0, 1, 2]
    assert findings.lines() == ("1 rows that repeat a time stamp: left out (first in line 3)",)


def test_a_padded_file_has_no_gaps_around_its_repeats() -> None:
    number, _ = numbered([0.17, 0.18, 0.18, 0.185, 0.195, 0.195, 0.2, 0.3], 0.005, jump=PADDED)
    assert number == [0, 1, 2, 3, 4, 24]


def test_a_damaged_stamp_is_one_row() -> None:
    number, findings = numbered([0.0, 0.01, 0.02, 90.03, 0.04, 0.05, 0.06])
    assert number == [0, 1, 2, 4, 5, 6]
    assert findings.count("rows without a usable time stamp: left out") == 1


def test_an_empty_stamp_is_one_row() -> None:
    assert numbered([0.0, np.nan, 0.02])[0] == [0, 2]


@pytest.mark.parametrize("stamps", [[0, 0.01, 0.02, 0.0, 0.01, 0.02, 0.03], [0, 0.01, 0.02, 8000.0, 8000.01, 8000.02]])
def test_time_that_goes_back_or_far_away_is_refused(stamps: list[float]) -> None:
    with pytest.raises(FormatError, match="line 4: time jumps"):
        numbered(stamps)


def test_uneven_stamps_are_refused() -> None:
    rng = np.random.default_rng(1)
    stamps = np.cumsum(rng.uniform(0.002, 0.018, 200))
    with pytest.raises(FormatError, match="not evenly spaced"):
        numbered(stamps.tolist())


@given(st.lists(st.integers(1, 6), min_size=2, max_size=40), st.integers(1, 39))
def test_blocks_do_not_matter(steps: list[int], cut: int) -> None:
    stamps = (np.cumsum(steps) * 0.01).round(4).tolist()
    assert numbered(stamps, cut=cut)[0] == (np.cumsum(steps) - steps[0]).tolist()


def test_the_true_rate_of_a_padded_file() -> None:
    numbers = FrameNumbers(PATH, 0.005, Findings(), PADDED)
    true_s = np.arange(1000) / 195.0
    numbers.number(np.arange(1000), np.round(true_s / 0.005) * 0.005)
    assert numbers.clock().rate_hz == pytest.approx(195.0, rel=1e-3)


@pytest.mark.parametrize(
    ("stamps", "period_s"),
    [(np.arange(50) / 300, 1 / 300), ([0, 0.01, 0.02, 0.5, 0.51], 0.01), (np.arange(9).round(2) / 50, 0.02)],
)
def test_typical_period(stamps: list[float], period_s: float) -> None:
    assert typical_period_s(PATH, np.array(stamps)) == pytest.approx(period_s)


@pytest.mark.parametrize("stamps", [[], [1.0], [1.0, 1.0, 1.0], [0.0, 5.0, 10.0]])
def test_no_period(stamps: list[float]) -> None:
    with pytest.raises(FormatError):
        typical_period_s(PATH, np.array(stamps))


@pytest.mark.parametrize(
    ("rate_hz", "nominal"), [(199.6, 200.0), (75.13, 75.0), (62.5, 62.5), (31.25, 31.25), (300.0001, 300.0)]
)
def test_nominal_rate(rate_hz: float, nominal: float) -> None:
    assert nominal_hz(1 / rate_hz) == pytest.approx(nominal, rel=1e-6)


class Frame:
    def __init__(self, number: int) -> None:
        self.number = number


@pytest.mark.parametrize(
    ("given_numbers", "kept"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1, 92, 3, 4], [1, 3, 4]),
        ([5, 6, 1, 7], [5, 6, 7]),
        ([9, 2, 3], [2, 3]),
        ([1, 1, 2], [1, 2]),
        ([], []),
    ],
)
def test_numbers_rise(given_numbers: list[int], kept: list[int]) -> None:
    findings = Findings()
    assert [frame.number for frame in rising(map(Frame, given_numbers), findings)] == kept
    assert sum(findings.count(line) for line in ["frames whose number does not rise: left out"]) == len(
        given_numbers
    ) - len(kept)

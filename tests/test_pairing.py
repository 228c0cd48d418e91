"""Pair metrics in the table: what sampling rate, clocks and body mass allow of them, and the body-weight check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from insole.blocks import ContactTable, Kind, Quality, Side, Status
from insole.device import Device, force_device
from insole.pipeline.metrics import CONTACT_METRICS, PAIR_METRICS
from insole.pipeline.pairing import CLOCK_U, DEVICE_STRIKE, DEVICE_TOE_OFF, Pairing
from insole.settings import Runner

STEP_S, CONTACT_S = 0.35, 0.25
RUNNER = Runner(body_mass_kg=70.0, height_m=1.8, speed_m_s=3.0)
TIMES_OF_STRIKES = {"step_time_ms", "stride_time_ms"}
TIMES_OF_TOE_OFFS = {"flight_time_ms", "swing_time_ms", "duty_factor"}
SPRING = {"modelled_peak_force_bw", "vertical_stiffness_kn_m", "leg_stiffness_kn_m", "vertical_oscillation_mm"}


def both_feet(rate_hz: float) -> dict[Side, Device]:
    return {side: force_device("plate", rate_hz, 1.0) for side in (Side.LEFT, Side.RIGHT)}


def even_run(k: int = 12, impulse_bw_s: float = STEP_S, clock_u_s: float = 0.001) -> ContactTable:
    strike = np.arange(k) * STEP_S
    given = {metric.name: np.full(k, 1.0) for metric in CONTACT_METRICS}
    return ContactTable(
        np.arange(k),
        np.arange(k, dtype=np.int8) % 2,
        np.full(k, Kind.RUN, np.int8),
        strike,
        strike + CONTACT_S,
        np.zeros(k, np.uint16),
        {
            **given,
            "impulse_bw_s": np.full(k, impulse_bw_s),
            DEVICE_STRIKE: strike,
            DEVICE_TOE_OFF: strike + CONTACT_S,
            CLOCK_U: np.full(k, clock_u_s),
        },
        {},
        {metric.name: np.zeros(k, np.uint8) for metric in CONTACT_METRICS},
    )


def last_statuses(table: ContactTable) -> dict[str, Status]:
    return {metric.name: Status(int(table.status[metric.name][-1])) for metric in PAIR_METRICS}


@pytest.mark.parametrize(
    ("rate_hz", "strikes", "toe_offs", "spring"),
    [
        (200.0, Status.OK, Status.OK, Status.OK),
        (100.0, Status.OK, Status.LIMITED, Status.OK),
        (50.0, Status.OK, Status.RATE_TOO_LOW, Status.LIMITED),
        (25.0, Status.LIMITED, Status.RATE_TOO_LOW, Status.RATE_TOO_LOW),
        (20.0, Status.RATE_TOO_LOW, Status.RATE_TOO_LOW, Status.RATE_TOO_LOW),
    ],
)
def test_rates_of_metrics_md_12(rate_hz: float, strikes: Status, toe_offs: Status, spring: Status) -> None:
    table = Pairing(RUNNER, both_feet(rate_hz)).push(even_run())
    expected = {
        **dict.fromkeys(TIMES_OF_STRIKES, strikes),
        **dict.fromkeys(TIMES_OF_TOE_OFFS, toe_offs),
        **dict.fromkeys(SPRING, spring),
    }
    assert last_statuses(table) == expected
    for name, status in expected.items():
        assert np.isfinite(table.columns[name][-1]) == (status <= Status.LIMITED), name


def test_the_slower_of_two_devices_decides() -> None:
    feet = both_feet(200.0) | {Side.RIGHT: force_device("slow", 100.0, 1.0)}
    assert last_statuses(Pairing(RUNNER, feet).push(even_run()))["flight_time_ms"] == Status.LIMITED


def test_feet_that_are_not_synchronised_to_5_ms_limit_what_lies_between_them() -> None:
    """METRICS.md 1.7; stride and swing lie within one foot."""
    statuses = last_statuses(Pairing(RUNNER, both_feet(200.0)).push(even_run(clock_u_s=0.003)))
    between = {"step_time_ms", "flight_time_ms", *SPRING}
    assert {name for name, status in statuses.items() if status == Status.LIMITED} == between
    kept = last_statuses(Pairing(RUNNER, both_feet(200.0)).push(even_run(clock_u_s=0.0015)))
    assert set(kept.values()) == {Status.OK}


def test_a_measured_rate_far_from_the_nominal_one_limits_them() -> None:
    table = replace(even_run(), quality=np.full(12, Quality.RATE_OFF, np.uint16))
    assert set(last_statuses(Pairing(RUNNER, both_feet(200.0)).push(table)).values()) == {Status.LIMITED}


def test_stiffness_below_100_hz_does_not_need_the_contact_time_to_be_shown() -> None:
    table = even_run()
    columns = {**table.columns, "contact_time_ms": np.full(12, np.nan)}
    status = {**table.status, "contact_time_ms": np.full(12, Status.RATE_TOO_LOW, np.uint8)}
    found = Pairing(RUNNER, both_feet(50.0)).push(replace(table, columns=columns, status=status))
    assert found.columns["vertical_stiffness_kn_m"][-1] == pytest.approx(25.18, abs=0.01)  # METRICS.md 11.2


@pytest.mark.parametrize(
    ("k_dyn", "status"),
    [(1.0, Status.OK), (1.24, Status.OK), (0.76, Status.OK), (1.26, Status.LIMITED), (0.74, Status.LIMITED)],
)
def test_body_weights_are_limited_while_the_check_is_far_off(k_dyn: float, status: Status) -> None:
    """METRICS.md 1.4: 20 strides of impulses that should come to body weight times their time."""
    table = Pairing(RUNNER, both_feet(200.0)).push(even_run(60, impulse_bw_s=STEP_S / k_dyn))
    assert table.status["valr_bw_s"][-1] == status
    assert table.status["peak_force_bw"][-1] == status
    assert table.status["peak_force_n"][-1] == Status.OK
    assert table.status["valr_bw_s"][10] == Status.OK  # not known yet


def test_a_body_mass_found_by_the_check_is_not_checked_by_it() -> None:
    estimated = replace(RUNNER, body_mass_source="estimated")
    assert np.isnan(Pairing(estimated, both_feet(200.0)).push(even_run(60)).columns["k_dyn"]).all()
    known = Pairing(RUNNER, both_feet(200.0)).push(even_run(60)).columns["k_dyn"]
    assert known[-1] == pytest.approx(1.0)
